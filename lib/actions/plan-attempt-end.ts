import type { TaskResult } from "../contracts/task-result.ts"
import type { WaitRequest } from "../contracts/wait.ts"
import { assertNever } from "../domain/assert-never.ts"
import type { FinalAttemptState } from "../domain/attempt-state.ts"
import type { Failure } from "../domain/errors.ts"
import { decideRetry, policyFor, type TaskRetryPolicy } from "../domain/retry.ts"
import type { AttemptEnd } from "../store/attempts.ts"

/** How an attempt ended, as the executor or the reaper saw it. */
export type AttemptOutcome =
  | { kind: "success"; result: TaskResult }
  | { kind: "skipped"; result: TaskResult; reason: string }
  /** The task is put off until what it waits for comes; what it has to say so far is kept. */
  | { kind: "deferred"; result: TaskResult; wait: WaitRequest }
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

/** What the end depends on besides the outcome. */
export interface EndFacts {
  /** Its run is being cancelled and it is no tear-down: nothing is tried again. */
  isCancelling: boolean
  /** The task's own; null where its version no longer says. */
  retry: TaskRetryPolicy | null
  /** Counted from the last clear, 1-based. */
  attemptNumber: number
  /** In [0, 1): sets the retry's jitter. */
  random: number
}

const CANCELLED = {
  attemptState: "cancelled",
  taskRunState: "cancelled",
  reason: "The run was cancelled.",
} as const

/** The one place that says what an outcome means for its attempt and its task run. */
export function planAttemptEnd(
  attempt: Pick<AttemptEnd, "attemptId" | "taskRunId">,
  outcome: AttemptOutcome,
  facts: EndFacts,
): AttemptEnd {
  const base = {
    attemptId: attempt.attemptId,
    taskRunId: attempt.taskRunId,
    reason: null,
    failure: null,
    exitCode: null,
    metrics: {},
    delayMs: null,
    isUncounted: false,
  }
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
    case "deferred":
      if (facts.isCancelling) return { ...base, ...CANCELLED }
      return {
        ...base,
        attemptState: "deferred",
        taskRunState: "deferred",
        reason: outcome.wait.text,
        metrics: outcome.result.metrics,
        isUncounted: true,
      }
    case "cancelled":
      return { ...base, ...CANCELLED }
    case "handed_back":
      if (facts.isCancelling) return { ...base, ...CANCELLED }
      return {
        ...base,
        attemptState: "cancelled",
        taskRunState: "ready",
        reason: "Its worker was stopped; another takes over.",
        isUncounted: true,
      }
    case "failed":
      return { ...base, ...planFailure(outcome, facts) }
    default:
      return assertNever(outcome)
  }
}

function planFailure(outcome: Extract<AttemptOutcome, { kind: "failed" }>, facts: EndFacts) {
  const { failure } = outcome
  const failed = {
    attemptState: outcome.attemptState,
    failure,
    exitCode: outcome.exitCode,
    metrics: outcome.result?.metrics ?? {},
  }
  if (facts.isCancelling) return { ...failed, taskRunState: "cancelled", reason: CANCELLED.reason } as const
  const decision = decideRetry(policyFor(facts.retry, failure), facts.attemptNumber, failure, facts.random)
  return decision.kind === "retry"
    ? ({ ...failed, taskRunState: "up_for_retry", delayMs: decision.delayMs, reason: failure.message } as const)
    : ({ ...failed, taskRunState: "failed", reason: `${failure.message} (${decision.reason})` } as const)
}
