import type { Failure } from "./errors.ts"

/** How often and when a failed task is tried again. Times in milliseconds. */
export interface RetryPolicy {
  /** Tries after the first; 0 means never again. */
  retries: number
  delayMs: number
  /** Each further delay is the one before times this; 1 keeps it constant. */
  backoffFactor: number
  maxDelayMs: number
}

export type RetryDecision = { kind: "retry"; delayMs: number } | { kind: "give_up"; reason: string }

/**
 * Decides what follows attempt number `attemptNumber` (1-based). The delay is the capped exponential one, of which the
 * upper half is drawn at random ("equal jitter", Brooker, AWS Architecture Blog 2015): tasks that failed together do
 * not come back together, and none comes back at once. `random` is in [0, 1).
 */
export function decideRetry(
  policy: RetryPolicy,
  attemptNumber: number,
  failure: Pick<Failure, "retry">,
  random: number,
): RetryDecision {
  if (failure.retry === "never") return { kind: "give_up", reason: "a retry cannot help" }
  if (attemptNumber > policy.retries) {
    return { kind: "give_up", reason: policy.retries === 0 ? "no retries set" : "no retries left" }
  }
  const full = Math.min(policy.maxDelayMs, policy.delayMs * policy.backoffFactor ** (attemptNumber - 1))
  return { kind: "retry", delayMs: Math.round(full / 2 + (full / 2) * random) }
}
