import pg from "pg"
import { taskCall } from "#jobs/author/task-call.ts"
import { zoneOf } from "#lib/contracts/manifest-schedule.ts"
import { type PartitionLoadOptions, partitionLoadOptionsSchema } from "#lib/contracts/operators/partition-load.ts"
import type { TaskResultInput } from "#lib/contracts/task-result.ts"
import { AppError } from "#lib/domain/errors.ts"
import { partitionsBetween } from "#lib/domain/partition.ts"
import { partitionScheme } from "#lib/domain/partition-scheme.ts"
import { type BoundStatement, bindParameters } from "#lib/engines/postgres/bind-parameters.ts"
import { copyInto } from "#lib/engines/postgres/copy.ts"
import { findPublished } from "#lib/engines/postgres/ledger.ts"
import type { LoadCounts } from "#lib/engines/postgres/load-versions.ts"
import { partitionBounds, partitionRange } from "#lib/engines/postgres/partition-scope.ts"
import {
  createStage,
  firstReasons,
  judgeStage,
  resolveColumns,
  type StageColumn,
  stageCopyStatement,
} from "#lib/engines/postgres/partition-stage.ts"
import { publish } from "#lib/engines/postgres/publish.ts"
import { ensureTarget, type PartitionWrite, quarantine, writeParts } from "#lib/engines/postgres/publish-partition.ts"
import type { RowScope } from "#lib/engines/postgres/row-scope.ts"
import { inTransaction } from "#lib/engines/postgres/session.ts"
import { translateError } from "#lib/engines/postgres/translate-error.ts"
import { ensureWarehouseSchema } from "#lib/engines/postgres/warehouse-schema.ts"
import type { CheckedTable } from "#lib/quality/check-table.ts"
import { automaticBinds, automaticTypes } from "./automatic-binds.ts"
import { bindableParams } from "./bindable-params.ts"
import { loadResult, sharedByPartitions } from "./load-result.ts"
import { defineOperator, type OperatorContext } from "./operator.ts"
import { CURSOR_PREFIX, openCursor, SkippedByAuthor, stageRows } from "./partition-rows.ts"
import { withPolicyChecks } from "./policy-checks.ts"
import { gateError, runChecks } from "./run-checks.ts"
import { executionOf, withTaskSession } from "./task-session.ts"

type LoadContext = OperatorContext<PartitionLoadOptions>

const WAREHOUSE = "warehouse"

/**
 * `partitionLoad`: extract → transform → validate → load of one data interval, with the same table after every run of it.
 *
 * Rows stream from a cursor through the author's functions into a stage; then one warehouse transaction sets invalid rows
 * aside or fails, replaces (merges, appends) the partition, runs the gating checks on it and writes ledger and partition
 * state. Metrics: rowsProcessed (read from the source), rowsInserted, rowsUpdated, rowsDeleted, rowsFailed (rejected),
 * durationSeconds.
 */
export const partitionLoadOperator = defineOperator({
  name: "partitionLoad",
  options: partitionLoadOptionsSchema,
  async run(context): Promise<TaskResultInput> {
    const started = performance.now()
    const query = await bindQuery(context)
    const execution = executionOf(context, partitionKeyOf(context))
    try {
      return await withTaskSession(context, context.options.source, (source) =>
        withTaskSession(context, WAREHOUSE, async (warehouse) => {
          await ensureWarehouseSchema(warehouse)
          const earlier = await findPublished(warehouse, execution)
          if (earlier) {
            context.log("info", "An earlier attempt had loaded this already.")
            return earlier
          }
          const columns = await resolveColumns(warehouse, context.options.columns)
          await createStage(warehouse, columns)
          const rowsProcessed = await stage(context, source, warehouse, query, columns)
          const dataset = `${WAREHOUSE}.${context.options.into}`
          const targets = partitionKeysOf(context).map((partitionKey) => ({ dataset, partitionKey }))
          const { result } = await publish(warehouse, execution, targets, () =>
            load(context, warehouse, columns, rowsProcessed, started),
          )
          return result
        }),
      )
    } catch (error) {
      if (error instanceof SkippedByAuthor) return { skipped: error.message }
      throw error
    }
  },
})

