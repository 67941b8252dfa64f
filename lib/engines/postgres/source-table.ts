import type pg from "pg"
import { AppError } from "#lib/domain/errors.ts"
import { type Column, readColumns } from "./catalog.ts"
import { quoteIdentifier, quoteLiteral, quoteTable } from "./quote-identifier.ts"

/** Extra column of a reading: the hash of the row's values. */
export const HASH_COLUMN = "_headrace_hash"

/**
 * The wanted columns of a source's table, in the order wanted.
 *
 * @throws AppError `source.table_missing`; `source.column_missing` naming the columns that are gone and those there are.
 */
export async function describeSource(
  client: pg.ClientBase,
  connection: string,
  table: string,
  wanted: readonly string[],
): Promise<Column[]> {
  const columns = await readColumns(client, table)
  if (!columns) {
    const message = `Source "${connection}" has no table ${table} (or its role may not see it); correct the task's table or the source.`
    throw new AppError("source.table_missing", message, { kind: "config" })
  }
  const byName = new Map(columns.map((column) => [column.name, column]))
  const missing = wanted.filter((name) => !byName.has(name))
  if (missing.length > 0) {
    const named = missing.map((name) => `"${name}"`).join(", ")
    const existing = columns.map((column) => column.name).join(", ")
    const message = `Table ${table} of source "${connection}" has no column ${named}; it has ${existing}. Change the task's columns or restore the column.`
    throw new AppError("source.column_missing", message, { kind: "config", details: { table, missing } })
  }
  return wanted.map((name) => byName.get(name)!)
}

/** When a source was read, by its own clock, and up to when its rows are known to be complete. */
export interface SourceMoment {
  readAt: string
  /**
   * Start of the oldest transaction in flight, or the moment itself: rows stamped before it are all visible. Only sees
   * sessions that the role may see (`pg_read_all_stats` for all); the lookback covers the others.
   */
  completeUntil: string
}

/**
 * Begins a repeatable-read transaction for one consistent reading. The oldest transaction is looked for before the
 * snapshot is taken: one that ends in between is then visible, one that starts in between is younger than the bound.
 */
export async function beginReading(client: pg.ClientBase): Promise<SourceMoment> {
  const { rows: before } = await client.query<{ until: string }>(
    `select least(clock_timestamp(), min(xact_start))::text as until
       from pg_stat_activity
      where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()`,
  )
  await client.query("begin isolation level repeatable read read only")
  const { rows: moment } = await client.query<{ at: string }>("select clock_timestamp()::text as at")
  return { readAt: moment[0]!.at, completeUntil: before[0]!.until }
}

/** Lower end of an incremental reading: rows at or above `value − lookback`, and rows without a value. */
export interface ReadingBound {
  column: Column
  value: string
  lookbackMs: number
}

/**
 * The SELECT that reads a source: every column as its portable type, then the hash of its values. Literals are quoted
 * into the text because COPY takes no parameters.
 */
export async function readingQuery(
  client: pg.ClientBase,
  table: string,
  columns: readonly Column[],
  bound: ReadingBound | null,
): Promise<string> {
  const list = columns.map((column) => {
    const name = quoteIdentifier(column.name)
    return column.type === column.portableType ? name : `${name}::${column.portableType} as ${name}`
  })
  const hash = rowHash(columns, await serverVersion(client))
  return `select ${list.join(", ")}, ${hash} as ${quoteIdentifier(HASH_COLUMN)} from ${quoteTable(table)}${condition(bound)}`
}

function condition(bound: ReadingBound | null): string {
  if (!bound) return ""
  const column = quoteIdentifier(bound.column.name)
  const from = `${quoteLiteral(bound.value)}::${bound.column.portableType} - interval '${bound.lookbackMs} milliseconds'`
  return ` where ${column} >= ${from} or ${column} is null`
}

async function serverVersion(client: pg.ClientBase): Promise<number> {
  const { rows } = await client.query<{ version: number }>(
    "select current_setting('server_version_num')::integer as version",
  )
  return rows[0]!.version
}

/** Types whose hash tells any two values apart that look different. Others are hashed as their text. */
const HASHED_AS_THEY_ARE = new Set([
  "bigint",
  "integer",
  "smallint",
  "boolean",
  "numeric",
  "double precision",
  "real",
  "date",
  "timestamp with time zone",
  "timestamp without time zone",
  "time without time zone",
  "uuid",
  "bytea",
])

/**
 * SQL for a 64-bit hash of a row's values, computed by the source so that it costs the warehouse nothing. It is compared
 * only between versions of one key, where a collision is a chance of 2⁻⁶⁴ a change. `hash_record_extended` came with
 * PostgreSQL 14; before it, MD5 serves, at some five times the cost. Text is hashed by its bytes (collation "C"): a
 * case-insensitive collation would take "a" and "A" for equal.
 */
export function rowHash(columns: readonly Column[], version: number): string {
  const values = columns.map((column) => {
    const name = quoteIdentifier(column.name)
    const base = column.type.replace(/\(.*?\)/, "")
    return HASHED_AS_THEY_ARE.has(base) ? name : `${name}::text collate "C"`
  })
  const row = `row(${values.join(", ")})`
  if (version >= 140_000) return `hash_record_extended(${row}, 0)`
  return `('x' || left(md5(${row}::text), 16))::bit(64)::bigint`
}
