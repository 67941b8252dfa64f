import pg from "pg"
import type { TaskResultInput } from "#lib/contracts/task-result.ts"
import { AppError } from "#lib/domain/errors.ts"
import { type Column, columnDefinitions, countIfSmall, ensureSchema, readColumns, schemaHash } from "./catalog.ts"
import { copyBetween } from "./copy.ts"
import { type Execution, findPublished } from "./ledger.ts"
import { appendVersions, type LoadCounts, upsertRows } from "./load-versions.ts"
import { type Published, publish, publishInside } from "./publish.ts"
import { quoteIdentifier, quoteList, quoteTable } from "./quote-identifier.ts"
import {
  createRawTable,
  fitRawTable,
  type LoadStamp,
  METADATA_COLUMNS,
  moveRawTable,
  nextVersion,
  type RawKeeping,
  rawColumns,
} from "./raw-table.ts"
import { inTransaction } from "./session.ts"
import { beginReading, describeSource, HASH_COLUMN, readingQuery, type SourceMoment } from "./source-table.ts"
import { SQL_STATE } from "./sql-state.ts"
import { ensureWarehouseSchema } from "./warehouse-schema.ts"
import { advanceWatermark, readWatermark } from "./watermark.ts"

/** What to bring from where to where. Tables are `schema.name`; `sourceName` and `dataset` begin with the connection. */
export interface ExtractPlan {
  execution: Execution
  sourceName: string
  dataset: string
  table: string
  into: string
  columns: readonly string[]
  keys: readonly string[]
  keeping: RawKeeping
  markDeleted: boolean
  incremental: { column: string; lookbackMs: number } | null
  log: (message: string) => void
  warn: (message: string) => void
  /** Looks at what was written before anybody else sees it; what it throws leaves the old data. */
  check: (loaded: TaskResultInput) => Promise<TaskResultInput>
}

export interface ExtractEnd {
  client: pg.ClientBase
  connection: string
}

/** A reading under way: what is being copied and from which moment it is. */
interface Reading {
  columns: Column[]
  moment: SourceMoment
  query: string
  /** Watermark it started from; null for a reading of everything. */
  since: string | null
  startedMs: number
}

/**
 * Reads a source's table and publishes the difference in a raw table, once for each execution.
 *
 * The first load fills a table of its own and moves it into place, which costs no more than the COPY; later ones stage
 * into a temporary table and compare. Both leave nothing behind when they fail.
 */
export async function extractTable(source: ExtractEnd, warehouse: ExtractEnd, plan: ExtractPlan): Promise<Published> {
  await ensureWarehouseSchema(warehouse.client)
  const earlier = await findPublished(warehouse.client, plan.execution)
  if (earlier) return { kind: "already_published", result: earlier }
  const columns = await describeSource(source.client, source.connection, plan.table, plan.columns)
  const existing = await readColumns(warehouse.client, plan.into)
  const since = await watermarkOf(warehouse.client, plan, columns, existing)
  const moment = await beginReading(source.client)
  const bound = boundOf(plan, columns, since)
  const query = await readingQuery(source.client, plan.table, columns, bound)
  plan.log(bound ? `Reading ${plan.sourceName} from ${since} less the lookback.` : `Reading all of ${plan.sourceName}.`)
  const reading = { columns, moment, query, since, startedMs: performance.now() }
  const load = existing ? loadDifference : loadFirst
  return load(source, warehouse, plan, reading)
}

function boundOf(plan: ExtractPlan, columns: readonly Column[], since: string | null) {
  if (!plan.incremental || since === null) return null
  const column = columns.find(({ name }) => name === plan.incremental?.column)!
  return { column, value: since, lookbackMs: plan.incremental.lookbackMs }
}

/** The watermark to start from; null reads everything: in full mode, at first, and when a column is new to the table. */
async function watermarkOf(
  client: pg.ClientBase,
  plan: ExtractPlan,
  columns: readonly Column[],
  existing: readonly Column[] | null,
): Promise<string | null> {
  if (!plan.incremental) return null
  const { column: name } = plan.incremental
  const column = columns.find((each) => each.name === name)!
  if (!/^(date|timestamp)/.test(column.portableType)) {
    const message = `Watermark column "${name}" of ${plan.sourceName} is ${column.type}; incremental reading needs a timestamp or date. Use mode "full".`
    throw new AppError("pipeline.invalid", message, { kind: "config" })
  }
  if (!existing) return null
  const known = new Set(existing.map((each) => each.name))
  const added = columns.filter((each) => !known.has(each.name)).map((each) => each.name)
  if (added.length > 0) {
    plan.log(`New in ${plan.into}: ${added.join(", ")}. All rows are read once, to fill it.`)
    return null
  }
  const watermark = await readWatermark(client, plan.dataset, plan.sourceName, name)
  return watermark?.value ?? null
}