/** The interval's start names the partition of a pipeline that declares none. */
function partitionKeyOf(context: LoadContext): string {
  return context.run.partitionKey ?? context.run.intervalStart
}

function partitionKeysOf(context: LoadContext): string[] {
  const { partitionKeys } = context.run
  return partitionKeys.length > 0 ? partitionKeys : [partitionKeyOf(context)]
}

async function bindQuery({ options, run }: LoadContext): Promise<BoundStatement> {
  const values = { ...automaticBinds(run), ...bindableParams(run.params), ...options.params }
  const statements = await bindParameters(options.query, values, {
    file: "query",
    types: automaticTypes(options.params),
  })
  const [only] = statements
  if (statements.length === 1 && only?.kind === "SelectStmt") return only
  throw new AppError("pipeline.invalid", "The query of a partition load must be one SELECT.", { kind: "config" })
}

/** Streams the source's rows into the stage; returns how many were read. */
async function stage(
  context: LoadContext,
  source: pg.ClientBase,
  warehouse: pg.ClientBase,
  query: BoundStatement,
  columns: readonly StageColumn[],
): Promise<number> {
  const { options, signal } = context
  const author = options.transform || options.validate ? await context.author.open(taskCall(context)) : null
  let rowsRead = 0
  const onRead = (rows: number) => {
    rowsRead += rows
  }
  try {
    await inTransaction(source, "begin isolation level repeatable read read only", async () => {
      const atSource = <Value>(work: Promise<Value>) =>
        work.catch((error: unknown) => throwAtSource(context, query, error))
      const fetch = await atSource(openCursor(source, query, options.batchRows))
      const rows = stageRows({ fetch: () => atSource(fetch()), author, options, columns, signal, onRead })
      await copyInto(warehouse, stageCopyStatement(columns), rows)
    })
  } finally {
    await author?.close()
  }
  context.log("info", `${rowsRead} rows read.`)
  return rowsRead
}

/** Errors of the query belong to the source's connection and have a place in the author's text. */
function throwAtSource(context: LoadContext, query: BoundStatement, error: unknown): never {
  const position = error instanceof pg.DatabaseError ? Number(error.position) - CURSOR_PREFIX.length : Number.NaN
  const line = position > 0 ? query.lineOf(position) : query.line
  throw translateError(error, { connection: context.options.source, where: `query:${line}` })
}

async function load(
  context: LoadContext,
  client: pg.ClientBase,
  columns: readonly StageColumn[],
  rowsProcessed: number,
  startedMs: number,
): Promise<TaskResultInput> {
  const { options, run } = context
  const scope = await scopeOf(context, client, columns)
  const bounds = await boundsOf(context, client, columns)
  const { staged, rejected } = await judgeStage(client, columns, options.keys, scope)
  if (rejected > 0 && options.onInvalid === "fail") throw await invalidRows(client, staged, rejected)
  const write: PartitionWrite = { table: options.into, columns, keys: options.keys, scope, bounds, mode: options.write }
  await ensureTarget(client, write)
  const { total: counts, parts } = await writeParts(client, write)
  const partitionKeys = partitionKeysOf(context)
  if (options.onInvalid === "quarantine") await quarantine(client, write, { partitionKeys, runId: run.runId })
  if (rejected > 0) context.log("warn", `${rejected} of ${staged} rows were set aside in ${options.into}__rejected.`)
  const checked: CheckedTable =
    options.expect.length > 0
      ? await runChecks(client, options.into, options.expect, context.log, {
          scope,
          partitionKey: partitionKeyOf(context),
          isInTransaction: true,
          quarantine: { runId: run.runId },
          masks: (await context.policies.of(`${WAREHOUSE}.${options.into}`)).masks,
        })
      : { checks: [], scores: [] }
  const error = gateError(options.into, checked, checked)
  if (error) throw error
  context.log("info", `${counts.inserted} rows inserted, ${counts.updated} updated, ${counts.deleted} removed.`)
  const { into: table } = options
  const finished = {
    table,
    columns,
    partitionKey: partitionKeyOf(context),
    counts,
    rowsProcessed,
    rowsRejected: rejected,
    bytes: null,
    startedMs,
  }
  const result = await loadResult(client, finished)
  const [record] = result.materializations!
  const materializations = parts
    ? eachPartition(record!, partitionKeys, parts)
    : sharedByPartitions(record!, partitionKeys)
  const part = { table, scope, partitionKey: partitionKeyOf(context) }
  return withPolicyChecks(context, client, { ...result, materializations, checks: checked.checks }, part)
}

