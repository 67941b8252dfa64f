import type pg from "pg"
import type { z } from "zod"
import type { diffRequestSchema, diffSideSchema, TableDiffView } from "#lib/contracts/api/diff.ts"
import type { DatasetDocument } from "#lib/contracts/dataset-document.ts"
import { AppError } from "#lib/domain/errors.ts"
import { MASK } from "#lib/domain/mask.ts"
import { readColumns, readPrimaryKey } from "#lib/engines/postgres/catalog.ts"
import { type DiffRow, type DiffSide, diffTables } from "#lib/engines/postgres/diff-tables.ts"
import { readBounded } from "#lib/engines/postgres/read-bounded.ts"
import { readDocument, readTableEdges } from "#lib/store/read/lineage.ts"
import { columnCatalogue } from "./column-catalogue.ts"
import { type MaskOf, maskedColumns } from "./masked-columns.ts"

/** Somebody waits for it; what takes longer is asked for a part at a time. */
const TIMEOUT_MS = 60_000

type Request = z.output<typeof diffRequestSchema>
type SideRequest = z.output<typeof diffSideSchema>

interface OpenSide extends DiffSide {
  document: DatasetDocument | null
  maskOf: MaskOf
}

/**
 * Compares two sets of rows of the warehouse, read-only and in one snapshot. Of masked columns it is said how many rows differ,
 * and no value.
 *
 * @throws AppError `dataset.not_found`, `dataset.no_history`, `request.invalid` where columns or keys do not fit,
 * `engine.timeout`.
 */
export async function diffDatasets(
  { pool, warehouse, signal }: { pool: pg.Pool; warehouse: pg.Pool; signal?: AbortSignal },
  request: Request,
): Promise<TableDiffView> {
  const started = performance.now()
  return readBounded(
    warehouse,
    "warehouse",
    async (client) => {
      const left = await openSide(pool, client, request.left)
      const right = await openSide(pool, client, request.right)
      const keys = await keysOf(client, request, left, right)
      const columns = columnsOf(request, keys, left, right)
      const maskedBy = (name: string) => left.maskOf(name) ?? right.maskOf(name)
      const { samples, ...diff } = await diffTables(client, { left, right }, { keys, columns }, request.limit)
      const type = (side: OpenSide, name: string) => side.columns.find((column) => column.name === name)!.type
      return {
        ...diff,
        keys,
        isEqual: diff.onlyLeft + diff.onlyRight + diff.changed === 0,
        columns: diff.columns.map(({ name, changed }) => ({
          name,
          changed,
          leftType: type(left, name),
          rightType: type(right, name),
          maskedBy: maskedBy(name),
        })),
        columnsOnlyLeft: missingIn(right, left),
        columnsOnlyRight: missingIn(left, right),
        samples: samples.map((row) => masked(row, keys, maskedBy)),
        seconds: Math.round(performance.now() - started) / 1_000,
      }
    },
    { timeoutMs: TIMEOUT_MS, ...(signal && { signal }) },
  )
}

async function openSide(pool: pg.Pool, client: pg.PoolClient, side: SideRequest): Promise<OpenSide> {
  const [connection, schema, name, ...rest] = side.dataset.split(".")
  if (connection !== "warehouse" || !schema || !name || rest.length > 0) {
    throw new AppError("dataset.not_found", `Tables of the warehouse are compared; ${side.dataset} is none.`)
  }
  const table = `${schema}.${name}`
  const columns = await readColumns(client, table)
  if (!columns) throw new AppError("dataset.not_found", `The warehouse has no table ${table}.`)
  const [document, catalogue, edges] = await Promise.all([
    readDocumentOf(pool, side.dataset),
    columnCatalogue(pool),
    readTableEdges(pool),
  ])
  const maskOf = maskedColumns(side.dataset, catalogue, edges)
  for (const { column } of side.where) {
    if (!columns.some((one) => one.name === column)) throw unknownColumn(table, column)
    // Else a guess would be confirmed.
    if (maskOf(column) !== null)
      throw new AppError("request.invalid", `${column} is masked, so rows are not chosen by it.`)
  }
  return { table, columns, where: side.where, asOf: asOf(side, columns, document), document, maskOf }
}

