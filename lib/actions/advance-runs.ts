import type { PgBoss } from "pg-boss"
import type { RunId, TaskRunId } from "../domain/ids.ts"
import { areAllFinal, decideTrigger, TEARDOWN_RULE, type TriggerDecision } from "../domain/trigger-rule.ts"
import { noteEndedRuns } from "../store/awaited.ts"
import { countRunEnds } from "../store/counters.ts"
import { recordEvents } from "../store/events.ts"
import { announce, offer } from "../store/notify.ts"
import { endRuns, type LockedRun, lockPipelines, startQueuedRuns, takeOffRuns } from "../store/runs.ts"
import { applySkips, readStates } from "../store/skips.ts"
import { countOutcomes, type Decision, readDecidable, type TaskRunRow, writeDecisions } from "../store/task-runs.ts"
import type { Transaction } from "../store/transaction.ts"
import { readVersion } from "../store/versions.ts"
import { admitTaskRuns } from "./admit-task-runs.ts"
import { expandTasks } from "./expand-tasks.ts"
import { holdForPast } from "./hold-for-past.ts"
import { startClocks } from "./plan-deadlines.ts"
import { type FinalTaskRun, type RunsStep, shapeOfRun } from "./runs-step.ts"
import { settleInstances } from "./settle-instances.ts"
import { taskRunEvent } from "./task-run-event.ts"

/** How many of each run's task runs became final in a step and are to be taken off its count. */
export type FinalCounts = Map<RunId, number>

/**
 * Carries the outcomes of finished task runs down the graphs: counts them at their downstreams, decides those whose trigger
 * rule is settled, lets the ready ones go, and goes on with those that became final thereby. Costs the out-degrees, and
 * two statements a wave however many runs there are. `finished` are task runs of the step's runs.
 */
export async function carryOutcomes(step: RunsStep, finished: readonly TaskRunId[]): Promise<FinalCounts> {
  const counts: FinalCounts = new Map()
  for (let wave = finished; wave.length > 0; ) {
    const ruledOut = await skipRuledOut(step, [...step.runs.keys()], wave)
    const settled = await settleInstances(step, wave)
    const touched = await applyDecisions(step, await countOutcomes(step.transaction, wave))
    const decided = [...ruledOut, ...settled, ...touched]
    countFinal(counts, decided)
    wave = decided.map((taskRun) => taskRun.id)
  }
  return counts
}

/**
 * Decides every pending task run of runs that can be decided; for their start, and after a clear or a mark. `ended` are
 * task runs that became final on the way and are not counted anywhere yet.
 */
export async function releasePending(
  step: RunsStep,
  runIds: readonly RunId[],
  ended: readonly FinalTaskRun[] = [],
): Promise<FinalCounts> {
  if (runIds.length === 0) return new Map()
  const ruledOut = await skipRuledOut(step, runIds, null)
  const released = await applyDecisions(step, await readDecidable(step.transaction, runIds))
  const decided = [...ended, ...ruledOut, ...released]
  const counts = await carryOutcomes(
    step,
    decided.map((taskRun) => taskRun.id),
  )
  countFinal(counts, decided)
  return counts
}

/** Takes final task runs off their runs' counts and ends the runs of which none is left, with what is said about it. */
export async function endEmptyRuns(step: RunsStep, counts: FinalCounts): Promise<LockedRun[]> {
  if (counts.size === 0) return []
  const left = await takeOffRuns(step.transaction, counts)
  for (const { id, unfinished } of left) step.runs.get(id)!.unfinished = unfinished
  const empty = left.filter((row) => row.unfinished === 0).map((row) => row.id)
  if (empty.length === 0) return []
  const forgiven = await Promise.all(empty.map(async (id) => (await shapeOfRun(step, id)).forgiven))
  const rows = await endRuns(
    step.transaction,
    empty.map((id, n) => ({ id, forgiven: forgiven[n]! })),
  )
  for (const { id, state } of rows) step.runs.get(id)!.state = state
  const ended = rows.map((row) => ({ row, run: step.runs.get(row.id)! }))
  await recordEvents(
    step.transaction,
    ended.map(({ row, run }) => ({
      type: `run.${run.state}`,
      pipelineId: run.pipelineId,
      runId: run.id,
      data: { failedTaskId: row.failedTaskId, message: row.message },
    })),
  )
  const runs = ended.map(({ run }) => run)
  await announceRuns(step.transaction, runs)
  noteEndedRuns(step.transaction, empty)
  countRunEnds(
    step.transaction,
    rows.map((row) => row.id),
  )
  return runs
}

/**
 * Starts as many queued runs of pipelines as their limits allow and releases their first tasks. A run that ends thereby
 * makes room for the next.
 */
export async function startRuns(transaction: Transaction, boss: PgBoss, pipelineIds: readonly string[]): Promise<void> {
  for (let concerned = [...new Set(pipelineIds)]; concerned.length > 0; ) {
    const started = await startQueuedRuns(transaction, await maxActiveRuns(transaction, concerned))
    await offer(
      transaction,
      started.map((run) => ({ type: "run.started", pipelineId: run.pipelineId, runId: run.id })),
    )
    await announceRuns(transaction, started)
    await startClocks(transaction, started)
    const step = { transaction, boss, runs: new Map(started.map((run) => [run.id, run])) }
    const counts = await releasePending(
      step,
      started.map((run) => run.id),
    )
    // A run without a task that could run has nothing to count down.
    for (const run of started) if (run.unfinished === 0) counts.set(run.id, 0)
    const ended = await endEmptyRuns(step, counts)
    concerned = [...new Set(ended.map((run) => run.pipelineId))]
  }
}

