import { ERROR_CODES, ERROR_KINDS, type ErrorCode, type ErrorKind, type Failure } from "./errors.ts"

/** How often and when a failed task is tried again. Times in milliseconds. */
export interface RetryPolicy {
  /** Tries after the first; 0 means never again. */
  retries: number
  delayMs: number
  /** Each further delay is the one before times this; 1 keeps it constant. */
  backoffFactor: number
  maxDelayMs: number
}

/** What a rule of its own can be made for: a kind of failure, or one code, which says more. */
export const RETRY_CAUSES = [...ERROR_KINDS.filter((kind) => kind !== "cancelled"), ...ERROR_CODES] as const
export type RetryCause = Exclude<ErrorKind, "cancelled"> | ErrorCode

/** A task's policy, with rules for failures of some kinds or codes that stand in its place. */
export interface TaskRetryPolicy extends RetryPolicy {
  rules: Readonly<Record<string, RetryPolicy>>
}

/** A worker's death is not the author's fault: such attempts are repeated this often even where no retries are set. */
export const INFRASTRUCTURE_POLICY: RetryPolicy = { retries: 5, delayMs: 1_000, backoffFactor: 2, maxDelayMs: 30_000 }

/**
 * The policy that holds for a failure: the rule of its code, else that of its kind, else the task's own. Without a rule,
 * a failure of our own machinery is tried at least as often as {@link INFRASTRUCTURE_POLICY} says. `own` is null where
 * the task is no longer known.
 */
export function policyFor(own: TaskRetryPolicy | null, failure: Pick<Failure, "code" | "kind">): RetryPolicy {
  const rule = own?.rules[failure.code] ?? own?.rules[failure.kind]
  if (rule) return rule
  const set = own ?? INFRASTRUCTURE_POLICY
  return failure.kind === "infrastructure" && set.retries < INFRASTRUCTURE_POLICY.retries ? INFRASTRUCTURE_POLICY : set
}

export type RetryDecision = { kind: "retry"; delayMs: number } | { kind: "give_up"; reason: string }

/**
 * Decides what follows attempt number `attemptNumber` (1-based). The delay is the capped exponential one, of which the
 * upper half is drawn at random ("equal jitter", Brooker, AWS Architecture Blog 2015): tasks that failed together do
 * not come back together, and none comes back at once. `random` is in [0, 1). A failure that says when to come back is
 * not tried before that.
 */
export function decideRetry(
  policy: RetryPolicy,
  attemptNumber: number,
  failure: Pick<Failure, "retry" | "retryAfterMs">,
  random: number,
): RetryDecision {
  if (failure.retry === "never") return { kind: "give_up", reason: "a retry cannot help" }
  if (attemptNumber > policy.retries) {
    return { kind: "give_up", reason: policy.retries === 0 ? "no retries set" : "no retries left" }
  }
  const full = Math.min(policy.maxDelayMs, policy.delayMs * policy.backoffFactor ** (attemptNumber - 1))
  const delayMs = Math.max(failure.retryAfterMs ?? 0, full / 2 + (full / 2) * random)
  return { kind: "retry", delayMs: Math.round(delayMs) }
}