/** A table that nobody declared may be compared, too. */
async function readDocumentOf(pool: pg.Pool, id: string): Promise<DatasetDocument | null> {
  return readDocument(pool, id).catch((error: unknown) => {
    if (error instanceof AppError && error.code === "dataset.not_found") return null
    throw error
  })
}

function asOf(side: SideRequest, columns: DiffSide["columns"], document: DatasetDocument | null): DiffSide["asOf"] {
  if (side.asOf === undefined) return null
  const find = (written: string | undefined) =>
    columns.find(({ name }) => name.toLowerCase() === written?.replace(/^"(.*)"$/, "$1").toLowerCase())?.name
  const [from, until] = [find(document?.snapshot?.validFrom), find(document?.snapshot?.validTo)]
  const deleted = find(document?.snapshot?.isDeleted ?? undefined) ?? null
  if (from !== undefined && until !== undefined) return { from, until, deleted, at: side.asOf }
  const message = `${side.dataset} keeps no versions of its rows, so there is none of ${side.asOf}; leave the time out.`
  throw new AppError("dataset.no_history", message)
}

async function keysOf(client: pg.PoolClient, request: Request, left: OpenSide, right: OpenSide): Promise<string[]> {
  const isIn = (side: OpenSide, name: string) => side.columns.some((column) => column.name === name)
  for (const side of [left, right]) {
    const missing = request.keys.find((key) => !isIn(side, key))
    if (missing !== undefined) throw unknownColumn(side.table, missing)
  }
  if (request.keys.length > 0) return [...new Set(request.keys)]
  for (const keys of [left.document?.snapshot?.keys ?? [], await readPrimaryKey(client, left.table)]) {
    if (keys.length > 0 && keys.every((key) => isIn(left, key) && isIn(right, key))) return keys
  }
  const message = `${left.table} has no primary key that both sides have; name the columns that tell rows apart.`
  throw new AppError("request.invalid", message)
}

/** Columns about the version of a row differ always; they are compared when they are asked for. */
function columnsOf(request: Request, keys: readonly string[], left: OpenSide, right: OpenSide): string[] {
  const shared = left.columns
    .map(({ name }) => name)
    .filter((name) => right.columns.some((other) => other.name === name))
  const unknown = request.columns.find((name) => !shared.includes(name))
  if (unknown !== undefined) throw unknownColumn(`${left.table} or ${right.table}`, unknown)
  const versions = new Set(
    [left, right].flatMap(({ document }) => document?.snapshot?.bookkeeping ?? []).map((name) => name.toLowerCase()),
  )
  const wanted =
    request.columns.length > 0 ? request.columns : shared.filter((name) => !versions.has(name.toLowerCase()))
  return wanted.filter((name) => !keys.includes(name))
}

function unknownColumn(table: string, column: string): AppError {
  return new AppError("request.invalid", `There is no column ${column} in ${table}.`)
}

function missingIn(side: OpenSide, other: OpenSide): string[] {
  return other.columns.map(({ name }) => name).filter((name) => !side.columns.some((column) => column.name === name))
}

function masked(row: DiffRow, keys: readonly string[], maskedBy: (name: string) => string | null): DiffRow {
  const hide = (value: string | null, name: string) => (value === null || maskedBy(name) === null ? value : MASK)
  return {
    kind: row.kind,
    isRepeated: row.isRepeated,
    key: row.key.map((value, place) => hide(value, keys[place]!)),
    values: row.values.map(({ column, left, right }) => ({
      column,
      left: hide(left, column),
      right: hide(right, column),
    })),
  }
}