async function loadFirst(
  source: ExtractEnd,
  warehouse: ExtractEnd,
  plan: ExtractPlan,
  reading: Reading,
): Promise<Published> {
  const { client } = warehouse
  const filled = `headrace.load_${plan.execution.token}`
  // One transaction from beginning to end: should this process die, nobody has to clean up after it.
  return inTransaction(client, "begin", async () => {
    const stamp = { version: await nextVersion(client), runId: plan.execution.runId }
    await createRawTable(client, filled, reading.columns, plan.keys, stamp)
    const copied = await copyReading(source, warehouse, plan, reading, quoteTable(filled))
    // What reads the table next would else plan without statistics until autovacuum comes by.
    await client.query(`analyze ${quoteTable(filled)}`)
    let isMoved = false
    const published = await publishInside(client, plan.execution, [{ dataset: plan.dataset, partitionKey: null }], () =>
      asDataError(plan, async () => {
        const watermark = await moveWatermark(client, plan, reading, quoteTable(filled))
        await ensureSchema(client, plan.into)
        const appeared = await readColumns(client, plan.into)
        if (!appeared) {
          await moveRawTable(client, filled, plan.into, plan.keys, plan.keeping)
          isMoved = true
          const counts = { inserted: copied.rows, updated: 0, deleted: 0 }
          return plan.check(await resultOf(client, plan, reading, copied, counts, watermark))
        }
        const counts = await publishDifference(client, plan, reading, quoteTable(filled), copied.rows, appeared)
        return plan.check(await resultOf(client, plan, reading, copied, counts, watermark))
      }),
    )
    if (!isMoved) await client.query(`drop table ${quoteTable(filled)}`)
    return published
  })
}

async function loadDifference(
  source: ExtractEnd,
  warehouse: ExtractEnd,
  plan: ExtractPlan,
  reading: Reading,
): Promise<Published> {
  const { client } = warehouse
  const definitions = [...rawColumns(reading.columns, plan.keys), METADATA_COLUMNS[0]]
  await client.query(`create temporary table headrace_stage (${columnDefinitions(definitions)})`)
  const stage = "pg_temp.headrace_stage"
  const copied = await copyReading(source, warehouse, plan, reading, stage)
  await client.query(`analyze ${stage}`)
  return publish(client, plan.execution, [{ dataset: plan.dataset, partitionKey: null }], () =>
    asDataError(plan, async () => {
      const watermark = await moveWatermark(client, plan, reading, stage)
      const existing = await readColumns(client, plan.into)
      if (!existing) throw disappeared(plan.into)
      const counts = await publishDifference(client, plan, reading, stage, copied.rows, existing)
      return plan.check(await resultOf(client, plan, reading, copied, counts, watermark))
    }),
  )
}

interface Copied {
  rows: number
  bytes: number
}

/** Between two lines of progress in the log. */
const PROGRESS_MS = 5_000

async function copyReading(
  source: ExtractEnd,
  warehouse: ExtractEnd,
  plan: ExtractPlan,
  reading: Reading,
  stage: string,
): Promise<Copied> {
  const columns = quoteList([...plan.columns, HASH_COLUMN])
  let saidMs = performance.now()
  const copied = await copyBetween(
    // Binary: both sides have the same built-in types, and neither prints nor parses (twice the speed of text).
    { ...source, statement: `copy (${reading.query}) to stdout (format binary)` },
    { ...warehouse, statement: `copy ${stage} (${columns}) from stdin (format binary)` },
    (bytes) => {
      const now = performance.now()
      if (now - saidMs < PROGRESS_MS) return
      saidMs = now
      plan.log(`${Math.round(bytes / 1_048_576)} MB read.`)
    },
  )
  await source.client.query("commit")
  plan.log(`${copied.rows} rows read, ${Math.round(copied.bytes / 1024)} kB.`)
  return copied
}