async function announceRuns(transaction: Transaction, runs: readonly LockedRun[]): Promise<void> {
  await announce(
    transaction,
    runs.map(({ id, pipelineId, state }) => ({ type: "run", id, pipelineId, state })),
  )
}

/** Locks the pipelines. The newest version's limit holds, also for runs that pin an older one. */
async function maxActiveRuns(transaction: Transaction, pipelineIds: readonly string[]): Promise<Map<string, number>> {
  const limits = new Map<string, number>()
  for (const { id, versionId } of await lockPipelines(transaction, pipelineIds)) {
    // What is left of a pipeline that was removed runs one by one.
    limits.set(id, versionId ? (await readVersion(transaction, versionId)).manifest.maxActiveRuns : 1)
  }
  return limits
}

/** Skips what branches and short-circuits among `deciders` (null: all of the runs) decided against. */
async function skipRuledOut(
  step: RunsStep,
  runIds: readonly RunId[],
  deciders: readonly TaskRunId[] | null,
): Promise<FinalTaskRun[]> {
  const choosing: RunId[] = []
  for (const id of runIds) if ((await shapeOfRun(step, id)).hasChoices) choosing.push(id)
  if (choosing.length === 0) return []
  const skipped = await applySkips(step.transaction, choosing, deciders)
  await announce(
    step.transaction,
    skipped.map((row) => taskRunEvent(step.runs.get(row.runId)!, row, "skipped")),
  )
  return skipped
}

/** Writes what the trigger rules say, lets the ready go or expands them, and gives those that became final. */
async function applyDecisions(step: RunsStep, touched: readonly TaskRunRow[]): Promise<FinalTaskRun[]> {
  const { transaction, boss, runs } = step
  const pending = await withSetups(
    step,
    touched.filter((row) => row.state === "pending"),
  )
  const decisions: Decision[] = []
  const mapped: TaskRunRow[] = []
  for (const row of await holdForPast(step, pending)) {
    const decision = toDecision(row)
    if (!decision) continue
    const isMapped = decision.state === "ready" && (await shapeOfRun(step, row.runId)).mapped.has(row.taskId)
    if (isMapped) mapped.push(row)
    else decisions.push(decision)
  }
  const expanded = await expandTasks(step, mapped)
  if (decisions.length === 0) return expanded
  const written = await writeDecisions(transaction, decisions)
  await admitTaskRuns(
    transaction,
    boss,
    written.filter((row) => row.state === "ready"),
  )
  const final = written.filter((row) => row.state !== "ready")
  await announce(
    transaction,
    final.map((row) => taskRunEvent(runs.get(row.runId)!, row, row.state)),
  )
  return [...expanded, ...final]
}

/** Adds how their setups ended to the tear-downs whose upstreams are all final. */
async function withSetups(step: RunsStep, rows: readonly TaskRunRow[]): Promise<readonly TaskRunRow[]> {
  const teardowns = new Map<TaskRunId, readonly string[]>()
  for (const row of rows) {
    if (row.triggerRule !== TEARDOWN_RULE || !areAllFinal(row)) continue
    teardowns.set(row.id, (await shapeOfRun(step, row.runId)).setupsOf.get(row.taskId) ?? [])
  }
  if (teardowns.size === 0) return rows
  const states = await readStates(
    step.transaction,
    rows.filter((row) => teardowns.has(row.id)).map((row) => row.runId),
    [...teardowns.values()].flat(),
  )
  return rows.map((row) => {
    const setups = teardowns.get(row.id)
    if (!setups) return row
    const ended = setups.map((id) => states.get(`${row.runId} ${id}`))
    const success = ended.filter((state) => state === "success").length
    const skipped = ended.filter((state) => state === "skipped").length
    return { ...row, setups: { success, skipped, failed: ended.length - success - skipped } }
  })
}

const STATE_OF = { release: "ready", skip: "skipped", upstream_fail: "upstream_failed" } as const satisfies Record<
  Exclude<TriggerDecision, "wait">,
  Decision["state"]
>

function toDecision(row: TaskRunRow): Decision | null {
  const decision = decideTrigger(row.triggerRule, row)
  if (decision === "wait") return null
  return { id: row.id, state: STATE_OF[decision], reason: reasonFor(decision, row) }
}

function reasonFor(decision: TriggerDecision, row: TaskRunRow): string | null {
  if (decision === "release") return null
  if (row.setups) return "None of its setups succeeded: there is nothing to tear down."
  const counts = `${row.success} succeeded, ${row.failed} failed, ${row.skipped} skipped of ${row.total} upstream`
  return `Trigger rule ${row.triggerRule} cannot be met: ${counts}.`
}

/** Adds final task runs to the counts of their runs. */
export function countFinal(counts: FinalCounts, taskRuns: readonly { runId: RunId }[]): void {
  for (const { runId } of taskRuns) counts.set(runId, (counts.get(runId) ?? 0) + 1)
}
