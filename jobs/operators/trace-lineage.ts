import { createHash } from "node:crypto"
import type pg from "pg"
import type { TracedDataset } from "#lib/contracts/dataset-lineage.ts"
import type { Catalogue, CatalogueColumn, RelationName } from "#lib/models/lineage/catalogue.ts"
import { type ColumnLineage, traceColumns } from "#lib/models/lineage/column-lineage.ts"
import { loadSqlParser, SqlSyntaxError } from "#lib/models/lineage/parse-sql.ts"

/**
 * Where the columns of a dataset come from, by the query that made it. Relations are taken for what they are in the session
 * now; those that are not there become gaps. What cannot be read says why, and fails nothing.
 */
export async function traceLineage(client: pg.ClientBase, dataset: string, sql: string): Promise<TracedDataset> {
  await loadSqlParser()
  try {
    return toTraced(dataset, sql, traceColumns(sql, await readCatalogue(client, [sql])))
  } catch (error) {
    if (!(error instanceof SqlSyntaxError)) throw error
    return { dataset, compiledSql: sql, lineage: null, problem: error.message, hash: "" }
  }
}

export function toTraced(dataset: string, compiledSql: string, lineage: ColumnLineage): TracedDataset {
  return { dataset, compiledSql, lineage, problem: null, hash: hashOf(lineage) }
}

/** Without places in the text: a query that moved has the same lineage. */
function hashOf({ gaps, ...rest }: ColumnLineage): string {
  const text = JSON.stringify({ ...rest, gaps: gaps.map(({ kind, name }) => [kind, name]) })
  return createHash("sha256").update(text).digest("hex")
}

/**
 * The relations that statements name, as they are in the session now. Each is traced once for the names alone, which is
 * cheaper than to describe a whole database. Temporary tables are nobody's datasets, and left out.
 */
export async function readCatalogue(client: pg.ClientBase, statements: readonly string[]): Promise<Catalogue> {
  const names = new Map<string, RelationName>()
  const collecting: Catalogue = {
    resolve(name) {
      names.set(keyOf(name), name)
      return null
    },
  }
  for (const sql of statements) traceColumns(sql, collecting)
  const asked = [...names.values()]
  const { rows } = await client.query<{ position: string; schema: string; name: string; columns: CatalogueColumn[] }>(
    // to_regclass looks along the search path as the query itself did.
    `select w.position, n.nspname as schema, c.relname as name, columns.list as columns
     from unnest($1::text[], $2::text[], $3::text[]) with ordinality as w (database, schema, name, position)
     join pg_catalog.pg_class c
       on c.oid = to_regclass(coalesce(quote_ident(w.schema) || '.', '') || quote_ident(w.name))
     join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     cross join lateral (
       select coalesce(jsonb_agg(jsonb_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod))
                order by a.attnum), '[]') as list
       from pg_catalog.pg_attribute a
       where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     ) columns
     where coalesce(w.database, current_database()) = current_database() and n.nspname !~ '^pg_temp_'`,
    [asked.map(({ database }) => database), asked.map(({ schema }) => schema), asked.map(({ name }) => name)],
  )
  const found = new Map(
    rows.map(({ position, schema, name, columns }) => [
      keyOf(asked[Number(position) - 1]!),
      { id: `warehouse.${schema}.${name}`, columns },
    ]),
  )
  return { resolve: (name: RelationName) => found.get(keyOf(name)) ?? null }
}

function keyOf({ database, schema, name }: RelationName): string {
  return JSON.stringify([database, schema, name])
}
