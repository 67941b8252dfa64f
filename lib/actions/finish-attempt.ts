import type { LiveEvent } from "../contracts/api/system.ts"
import type { TaskResult } from "../contracts/task-result.ts"
import { assertNever } from "../domain/assert-never.ts"
import type { FinalAttemptState } from "../domain/attempt-state.ts"
import type { Failure } from "../domain/errors.ts"
import type { AttemptId, RunId, TaskRunId } from "../domain/ids.ts"
import { decideRetry, type RetryPolicy } from "../domain/retry.ts"
import { TEARDOWN_RULE, type TriggerRule } from "../domain/trigger-rule.ts"
import { type AttemptEnd, endAttempt } from "../store/attempts.ts"
import type { Store } from "../store/client.ts"
import { recordEvent } from "../store/events.ts"
import { announce } from "../store/notify.ts"
import { enqueueTaskRuns, type ReadyTaskRun } from "../store/queue.ts"
import { type LockedRun, lockRun } from "../store/runs.ts"
import { recordResult } from "../store/task-results.ts"
import { inTransaction, type Transaction } from "../store/transaction.ts"
import { readVersion } from "../store/versions.ts"
import { settleRun } from "./settle-run.ts"

/** How an attempt ended, as the executor or the reaper saw it. */
export type AttemptOutcome =
  | { kind: "success"; result: TaskResult }
  | { kind: "skipped"; result: TaskResult; reason: string }
  | {
      kind: "failed"
      attemptState: Extract<FinalAttemptState, "failed" | "timed_out" | "lost" | "killed">
      failure: Failure
      exitCode: number | null
      /** What a failed task leaves behind all the same, such as the results of its checks. */
      result: TaskResult | null
    }
  | { kind: "cancelled" }
  /** A draining worker gives the task back; somebody else starts it over at once. */
  | { kind: "handed_back" }

export type FinishReceipt =
  | { kind: "recorded" }
  /** The attempt had been reaped or cancelled meanwhile: nothing was written, what it did is refused. */
  | { kind: "superseded" }

/** A worker's death is not the author's fault: such attempts are repeated this often even where no retries are set. */
const INFRASTRUCTURE_POLICY: RetryPolicy = { retries: 5, delayMs: 1_000, backoffFactor: 2, maxDelayMs: 30_000 }

export interface AttemptRef {
  attemptId: AttemptId
  taskRunId: TaskRunId
}

/**
 * Records the ends of attempts of one run: states, outputs, materializations, results, what becomes ready downstream, and
 * the end of the run where nothing is left. One transaction under the run's lock, each end guarded by its fence token, so
 * that of any two who report the same attempt exactly one succeeds. Receipts come in the order of `ends`.
 */
export async function finishAttempts(
  store: Store,
  runId: RunId,
  ends: readonly { attempt: AttemptRef; outcome: AttemptOutcome }[],
  random: () => number = Math.random,
): Promise<FinishReceipt[]> {
  return inTransaction(store.pool, async (transaction) => {
    const run = await lockRun(transaction, runId)
    if (!run) return ends.map((): FinishReceipt => ({ kind: "superseded" }))
    const receipts: FinishReceipt[] = []
    const events: LiveEvent[] = []
    const ready: ReadyTaskRun[] = []
    const finished: TaskRunId[] = []
    for (const { attempt, outcome } of ends) {
      const end = await planEnd(transaction, run, attempt, outcome, random())
      const ended = await endAttempt(transaction, end)
      receipts.push({ kind: ended ? "recorded" : "superseded" })
      if (!ended) continue
      await recordTraces(transaction, run, { ...attempt, taskId: ended.taskId }, outcome, end)
      events.push({
        type: "task_run",
        id: attempt.taskRunId,
        runId: run.id,
        pipelineId: run.pipelineId,
        taskId: ended.taskId,
        state: end.taskRunState,
      })
      if (end.taskRunState === "ready") ready.push({ id: attempt.taskRunId, priority: ended.priority })
      else if (end.taskRunState !== "up_for_retry") finished.push(attempt.taskRunId)
    }
    await announce(transaction, events)
    await enqueueTaskRuns(store.boss, transaction, ready)
    if (finished.length > 0) await settleRun({ transaction, boss: store.boss, run }, finished)
    return receipts
  })
}

