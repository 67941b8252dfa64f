import { assertNever } from "#lib/domain/assert-never.ts"
import { AppError } from "#lib/domain/errors.ts"
import type { AuthorOutcome } from "./author-call.ts"

export type AuthorOutput = Extract<AuthorOutcome, { kind: "done" }>["output"]

/** What a call gave, or the reason its author skipped the task; everything else is thrown. */
export type AuthorReturn = { skipped: null; output: AuthorOutput } | { skipped: string; output: null }

/**
 * Turns an outcome into a return or an exception in the executor's terms.
 * @throws AppError with the place in the author's file, or the signal's reason where the attempt was stopped.
 */
export function unwrapAuthorOutcome(outcome: AuthorOutcome, signal: AbortSignal): AuthorReturn {
  switch (outcome.kind) {
    case "done":
      return { skipped: null, output: outcome.output }
    case "skipped":
      return { skipped: outcome.reason, output: null }
    case "threw": {
      const { code, message, kind, retry, retryAfterMs, where, stack, group } = outcome.failure
      throw new AppError(code, message, { kind, retry, retryAfterMs, where, authorStack: stack, group })
    }
    case "timed_out":
      throw new AppError(
        "attempt.timed_out",
        "The code ran past its time limit and was killed; raise `timeout` or do less.",
        {
          retry: "later",
        },
      )
    case "out_of_memory":
      throw new AppError(
        "attempt.out_of_memory",
        `The process of the task was ${outcome.detail}; raise \`memoryMb\` or hold less in memory.`,
        {
          retry: "later",
          details: { exitCode: outcome.exitCode },
        },
      )
    case "killed":
      throw new AppError("attempt.killed", `The process of the task ended: ${outcome.detail}.`, {
        kind: "infrastructure",
        retry: "later",
        details: { exitCode: outcome.exitCode, signal: outcome.signal },
      })
    case "cancelled":
      signal.throwIfAborted()
      throw new AppError("attempt.cancelled", "The task was stopped.", { kind: "cancelled" })
    default:
      return assertNever(outcome)
  }
}
