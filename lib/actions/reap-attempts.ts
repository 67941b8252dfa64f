import { AppError, toFailure } from "../domain/errors.ts"
import type { AttemptId } from "../domain/ids.ts"
import { findSilentAttempts } from "../store/attempts.ts"
import type { Store } from "../store/client.ts"
import { finishAttempt } from "./finish-attempt.ts"

/**
 * Ends attempts whose worker has been silent for longer than `timeoutMs` as lost, and marks such workers gone. Each is
 * reaped exactly once, however many reapers look: the end is guarded by the fence. Returns those it reaped.
 */
export async function reapAttempts(store: Store, timeoutMs: number): Promise<AttemptId[]> {
  const reaped: AttemptId[] = []
  for (const attempt of await findSilentAttempts(store.pool, timeoutMs)) {
    const failure = toFailure(
      new AppError(
        "attempt.lost",
        `Its worker was not heard of for ${Math.round(timeoutMs / 1000)} s: the process was killed or cut off.`,
        { kind: "infrastructure", retry: "later" },
      ),
    )
    const receipt = await finishAttempt(store, attempt, {
      kind: "failed",
      attemptState: "lost",
      failure,
      exitCode: null,
      result: null,
    })
    if (receipt.kind === "recorded") reaped.push(attempt.attemptId)
  }
  await store.pool.query(
    `update worker set state = 'gone'
     where state <> 'gone' and heartbeat_at < now() - $1 * interval '1 millisecond'`,
    [timeoutMs],
  )
  return reaped
}