/** Makes the table fit, then appends or upserts. Memory for sorting is bounded by the server, as set here. */
async function publishDifference(
  client: pg.ClientBase,
  plan: ExtractPlan,
  reading: Reading,
  stage: string,
  stagedRows: number,
  existing: readonly Column[],
): Promise<LoadCounts> {
  warnOfTypes(plan, reading.columns, existing)
  await client.query("set local work_mem = '64MB'")
  await fitRawTable(client, plan.into, existing, reading.columns, plan.keys, plan.keeping)
  if (plan.markDeleted && stagedRows === 0) plan.warn(`${plan.sourceName} is empty: all keys are marked as deleted.`)
  const stamp: LoadStamp = { version: await nextVersion(client), runId: plan.execution.runId }
  const load = { ...plan, stage, stagedRows, table: plan.into, stamp }
  return plan.keeping === "append" ? appendVersions(client, load) : upsertRows(client, load)
}

function warnOfTypes(plan: ExtractPlan, columns: readonly Column[], existing: readonly Column[]): void {
  for (const column of columns) {
    const target = existing.find(({ name }) => name === column.name)
    if (!target || target.type === column.portableType) continue
    plan.warn(`Column "${column.name}" is ${column.type} in ${plan.sourceName} but ${target.type} in ${plan.into}.`)
  }
}

interface MovedWatermark {
  source: string
  column: string
  before: string | null
  after: string
}

/** Stores how far this reading got. In full mode only its moment, which keeps loads in the order they were read in. */
async function moveWatermark(
  client: pg.ClientBase,
  plan: ExtractPlan,
  reading: Reading,
  stage: string,
): Promise<MovedWatermark | null> {
  const { readAt } = reading.moment
  if (!plan.incremental) {
    await advanceWatermark(client, plan.dataset, plan.sourceName, { column: "", value: null, readAt })
    return null
  }
  const { column } = plan.incremental
  const type = reading.columns.find(({ name }) => name === column)!.portableType
  const { rows } = await client.query<{ value: string | null }>(
    // Of an empty reading, least() would make the moment itself the watermark and jump over rows that come in late.
    `select case when max(c) is null then $1::${type} else greatest($1, least(max(c), $2::timestamptz::${type})) end::text
            as value
       from (select ${quoteIdentifier(column)} as c from ${stage}) as s`,
    [reading.since, reading.moment.completeUntil],
  )
  const after = rows[0]!.value
  await advanceWatermark(client, plan.dataset, plan.sourceName, { column, value: after, readAt })
  return after === null ? null : { source: plan.sourceName, column, before: reading.since, after }
}

async function resultOf(
  client: pg.ClientBase,
  plan: ExtractPlan,
  reading: Reading,
  copied: Copied,
  counts: LoadCounts,
  watermark: MovedWatermark | null,
): Promise<TaskResultInput> {
  const columns = (await readColumns(client, plan.into)) ?? []
  const shape = columns.map(({ name, type }) => ({ name, type }))
  const seconds = Math.round(performance.now() - reading.startedMs) / 1_000
  const numbers = {
    rowsRead: copied.rows,
    rowsInserted: counts.inserted,
    rowsUpdated: counts.updated,
    rowsDeleted: counts.deleted,
  }
  plan.log(`${counts.inserted} rows inserted, ${counts.updated} updated, ${counts.deleted} marked as deleted.`)
  return {
    outputs: { ...numbers, watermark: watermark?.after ?? null },
    metrics: { ...numbers, bytes: copied.bytes, durationSeconds: seconds },
    materializations: [
      {
        dataset: plan.dataset,
        rowsInserted: counts.inserted,
        rowsUpdated: counts.updated,
        rowsDeleted: counts.deleted,
        rowsTotal: await countIfSmall(client, plan.into),
        bytes: copied.bytes,
        durationSeconds: seconds,
        columns: shape,
        schemaHash: schemaHash(shape),
        watermark,
      },
    ],
  }
}

/** Two rows of one key in one reading: Postgres refuses them in two ways, both mean that the keys are wrong. */
async function asDataError<Result>(plan: ExtractPlan, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    const states: string[] = [SQL_STATE.uniqueViolation, SQL_STATE.cardinalityViolation]
    if (!(error instanceof pg.DatabaseError) || !states.includes(error.code ?? "")) throw error
    const message = `Two rows of ${plan.sourceName} have the same ${plan.keys.join(", ")}; name keys that tell all rows apart.`
    throw new AppError("data.invalid_row", message, { kind: "data", cause: error })
  }
}

function disappeared(table: string): AppError {
  const message = `Table ${table} was dropped while it was being loaded; it is loaded again from the start.`
  return new AppError("sql.failed", message, { kind: "transient", retry: "later" })
}