type LoadRecord = NonNullable<TaskResultInput["materializations"]>[number]

/** The record of a load of several partitions, one each; what was rejected is known together only. */
function eachPartition(record: LoadRecord, keys: readonly string[], parts: readonly LoadCounts[]): LoadRecord[] {
  return parts.map((part, place) => ({
    ...record,
    partitionKey: keys[place]!,
    rowsInserted: part.inserted,
    rowsUpdated: part.updated,
    rowsDeleted: part.deleted,
    rowsRejected: place === 0 ? (record.rowsRejected ?? 0) : 0,
    durationSeconds: record.durationSeconds / parts.length,
  }))
}

async function scopeOf(
  { options, run, manifest }: LoadContext,
  client: pg.ClientBase,
  columns: readonly StageColumn[],
): Promise<RowScope | null> {
  const column = columns.find(({ name }) => name === options.partitionColumn)
  const interval = { from: run.intervalStart, to: run.intervalEnd }
  const range = column ? await partitionRange(client, column, interval, zoneOf(manifest)) : null
  const { staticKeyColumn } = options
  const key =
    staticKeyColumn !== undefined && run.partition.key !== null
      ? { column: staticKeyColumn, value: run.partition.key }
      : null
  if (options.write === "replace" && run.partition.key !== null && !key)
    throw lacks("staticKeyColumn", run.partition.key)
  if (options.write === "replace" && run.partition.time !== null && !range) {
    throw lacks("partitionColumn", run.partition.time)
  }
  return range || key ? { range, key } : null
}

/** What would be replaced without the column is more than the partition. */
function lacks(option: string, part: string): AppError {
  const message = `To replace only what belongs to ${part}, the load must say which column holds it: set ${option}.`
  return new AppError("pipeline.invalid", message, { kind: "config" })
}

/** Where the partitions of a run of several begin; null for a run of one. */
async function boundsOf(
  { options, run, manifest }: LoadContext,
  client: pg.ClientBase,
  columns: readonly StageColumn[],
) {
  const column = columns.find(({ name }) => name === options.partitionColumn)
  const unit = manifest.partition && partitionScheme(manifest.partition).unit
  if (run.partitionKeys.length < 2 || !column || !unit) return null
  const timezone = zoneOf(manifest)
  const partitions = partitionsBetween(unit, timezone, new Date(run.intervalStart), new Date(run.intervalEnd))
  // A version that cuts otherwise than the run was planned: its counts are known together only.
  if (partitions.length !== run.partitionKeys.length) return null
  return partitionBounds(
    client,
    column,
    partitions.map((partition) => partition.start),
    timezone,
  )
}

async function invalidRows(client: pg.ClientBase, staged: number, rejected: number): Promise<AppError> {
  const reasons = (await firstReasons(client, 3)).join("; ")
  const message = `${rejected} of ${staged} rows are invalid (${reasons}); correct them, or set onInvalid: "quarantine" to load the others.`
  return new AppError("data.invalid_row", message, { kind: "data" })
}
