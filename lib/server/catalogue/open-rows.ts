import type pg from "pg"
import type { SampleColumn } from "#lib/contracts/api/samples.ts"
import type { DatasetDocument } from "#lib/contracts/dataset-document.ts"
import { AppError } from "#lib/domain/errors.ts"
import { MASK } from "#lib/domain/mask.ts"
import { readColumns } from "#lib/engines/postgres/catalog.ts"
import { quoteIdentifier, quoteLiteral, quoteTable } from "#lib/engines/postgres/quote-identifier.ts"
import { readBounded } from "#lib/engines/postgres/read-bounded.ts"
import { readDocument, readTableEdges } from "#lib/store/read/lineage.ts"
import { columnCatalogue } from "./column-catalogue.ts"
import { maskedColumns } from "./masked-columns.ts"

/** Whose rows are looked at, and where. */
export interface RowsPlace {
  pool: pg.Pool
  warehouse: pg.Pool
  /** The dataset's id. */
  id: string
}

/** A table whose rows may be read, through a session that can do nothing else. */
export interface OpenRows {
  client: pg.PoolClient
  /** Quoted. */
  table: string
  columns: SampleColumn[]
  /** Expressions for a select list, one a column: what may be shown of each as text. */
  shown: string[]
}

/** The longest value that is shown whole. */
const MAX_VALUE_LENGTH = 500

/**
 * Lends the rows of a dataset to `work`; null where the warehouse has no such table. Masked values do not leave the database.
 * @throws AppError `dataset.not_found`, `engine.timeout`
 */
export async function openRows<Result>(
  { pool, warehouse, id }: RowsPlace,
  work: (rows: OpenRows, document: DatasetDocument | null) => Promise<Result>,
): Promise<Result | null> {
  const [connection, schema, name, ...rest] = id.split(".")
  const [document, catalogue, edges] = await Promise.all([
    readDocument(pool, id),
    columnCatalogue(pool),
    readTableEdges(pool),
  ])
  if (connection !== "warehouse" || !schema || !name || rest.length > 0) {
    throw new AppError("dataset.not_found", `Rows are shown of tables in the warehouse; ${id} is none.`)
  }
  const maskOf = maskedColumns(id, catalogue, edges)
  return readBounded(warehouse, connection, async (client) => {
    const found = await readColumns(client, `${schema}.${name}`)
    if (!found) return null
    const columns = found.map((column) => ({ name: column.name, type: column.type, maskedBy: maskOf(column.name) }))
    const shown = columns.map((column) =>
      column.maskedBy === null
        ? `left(${quoteIdentifier(column.name)}::text, ${MAX_VALUE_LENGTH})`
        : `case when ${quoteIdentifier(column.name)} is not null then ${quoteLiteral(MASK)} end`,
    )
    return work({ client, table: quoteTable(`${schema}.${name}`), columns, shown }, document)
  })
}

/** Rows of a query as lists of texts: two columns of one name would be one in an object. */
export async function readTexts(
  client: pg.PoolClient,
  text: string,
  values: unknown[] = [],
): Promise<(string | null)[][]> {
  const { rows } = await client.query<(string | null)[]>({ text, values, rowMode: "array" })
  return rows
}
