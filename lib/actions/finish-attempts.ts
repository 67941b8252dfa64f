import type { AttemptId, RunId, TaskRunId } from "../domain/ids.ts"
import { isFinalTaskRunState } from "../domain/task-run-state.ts"
import { type AttemptEnd, type EndedTaskRun, endAttempts, readRetryFacts } from "../store/attempts.ts"
import { noteLoads } from "../store/awaited.ts"
import type { Store } from "../store/client.ts"
import { countLoads } from "../store/counters.ts"
import { recordEvents } from "../store/events.ts"
import { noteFreshLoads } from "../store/fresh-loads.ts"
import { announce } from "../store/notify.ts"
import { type LockedRun, lockFreeRuns, lockRuns } from "../store/runs.ts"
import { recordResults } from "../store/task-results.ts"
import { inTransaction, type Transaction } from "../store/transaction.ts"
import { readVersion } from "../store/versions.ts"
import { admitTaskRuns, releaseSlots } from "./admit-task-runs.ts"
import { type AttemptOutcome, type EndFacts, planAttemptEnd } from "./plan-attempt-end.ts"
import { recordDeferrals } from "./record-deferrals.ts"
import { settleRuns } from "./settle-runs.ts"

export type FinishReceipt =
  | { kind: "recorded" }
  /** The attempt had been reaped or cancelled meanwhile: nothing was written, what it did is refused. */
  | { kind: "superseded" }
  /** Somebody else holds its run, and it was not to be waited for: nothing was written yet. */
  | { kind: "busy" }

export interface FinishOptions {
  /** In [0, 1): sets the jitter of retries. */
  random?: () => number
  /** What to do about runs that somebody else holds. Default: wait for them, and with them all the others. */
  busyRuns?: "wait" | "pass_over"
}

export interface AttemptRef {
  attemptId: AttemptId
  taskRunId: TaskRunId
  runId: RunId
}

/** One attempt's end as it is reported. */
export interface ReportedEnd {
  attempt: AttemptRef
  outcome: AttemptOutcome
}

/** An end that was written, with what it was written from. */
interface RecordedEnd extends EndedTaskRun {
  run: LockedRun
  outcome: AttemptOutcome
  end: AttemptEnd
}

/**
 * Records the ends of attempts of any number of runs: states, outputs, materializations, results, what becomes ready
 * downstream, and the ends of runs where nothing is left. One transaction with a constant number of statements under the
 * runs' locks, each end guarded by its fence token, so that of any two who report the same attempt exactly one succeeds.
 * Receipts come in the order of `ends`. One end that cannot be stored fails them all.
 */
export async function finishAttempts(
  store: Store,
  ends: readonly ReportedEnd[],
  { random = Math.random, busyRuns = "wait" }: FinishOptions = {},
): Promise<FinishReceipt[]> {
  return inTransaction(store.pool, async (transaction) => {
    const lock = busyRuns === "wait" ? lockRuns : lockFreeRuns
    const locked = await lock(transaction, [...new Set(ends.map(({ attempt }) => attempt.runId))])
    const runs = new Map(locked.map((run) => [run.id, run]))
    const recorded = await recordEnds(transaction, runs, ends, random)
    await recordTraces(transaction, recorded)
    await recordDeferrals(transaction, recorded)
    await announceEnds(transaction, recorded)
    await goOn(transaction, store.boss, recorded)
    await settleRuns(
      { transaction, boss: store.boss, runs },
      recorded
        .filter(({ end }) => isFinalTaskRunState(end.taskRunState))
        .map(({ taskRunId, runId }) => ({ id: taskRunId, runId })),
    )
    const written = new Set(recorded.map(({ attemptId }) => attemptId))
    // Taken out as they are found: an end that is reported twice in one go is recorded once.
    return ends.map(({ attempt }): FinishReceipt => {
      if (written.delete(attempt.attemptId)) return { kind: "recorded" }
      return { kind: busyRuns === "wait" || runs.has(attempt.runId) ? "superseded" : "busy" }
    })
  })
}

/** {@link finishAttempts} for one. `random` in [0, 1) sets the retry's jitter. */
export async function finishAttempt(
  store: Store,
  attempt: AttemptRef,
  outcome: AttemptOutcome,
  random: number = Math.random(),
): Promise<FinishReceipt> {
  const [receipt] = await finishAttempts(store, [{ attempt, outcome }], { random: () => random })
  return receipt!
}

