import pg from "pg"
import { isIdentifier, splitTableName } from "#lib/contracts/operators/table-name.ts"
import { assertNever } from "#lib/domain/assert-never.ts"
import { AppError } from "#lib/domain/errors.ts"
import { columnDefinitions, ensureSchema, hasIndexOn, isUniqueOn, lockCreation, readColumns } from "./catalog.ts"
import type { LoadCounts } from "./load-versions.ts"
import type { RowScope } from "./measure-checks.ts"
import { STAGE, type StageColumn } from "./partition-stage.ts"
import { quoteIdentifier, quoteList, quoteLiteral, quoteTable } from "./quote-identifier.ts"
import { SQL_STATE } from "./sql-state.ts"

/** Where the good rows of the stage go, and how. */
export interface PartitionWrite {
  table: string
  columns: readonly StageColumn[]
  keys: readonly string[]
  /** The partition by its column; null where the author named none. */
  scope: RowScope | null
  /** `replace` swaps the scope's rows, `replace_table` all there are. */
  mode: "replace" | "replace_table" | "merge" | "append"
}

/**
 * Creates the target, or adds the columns it lacks, and gives it the index that its way of writing relies on: unique keys
 * to merge, the partition column to replace.
 */
export async function ensureTarget(client: pg.ClientBase, write: PartitionWrite): Promise<void> {
  await ensureSchema(client, write.table)
  const table = quoteTable(write.table)
  if (!(await readColumns(client, write.table))) {
    await lockCreation(client, write.table)
    await client.query(`create table if not exists ${table} (${columnDefinitions(write.columns)})`)
  }
  const names = new Set((await readColumns(client, write.table))?.map((column) => column.name))
  for (const { name, type } of write.columns) {
    if (names.has(name)) continue
    await client.query(`alter table ${table} add column if not exists ${quoteIdentifier(name)} ${type}`)
  }
  if (write.mode === "merge" && !(await isUniqueOn(client, write.table, write.keys))) {
    await client.query(`create unique index on ${table} (${quoteList(write.keys)})`)
  }
  if (write.scope && !(await hasIndexOn(client, write.table, [write.scope.column]))) {
    await client.query(`create index on ${table} (${quoteIdentifier(write.scope.column)})`)
  }
}

/** Brings the stage's good rows into the target. Merging touches only rows that differ. */
export async function writePartition(client: pg.ClientBase, write: PartitionWrite): Promise<LoadCounts> {
  const columns = quoteList(write.columns.map(({ name }) => name))
  const good = `select ${write.columns.map(({ name, type }) => `${quoteIdentifier(name)}::${type}`).join(", ")}
       from ${STAGE} where _headrace_reason is null`
  const insert = `insert into ${quoteTable(write.table)} as t (${columns}) ${good}`
  switch (write.mode) {
    case "append": {
      const { rowCount } = await client.query(insert)
      return { inserted: rowCount ?? 0, updated: 0, deleted: 0 }
    }
    case "replace": {
      const deleted = await deleteScope(client, write)
      const { rowCount } = await client.query(insert)
      return { inserted: rowCount ?? 0, updated: 0, deleted }
    }
    case "replace_table": {
      // Not TRUNCATE: those who read the table meanwhile go on seeing what was there.
      const deleted = await client.query(`delete from ${quoteTable(write.table)}`)
      const { rowCount } = await client.query(insert)
      return { inserted: rowCount ?? 0, updated: 0, deleted: deleted.rowCount ?? 0 }
    }
    case "merge":
      return merge(client, write, insert)
    default:
      return assertNever(write.mode)
  }
}

async function deleteScope(client: pg.ClientBase, { table, scope }: PartitionWrite): Promise<number> {
  if (!scope) throw new AppError("internal", "A partition cannot be replaced without its column.")
  const column = quoteIdentifier(scope.column)
  const { rowCount } = await client.query(`delete from ${quoteTable(table)} where ${column} >= $1 and ${column} < $2`, [
    scope.from,
    scope.to,
  ])
  return rowCount ?? 0
}

async function merge(client: pg.ClientBase, write: PartitionWrite, insert: string): Promise<LoadCounts> {
  const values = write.columns.map(({ name }) => name).filter((name) => !write.keys.includes(name))
  const differs = `(${quoteList(values, "t.")}) is distinct from (${quoteList(values, "excluded.")})`
  const sets = values.map((name) => `${quoteIdentifier(name)} = excluded.${quoteIdentifier(name)}`)
  const update = values.length === 0 ? "do nothing" : `do update set ${sets.join(", ")} where ${differs}`
  const text = `with written as (${insert} on conflict (${quoteList(write.keys)}) ${update} returning t.xmax = 0 as is_new)
     select count(*) filter (where is_new) as inserted, count(*) filter (where not is_new) as updated from written`
  try {
    const { rows } = await client.query<{ inserted: string; updated: string }>(text)
    return { inserted: Number(rows[0]!.inserted), updated: Number(rows[0]!.updated), deleted: 0 }
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || error.code !== SQL_STATE.cardinalityViolation) throw error
    const message = `Two rows to merge into ${write.table} have the same ${write.keys.join(", ")}; make the query or transform give one.`
    throw new AppError("data.invalid_row", message, { kind: "data", cause: error })
  }
}

/**
 * Sets the rejected rows aside in `<table>__rejected`, in place of those that an earlier load of this partition left there.
 */
export async function quarantine(
  client: pg.ClientBase,
  write: PartitionWrite,
  load: { partitionKey: string; runId: string },
): Promise<void> {
  const { schema, name } = splitTableName(write.table)
  const side = `${schema}.${name}__rejected`
  if (!isIdentifier(`${name}__rejected`)) {
    const message = `The name of ${write.table} leaves no room for __rejected; shorten it to use onInvalid: "quarantine".`
    throw new AppError("pipeline.invalid", message, { kind: "config" })
  }
  if (!(await readColumns(client, side))) await lockCreation(client, side)
  await client.query(
    `create table if not exists ${quoteTable(side)} (
       partition_key text not null, line bigint not null, reason text not null, "row" jsonb not null,
       run_id bigint not null, rejected_at timestamptz not null default now(), primary key (partition_key, line))`,
  )
  await client.query(`delete from ${quoteTable(side)} where partition_key = $1`, [load.partitionKey])
  const fields = write.columns.map((column) => `${quoteLiteral(column.name)}, ${quoteIdentifier(column.name)}`)
  await client.query(
    // jsonb_build_object takes at most 50 pairs.
    `insert into ${quoteTable(side)} (partition_key, line, reason, "row", run_id)
     select $1, _headrace_line, _headrace_reason, coalesce(_headrace_raw::jsonb, ${inChunks(fields, 50)}), $2
       from ${STAGE} where _headrace_reason is not null`,
    [load.partitionKey, load.runId],
  )
}

function inChunks(pairs: readonly string[], size: number): string {
  const objects: string[] = []
  for (let from = 0; from < pairs.length; from += size) {
    objects.push(`jsonb_build_object(${pairs.slice(from, from + size).join(", ")})`)
  }
  return objects.join(" || ")
}