/** {@link finishAttempts} for one. `random` in [0, 1) sets the retry's jitter. */
export async function finishAttempt(
  store: Store,
  attempt: AttemptRef & { runId: RunId },
  outcome: AttemptOutcome,
  random: number = Math.random(),
): Promise<FinishReceipt> {
  const [receipt] = await finishAttempts(store, attempt.runId, [{ attempt, outcome }], () => random)
  return receipt!
}

/** Stores what the attempt left behind and, where it failed, the failure in the run's history. */
async function recordTraces(
  transaction: Transaction,
  run: LockedRun,
  attempt: AttemptRef & { taskId: string },
  outcome: AttemptOutcome,
  end: AttemptEnd,
): Promise<void> {
  const result = "result" in outcome ? outcome.result : null
  if (result) await recordResult(transaction, { ...attempt, runId: run.id, pipelineId: run.pipelineId }, result)
  if (!end.failure) return
  await recordEvent(transaction, {
    type: `task_run.${end.taskRunState}`,
    pipelineId: run.pipelineId,
    runId: run.id,
    taskRunId: attempt.taskRunId,
    data: {
      taskId: attempt.taskId,
      code: end.failure.code,
      message: end.failure.message,
      attempt: end.attemptState,
    },
  })
}

async function planEnd(
  transaction: Transaction,
  run: LockedRun,
  attempt: AttemptRef,
  outcome: AttemptOutcome,
  random: number,
): Promise<AttemptEnd> {
  const base = {
    ...attempt,
    reason: null,
    failure: null,
    exitCode: null,
    metrics: {},
    delayMs: null,
    isUncounted: false,
  }
  const isStopping = run.state === "cancelling" && !(await isTeardown(transaction, attempt.taskRunId))
  switch (outcome.kind) {
    case "success":
      return { ...base, attemptState: "success", taskRunState: "success", metrics: outcome.result.metrics }
    case "skipped":
      return {
        ...base,
        attemptState: "skipped",
        taskRunState: "skipped",
        reason: outcome.reason,
        metrics: outcome.result.metrics,
      }
    case "cancelled":
      return { ...base, attemptState: "cancelled", taskRunState: "cancelled", reason: "The run was cancelled." }
    case "handed_back":
      return isStopping
        ? { ...base, attemptState: "cancelled", taskRunState: "cancelled", reason: "The run was cancelled." }
        : {
            ...base,
            attemptState: "cancelled",
            taskRunState: "ready",
            reason: "Its worker was stopped; another takes over.",
            isUncounted: true,
          }
    case "failed": {
      const failed = {
        ...base,
        attemptState: outcome.attemptState,
        failure: outcome.failure,
        exitCode: outcome.exitCode,
        metrics: outcome.result?.metrics ?? {},
      }
      if (isStopping) {
        return { ...failed, taskRunState: "cancelled", reason: "The run was cancelled." }
      }
      const { policy, number } = await retryFacts(transaction, run, attempt.taskRunId, outcome.failure)
      const decision = decideRetry(policy, number, outcome.failure, random)
      return decision.kind === "retry"
        ? { ...failed, taskRunState: "up_for_retry", delayMs: decision.delayMs, reason: outcome.failure.message }
        : { ...failed, taskRunState: "failed", reason: `${outcome.failure.message} (${decision.reason})` }
    }
    default:
      return assertNever(outcome)
  }
}

/** A tear-down goes on in a run that is being cancelled. */
async function isTeardown(transaction: Transaction, taskRunId: TaskRunId): Promise<boolean> {
  const { rows } = await transaction.query<{ triggerRule: TriggerRule }>(
    `select trigger_rule as "triggerRule" from task_run where id = $1`,
    [taskRunId],
  )
  return rows[0]?.triggerRule === TEARDOWN_RULE
}

async function retryFacts(
  transaction: Transaction,
  run: LockedRun,
  taskRunId: TaskRunId,
  failure: Failure,
): Promise<{ policy: RetryPolicy; number: number }> {
  const { rows } = await transaction.query<{ taskId: string; number: number }>(
    `select task_id as "taskId", attempt_count - attempts_before as number from task_run where id = $1`,
    [taskRunId],
  )
  const version = await readVersion(transaction, run.versionId)
  const set = version.manifest.tasks.find((task) => task.id === rows[0]?.taskId)?.retry ?? INFRASTRUCTURE_POLICY
  const policy =
    failure.kind === "infrastructure" && set.retries < INFRASTRUCTURE_POLICY.retries ? INFRASTRUCTURE_POLICY : set
  return { policy, number: rows[0]?.number ?? 1 }
}