async function recordEnds(
  transaction: Transaction,
  runs: ReadonlyMap<RunId, LockedRun>,
  ends: readonly ReportedEnd[],
  random: () => number,
): Promise<RecordedEnd[]> {
  const reported = new Map<AttemptId, ReportedEnd & { run: LockedRun }>()
  for (const end of ends) {
    const run = runs.get(end.attempt.runId)
    if (run && !reported.has(end.attempt.attemptId)) reported.set(end.attempt.attemptId, { ...end, run })
  }
  if (reported.size === 0) return []
  const uncertain = [...reported.values()].filter(({ run, outcome }) => outcome.kind === "failed" || isCancelling(run))
  const facts = await readRetryFacts(
    transaction,
    uncertain.map(({ attempt }) => attempt.taskRunId),
  )
  const planned = new Map<AttemptId, AttemptEnd>()
  for (const { attempt, outcome, run } of reported.values()) {
    const known = facts.get(attempt.taskRunId)
    planned.set(
      attempt.attemptId,
      planAttemptEnd(attempt, outcome, {
        isCancelling: isCancelling(run) && !known?.isTeardown,
        retry: known ? await retryPolicy(transaction, run, known.taskId) : null,
        attemptNumber: known?.attemptNumber ?? 1,
        random: random(),
      }),
    )
  }
  const ended = await endAttempts(transaction, [...planned.values()])
  return ended.map((row) => {
    const { run, outcome } = reported.get(row.attemptId)!
    return { ...row, run, outcome, end: planned.get(row.attemptId)! }
  })
}

function isCancelling(run: LockedRun): boolean {
  return run.state === "cancelling"
}

async function retryPolicy(transaction: Transaction, run: LockedRun, taskId: string): Promise<EndFacts["retry"]> {
  const version = await readVersion(transaction, run.versionId)
  const task = version.manifest.tasks.find((entry) => entry.id === taskId)
  return task ? { ...task.retry, rules: task.retryRules } : null
}

/** Stores what the attempts left behind and, where they failed, the failures in the runs' history. */
async function recordTraces(transaction: Transaction, recorded: readonly RecordedEnd[]): Promise<void> {
  await recordResults(
    transaction,
    recorded.flatMap(({ outcome, run, attemptId, taskRunId, taskId }) => {
      const result = "result" in outcome ? outcome.result : null
      return result
        ? [{ result, origin: { attemptId, taskRunId, taskId, runId: run.id, pipelineId: run.pipelineId } }]
        : []
    }),
  )
  const loads = recorded.flatMap(({ outcome, run, attemptId }) => {
    const result = "result" in outcome ? outcome.result : null
    return (result?.materializations ?? []).map((load) => ({
      pipelineId: run.pipelineId,
      runId: run.id,
      attemptId,
      load,
    }))
  })
  noteLoads(
    transaction,
    loads.map(({ load }) => load),
  )
  noteFreshLoads(
    transaction,
    loads.map(({ runId, load }) => ({ dataset: load.dataset, partitionKey: load.partitionKey, runId })),
  )
  countLoads(transaction, loads)
  await recordEvents(
    transaction,
    recorded.flatMap(({ end, run, taskRunId, taskId }) => {
      if (!end.failure) return []
      const { code, message } = end.failure
      return {
        type: `task_run.${end.taskRunState}`,
        pipelineId: run.pipelineId,
        runId: run.id,
        taskRunId,
        data: { taskId, code, message, attempt: end.attemptState },
      }
    }),
  )
}

/** Frees the slots of what ended, and lets what was handed back compete for them anew. */
async function goOn(transaction: Transaction, boss: Store["boss"], recorded: readonly RecordedEnd[]): Promise<void> {
  const ended = recorded.map(({ taskRunId, queuePriority, limits, end }) => ({
    id: taskRunId,
    queuePriority,
    limits,
    state: end.taskRunState,
  }))
  await releaseSlots(transaction, boss, ended)
  await admitTaskRuns(
    transaction,
    boss,
    ended.filter(({ state }) => state === "ready"),
  )
}

async function announceEnds(transaction: Transaction, recorded: readonly RecordedEnd[]): Promise<void> {
  await announce(
    transaction,
    recorded.map(({ taskRunId, taskId, mapIndex, run, end }) => ({
      type: "task_run",
      id: taskRunId,
      runId: run.id,
      pipelineId: run.pipelineId,
      taskId,
      mapIndex,
      state: end.taskRunState,
    })),
  )
}
