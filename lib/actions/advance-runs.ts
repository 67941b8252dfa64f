import type { PgBoss } from "pg-boss"
import type { RunId, TaskRunId } from "../domain/ids.ts"
import { decideTrigger, type TriggerDecision } from "../domain/trigger-rule.ts"
import { noteEndedRuns } from "../store/awaited.ts"
import { recordEvents } from "../store/events.ts"
import { announce } from "../store/notify.ts"
import { endRuns, type LockedRun, lockPipelines, startQueuedRuns, takeOffRuns } from "../store/runs.ts"
import { countOutcomes, type Decision, readDecidable, type TaskRunRow, writeDecisions } from "../store/task-runs.ts"
import type { Transaction } from "../store/transaction.ts"
import { readVersion } from "../store/versions.ts"
import { admitTaskRuns } from "./admit-task-runs.ts"
import { holdForPast } from "./hold-for-past.ts"
import { startClocks } from "./plan-deadlines.ts"

/** What every step inside runs needs: its transaction, the queue, and the locked rows of the runs. */
export interface RunsStep {
  transaction: Transaction
  boss: PgBoss
  runs: ReadonlyMap<RunId, LockedRun>
}

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
    const decided = await applyDecisions(step, await countOutcomes(step.transaction, wave))
    countFinal(counts, decided)
    wave = decided.map((taskRun) => taskRun.id)
  }
  return counts
}

/** Decides every pending task run of runs that can be decided; for their start, and after a clear or a mark. */
export async function releasePending(step: RunsStep, runIds: readonly RunId[]): Promise<FinalCounts> {
  if (runIds.length === 0) return new Map()
  const decided = await applyDecisions(step, await readDecidable(step.transaction, runIds))
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
  const rows = await endRuns(step.transaction, empty)
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
  return runs
}

/**
 * Starts as many queued runs of pipelines as their limits allow and releases their first tasks. A run that ends thereby
 * makes room for the next.
 */
export async function startRuns(transaction: Transaction, boss: PgBoss, pipelineIds: readonly string[]): Promise<void> {
  for (let concerned = [...new Set(pipelineIds)]; concerned.length > 0; ) {
    const started = await startQueuedRuns(transaction, await maxActiveRuns(transaction, concerned))
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

/** Writes what the trigger rules say, lets the ready go, and gives those that became final. */
async function applyDecisions(
  { transaction, boss, runs }: RunsStep,
  touched: readonly TaskRunRow[],
): Promise<{ id: TaskRunId; runId: RunId }[]> {
  const pending = touched.filter((row) => row.state === "pending")
  const decisions = (await holdForPast({ transaction, runs }, pending)).flatMap(toDecision)
  if (decisions.length === 0) return []
  const written = await writeDecisions(transaction, decisions)
  await admitTaskRuns(
    transaction,
    boss,
    written.filter((row) => row.state === "ready"),
  )
  const final = written.filter((row) => row.state !== "ready")
  await announce(
    transaction,
    final.map(({ id, runId, taskId, state }) => ({
      type: "task_run",
      id,
      runId,
      pipelineId: runs.get(runId)!.pipelineId,
      taskId,
      state,
    })),
  )
  return final
}

const STATE_OF = { release: "ready", skip: "skipped", upstream_fail: "upstream_failed" } as const satisfies Record<
  Exclude<TriggerDecision, "wait">,
  Decision["state"]
>

function toDecision(row: TaskRunRow): Decision[] {
  const decision = decideTrigger(row.triggerRule, row)
  if (decision === "wait") return []
  return [{ id: row.id, state: STATE_OF[decision], reason: reasonFor(decision, row) }]
}

function reasonFor(decision: TriggerDecision, row: TaskRunRow): string | null {
  if (decision === "release") return null
  const counts = `${row.success} succeeded, ${row.failed} failed, ${row.skipped} skipped of ${row.total} upstream`
  return `Trigger rule ${row.triggerRule} cannot be met: ${counts}.`
}

/** Adds final task runs to the counts of their runs. */
export function countFinal(counts: FinalCounts, taskRuns: readonly { runId: RunId }[]): void {
  for (const { runId } of taskRuns) counts.set(runId, (counts.get(runId) ?? 0) + 1)
}
