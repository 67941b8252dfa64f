import pg from "pg"
import { taskCall } from "#jobs/author/task-call.ts"
import { zoneOf } from "#lib/contracts/manifest-schedule.ts"
import { type PartitionLoadOptions, partitionLoadOptionsSchema } from "#lib/contracts/operators/partition-load.ts"
import type { TaskResultInput } from "#lib/contracts/task-result.ts"
import { AppError } from "#lib/domain/errors.ts"
import { type BoundStatement, bindParameters } from "#lib/engines/postgres/bind-parameters.ts"
import { copyInto } from "#lib/engines/postgres/copy.ts"
import { findPublished } from "#lib/engines/postgres/ledger.ts"
import { partitionScope } from "#lib/engines/postgres/partition-scope.ts"
import {
  createStage,
  firstReasons,
  judgeStage,
  resolveColumns,
  type StageColumn,
  stageCopyStatement,
} from "#lib/engines/postgres/partition-stage.ts"
import { publish } from "#lib/engines/postgres/publish.ts"
import {
  ensureTarget,
  type PartitionWrite,
  quarantine,
  writePartition,
} from "#lib/engines/postgres/publish-partition.ts"
import { inTransaction } from "#lib/engines/postgres/session.ts"
import { translateError } from "#lib/engines/postgres/translate-error.ts"
import { ensureWarehouseSchema } from "#lib/engines/postgres/warehouse-schema.ts"
import { automaticBinds, automaticTypes } from "./automatic-binds.ts"
import { bindableParams } from "./bindable-params.ts"
import { loadResult } from "./load-result.ts"
import { defineOperator, type OperatorContext } from "./operator.ts"
import { CURSOR_PREFIX, openCursor, SkippedByAuthor, stageRows } from "./partition-rows.ts"
import { type CheckedTable, gateError, runChecks } from "./run-checks.ts"
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
          const target = { dataset: `${WAREHOUSE}.${context.options.into}`, partitionKey: execution.partitionKey }
          const { result } = await publish(warehouse, execution, [target], () =>
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
  const { staged, rejected } = await judgeStage(client, columns, options.keys, scope)
  if (rejected > 0 && options.onInvalid === "fail") throw await invalidRows(client, staged, rejected)
  const write: PartitionWrite = { table: options.into, columns, keys: options.keys, scope, mode: options.write }
  await ensureTarget(client, write)
  const counts = await writePartition(client, write)
  const partitionKey = partitionKeyOf(context)
  if (options.onInvalid === "quarantine") await quarantine(client, write, { partitionKey, runId: run.runId })
  if (rejected > 0) context.log("warn", `${rejected} of ${staged} rows were set aside in ${options.into}__rejected.`)
  const checked: CheckedTable =
    options.expect.length > 0
      ? await runChecks(client, options.into, options.expect, context.log, scope)
      : { checks: [], scores: [] }
  const error = gateError(options.into, checked, checked)
  if (error) throw error
  context.log("info", `${counts.inserted} rows inserted, ${counts.updated} updated, ${counts.deleted} removed.`)
  const { into: table } = options
  const finished = {
    table,
    columns,
    partitionKey,
    counts,
    rowsProcessed,
    rowsRejected: rejected,
    bytes: null,
    startedMs,
  }
  return { ...(await loadResult(client, finished)), ...checked }
}

async function scopeOf(
  { options, run, manifest }: LoadContext,
  client: pg.ClientBase,
  columns: readonly StageColumn[],
) {
  const column = columns.find(({ name }) => name === options.partitionColumn)
  if (!column) return null
  const interval = { from: run.intervalStart, to: run.intervalEnd }
  return partitionScope(client, column, interval, zoneOf(manifest))
}

async function invalidRows(client: pg.ClientBase, staged: number, rejected: number): Promise<AppError> {
  const reasons = (await firstReasons(client, 3)).join("; ")
  const message = `${rejected} of ${staged} rows are invalid (${reasons}); correct them, or set onInvalid: "quarantine" to load the others.`
  return new AppError("data.invalid_row", message, { kind: "data" })
}
