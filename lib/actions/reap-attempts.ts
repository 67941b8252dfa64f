import { AppError, toFailure } from "../domain/errors.ts"
import type { AttemptId } from "../domain/ids.ts"
import { findSilentAttempts, type RunningAttempt } from "../store/attempts.ts"
import type { Store } from "../store/client.ts"
import { finishAttempts, type ReportedEnd } from "./finish-attempts.ts"

/**
 * Ends attempts whose worker has been silent for longer than `timeoutMs` as lost, and marks such workers gone. Each is
 * reaped exactly once, however many reapers look: the end is guarded by the fence. Returns those it reaped.
 */
export async function reapAttempts(store: Store, timeoutMs: number): Promise<AttemptId[]> {
  const silent = await findSilentAttempts(store.pool, timeoutMs)
  const receipts =
    silent.length > 0
      ? await finishAttempts(
          store,
          silent.map((attempt) => lost(attempt, timeoutMs)),
        )
      : []
  await store.pool.query(
    `update worker set state = 'gone'
     where state <> 'gone' and heartbeat_at < now() - $1 * interval '1 millisecond'`,
    [timeoutMs],
  )
  return silent.filter((_, index) => receipts[index]!.kind === "recorded").map((attempt) => attempt.attemptId)
}

function lost(attempt: RunningAttempt, timeoutMs: number): ReportedEnd {
  const failure = toFailure(
    new AppError(
      "attempt.lost",
      `Its worker was not heard of for ${Math.round(timeoutMs / 1000)} s: the process was killed or cut off.`,
      { kind: "infrastructure", retry: "later" },
    ),
  )
  return { attempt, outcome: { kind: "failed", attemptState: "lost", failure, exitCode: null, result: null } }
}
