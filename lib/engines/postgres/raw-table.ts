import type pg from "pg"
import { splitTableName } from "#lib/contracts/operators/identifier.ts"
import { AppError } from "#lib/domain/errors.ts"
import { type Column, columnDefinitions, hasIndexOn, isUniqueOn } from "./catalog.ts"
import { quoteIdentifier, quoteList, quoteTable } from "./quote-identifier.ts"
import { HASH_COLUMN } from "./source-table.ts"

/** How a raw table keeps rows: every version of a key, or its newest alone. */
export type RawKeeping = "append" | "upsert"

/** What Headrace adds to each row of a raw table. */
export const METADATA_COLUMNS = [
  { name: HASH_COLUMN, type: "bigint", notNull: true },
  /** Grows with each load; the largest of a key is its newest version. */
  { name: "_headrace_version", type: "bigint", notNull: true },
  { name: "_headrace_loaded_at", type: "timestamp with time zone", notNull: true },
  { name: "_headrace_run_id", type: "bigint", notNull: true },
  /** The key was gone from the source when this was loaded. */
  { name: "_headrace_deleted", type: "boolean", notNull: true },
] as const

/** A stage or raw table's data columns as they are created from a source's. */
export function rawColumns(columns: readonly Column[], keys: readonly string[]) {
  return columns.map(({ name, portableType }) => ({ name, type: portableType, notNull: keys.includes(name) }))
}

/** Values that all rows of one load share. */
export interface LoadStamp {
  version: string
  runId: string
}

/** A number larger than that of every load before it in this warehouse, whatever becomes of Headrace's metadata. */
export async function nextVersion(client: pg.ClientBase): Promise<string> {
  const { rows } = await client.query<{ version: string }>("select nextval('headrace.load_version')::text as version")
  return rows[0]!.version
}

/** Creates a raw table under a name of its own, to be filled and moved into place; its defaults carry the stamp. */
export async function createRawTable(
  client: pg.ClientBase,
  table: string,
  columns: readonly Column[],
  keys: readonly string[],
  stamp: LoadStamp,
): Promise<void> {
  const name = quoteTable(table)
  const all = [...rawColumns(columns, keys), ...METADATA_COLUMNS]
  await client.query(`create table ${name} (${columnDefinitions(all)})`)
  await client.query(
    `alter table ${name}
       alter _headrace_version set default ${BigInt(stamp.version)},
       alter _headrace_loaded_at set default now(),
       alter _headrace_run_id set default ${BigInt(stamp.runId)},
       alter _headrace_deleted set default false`,
  )
}

/** Moves a freshly filled raw table to its place and gives it its key. */
export async function moveRawTable(
  client: pg.ClientBase,
  from: string,
  to: string,
  keys: readonly string[],
  keeping: RawKeeping,
): Promise<void> {
  const { schema, name } = splitTableName(to)
  await client.query(
    `alter table ${quoteTable(from)}
       alter _headrace_version drop default, alter _headrace_loaded_at drop default,
       alter _headrace_run_id drop default, alter _headrace_deleted set default false`,
  )
  await client.query(`alter table ${quoteTable(from)} rename to ${quoteIdentifier(name)}`)
  const renamed = `${splitTableName(from).schema}.${name}`
  if (splitTableName(from).schema !== schema) {
    await client.query(`alter table ${quoteTable(renamed)} set schema ${quoteIdentifier(schema)}`)
  }
  await createKey(client, to, keys, keeping)
}

/**
 * Makes an existing raw table fit: adds columns that are wanted and missing, and its key. Returns its columns and which
 * were added.
 *
 * @throws AppError `pipeline.invalid` for a table that extract did not make or that keeps rows the other way.
 */
export async function fitRawTable(
  client: pg.ClientBase,
  table: string,
  existing: readonly Column[],
  wanted: readonly Column[],
  keys: readonly string[],
  keeping: RawKeeping,
): Promise<{ added: string[] }> {
  const names = new Set(existing.map((column) => column.name))
  if (METADATA_COLUMNS.some((column) => !names.has(column.name))) {
    const message = `Table ${table} exists but was not made by extract; name another table in "into", or drop it.`
    throw new AppError("pipeline.invalid", message, { kind: "config" })
  }
  const missing = wanted.filter((column) => !names.has(column.name))
  for (const column of missing) {
    await client.query(
      `alter table ${quoteTable(table)} add column if not exists ${quoteIdentifier(column.name)} ${column.portableType}`,
    )
  }
  const keepsNewestOnly = await isUniqueOn(client, table, keys)
  if (keeping === "append" && keepsNewestOnly) {
    const message = `Table ${table} keeps one row a key, so write: "append" cannot add versions; load into another table.`
    throw new AppError("pipeline.invalid", message, { kind: "config" })
  }
  const hasKey = keeping === "upsert" ? keepsNewestOnly : await hasIndexOn(client, table, keys)
  if (!hasKey) await createKey(client, table, keys, keeping)
  return { added: missing.map((column) => column.name) }
}

/** For `append` the key also serves the look-up of newest versions, and refuses two rows of a key in one load. */
async function createKey(client: pg.ClientBase, table: string, keys: readonly string[], keeping: RawKeeping) {
  await client.query(
    keeping === "append"
      ? `create unique index on ${quoteTable(table)} (${quoteList(keys)}, _headrace_version desc)`
      : `alter table ${quoteTable(table)} add primary key (${quoteList(keys)})`,
  )
}
