import type pg from "pg"
import type { TaskResultInput } from "#lib/contracts/task-result.ts"
import { AppError } from "#lib/domain/errors.ts"
import { type Published, publish } from "#lib/engines/postgres/publish.ts"
import { inTransaction } from "#lib/engines/postgres/session.ts"
import { datasetOf } from "#lib/models/command/dataset-of.ts"
import type { ModelNode } from "#lib/models/project/node.ts"
import type { BatchSize } from "#lib/models/run/microbatch.ts"
import type { EventTimeRange, NodeOutcome, NodeTask } from "#lib/models/run/protocol.ts"
import { runBatches } from "#lib/models/run/run-batches.ts"
import { describeBuilt, sharesTransaction } from "./dbt-built.ts"
import { type DbtContext, outcomeOf, toAppError } from "./dbt-node.ts"
import type { OpenProject } from "./dbt-projects.ts"
import { withPolicyChecks } from "./policy-checks.ts"
import { executionOf, secondsSince } from "./task-session.ts"

/**
 * Builds a microbatch model for the run's interval, a batch after another, each committed with a row of the ledger of its own: a
 * retry builds those alone that are not there yet. Without partitions, the newest batches, as dbt does.
 */
export async function buildBatches(
  context: DbtContext,
  client: pg.ClientBase,
  open: OpenProject,
  node: ModelNode,
): Promise<TaskResultInput> {
  const { run } = context
  const results: TaskResultInput[] = []
  const batch = async (task: Omit<NodeTask, "node" | "parents">, of: ModelNode): Promise<NodeOutcome> => {
    if (task.kind !== "execute") return outcomeOf(context, client, open, of, task)
    const { outcome, result } = await buildBatch(context, client, open, of, { ...task, eventTime: task.eventTime! })
    if (result) results.push(result)
    return outcome
  }
  const own = node.config.full_refresh
  const outcome = await runBatches({
    // One session does one thing at a time.
    node: { ...node, config: { ...node.config, concurrent_batches: false } },
    run: batch,
    now: new Date(run.intervalEnd),
    isFullRefresh: typeof own === "boolean" ? own : context.options.fullRefresh,
    ...(run.partitionKey !== null && {
      eventTime: { start: new Date(run.intervalStart), end: new Date(run.intervalEnd) },
    }),
    signal: context.signal,
  })
  if (context.signal.aborted) throw context.signal.reason
  for (const warning of outcome.warnings) context.log("warn", warning)
  if (outcome.status !== "success") throw toAppError(context, outcome)
  context.log("info", outcome.message ?? outcome.status)
  return joined(results)
}

interface Built {
  outcome: NodeOutcome
  /** Null where it failed. */
  result: TaskResultInput | null
}

async function buildBatch(
  context: DbtContext,
  client: pg.ClientBase,
  open: OpenProject,
  node: ModelNode,
  task: Omit<NodeTask, "node" | "parents"> & { eventTime: EventTimeRange },
): Promise<Built> {
  const partitionKey = partitionKeyOf(node, task.eventTime)
  let outcome: NodeOutcome | null = null
  const work = async (isManaged: boolean): Promise<TaskResultInput> => {
    const started = performance.now()
    outcome = await outcomeOf(context, client, open, node, { ...task, isManaged })
    if (outcome.status === "error") throw FAILED
    const result = await describeBuilt(client, node, partitionKey, outcome, secondsSince(started))
    if (isManaged) return withPolicyChecks(context, client, result)
    return inTransaction(client, "begin", () => withPolicyChecks(context, client, result))
  }
  try {
    if (!sharesTransaction(node)) return { result: await work(false), outcome: outcome! }
    const execution = executionOf(context, partitionKey)
    const each = { ...execution, executionKey: `${execution.executionKey}/${task.eventTime.start}` }
    const published = await publish(client, each, [{ dataset: datasetOf(node), partitionKey }], () => work(true))
    return { result: published.result, outcome: outcome ?? builtBefore(node, published) }
  } catch (error) {
    if (error === FAILED) return { outcome: outcome!, result: null }
    throw error
  }
}

/** Gives up the transaction of a batch whose outcome says what was wrong. */
const FAILED = new AppError("internal", "The batch failed.")

/** A batch that an earlier attempt had built. */
function builtBefore(node: ModelNode, { result }: Published): NodeOutcome {
  const [record] = result.materializations
  return {
    status: "success",
    message: null,
    failures: null,
    compiledCode: null,
    ephemerals: [],
    executedCode: null,
    adapterResponse: { rows_affected: record ? record.rowsInserted + record.rowsUpdated : 0 },
    relationName: node.relation_name,
    timing: [],
    error: null,
    warnings: [],
    threadId: "main",
    preview: null,
  }
}

const KEY_LENGTHS: Readonly<Record<BatchSize, number>> = { hour: 13, day: 10, month: 7, year: 4 }

/** A batch as partitions of that length are named: `2026-03-01`. */
function partitionKeyOf({ config }: ModelNode, { start }: EventTimeRange): string {
  return start.slice(0, KEY_LENGTHS[config.batch_size as BatchSize] ?? 10)
}

/** What several batches come to together. */
function joined(results: readonly TaskResultInput[]): TaskResultInput {
  const last = results.at(-1)
  if (!last) return {}
  const records = results.flatMap(({ materializations }) => materializations ?? [])
  const sum = (name: "rowsInserted" | "rowsUpdated" | "durationSeconds") =>
    records.reduce((all, each) => all + (each[name] ?? 0), 0)
  const numbers = { rowsInserted: sum("rowsInserted"), rowsUpdated: sum("rowsUpdated") }
  const batches = { batches: results.length }
  const durationSeconds = Math.round(sum("durationSeconds") * 1_000) / 1_000
  return {
    ...last,
    outputs: { ...(last.outputs as object), ...numbers, ...batches },
    metrics: { ...last.metrics, ...numbers, ...batches, durationSeconds },
    materializations: records,
  }
}
