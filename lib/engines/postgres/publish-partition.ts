import pg from "pg"
import { isIdentifier, splitTableName } from "#lib/contracts/operators/identifier.ts"
import { assertNever } from "#lib/domain/assert-never.ts"
import { AppError } from "#lib/domain/errors.ts"
import { columnDefinitions, ensureSchema, hasIndexOn, isUniqueOn, lockCreation, readColumns } from "./catalog.ts"
import type { LoadCounts } from "./load-versions.ts"
import { STAGE, type StageColumn } from "./partition-stage.ts"
import { quoteIdentifier, quoteList, quoteLiteral, quoteTable } from "./quote-identifier.ts"
import { type RowScope, scopeConditions } from "./row-scope.ts"
import { SQL_STATE } from "./sql-state.ts"

/** Where the good rows of the stage go, and how. */
export interface PartitionWrite {
  table: string
  columns: readonly StageColumn[]
  keys: readonly string[]
  /** The partition by its columns; null where the author named none. */
  scope: RowScope | null
  /** Where the partitions of a load of several begin in the scope's range; null for a load of one. */
  bounds?: readonly string[] | null
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
  const scoped = [write.scope?.key?.column, write.scope?.range?.column].filter((column) => column !== undefined)
  if (scoped.length > 0 && !(await hasIndexOn(client, write.table, scoped))) {
    await client.query(`create index on ${table} (${quoteList(scoped)})`)
  }
}

/** What a load did to each partition, in the order of its bounds. */
export interface PartCounts {
  total: LoadCounts
  parts: LoadCounts[] | null
}

/** Brings the stage's good rows into the target, and counts them by partition where it loads several. */
export async function writeParts(client: pg.ClientBase, write: PartitionWrite): Promise<PartCounts> {
  const { bounds, scope } = write
  if (!bounds || bounds.length < 2 || !scope?.range) return { total: await writePartition(client, write), parts: null }
  const stagedBefore = await countParts(client, write, STAGE, "where _headrace_reason is null")
  const heldBefore = await countParts(client, write, quoteTable(write.table), whereScope(scope))
  const total = await writePartition(client, write)
  const heldAfter = await countParts(client, write, quoteTable(write.table), whereScope(scope))
  const parts = bounds.map((_, part): LoadCounts => {
    const [staged, before, after] = [stagedBefore[part]!, heldBefore[part]!, heldAfter[part]!]
    if (write.mode === "replace") return { inserted: staged, updated: 0, deleted: before }
    // A merge moves no row between partitions that it has not staged: what is more than before is new.
    return { inserted: Math.max(0, after - before), updated: 0, deleted: 0 }
  })
  if (write.mode === "merge") parts[0]!.updated = total.updated
  return { total, parts }
}

interface Condition {
  text: string
  values: string[]
}

function whereScope(scope: RowScope): Condition {
  const values: string[] = []
  // $1 is the bounds'.
  const conditions = scopeConditions(scope, (value) => `$${values.push(value) + 1}`)
  return { text: `where ${conditions.join(" and ")}`, values }
}

async function countParts(
  client: pg.ClientBase,
  { columns, scope, bounds }: PartitionWrite,
  table: string,
  where: Condition | string,
): Promise<number[]> {
  const { name, type } = columns.find((column) => column.name === scope!.range!.column)!
  const { text, values } = typeof where === "string" ? { text: where, values: [] } : where
  const { rows } = await client.query<{ part: number; count: string }>(
    `select width_bucket(${quoteIdentifier(name)}::${type}, $1::${type}[]) as part, count(*) as count
       from ${table} ${text}
      group by 1`,
    [bounds, ...values],
  )
  const counts = new Map(rows.map((row) => [row.part, Number(row.count)]))
  return bounds!.map((_, part) => counts.get(part + 1) ?? 0)
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
  const values: string[] = []
  const conditions = scopeConditions(scope, (value) => `$${values.push(value)}`)
  // Without a condition it would be the whole table.
  if (conditions.length === 0) throw new AppError("internal", "A partition cannot be replaced without its column.")
  const { rowCount } = await client.query(`delete from ${quoteTable(table)} where ${conditions.join(" and ")}`, values)
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
 * Sets the rejected rows aside in `<table>__rejected`, in place of those that an earlier load of these partitions left
 * there. Rows of a load of several stand with the first: where one belongs is just what may be wrong with it.
 */
export async function quarantine(
  client: pg.ClientBase,
  write: PartitionWrite,
  load: { partitionKeys: readonly string[]; runId: string },
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
  await client.query(`delete from ${quoteTable(side)} where partition_key = any ($1::text[])`, [load.partitionKeys])
  const fields = write.columns.map((column) => `${quoteLiteral(column.name)}, ${quoteIdentifier(column.name)}`)
  await client.query(
    // jsonb_build_object takes at most 50 pairs.
    `insert into ${quoteTable(side)} (partition_key, line, reason, "row", run_id)
     select $1, _headrace_line, _headrace_reason, coalesce(_headrace_raw::jsonb, ${inChunks(fields, 50)}), $2
       from ${STAGE} where _headrace_reason is not null`,
    [load.partitionKeys[0], load.runId],
  )
}

function inChunks(pairs: readonly string[], size: number): string {
  const objects: string[] = []
  for (let from = 0; from < pairs.length; from += size) {
    objects.push(`jsonb_build_object(${pairs.slice(from, from + size).join(", ")})`)
  }
  return objects.join(" || ")
}
