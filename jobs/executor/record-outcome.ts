import type { Logger } from "pino"
import { type FinishReceipt, finishAttempts, type ReportedEnd } from "#lib/actions/finish-attempts.ts"
import type { AttemptOutcome } from "#lib/actions/plan-attempt-end.ts"
import { AppError, toFailure } from "#lib/domain/errors.ts"
import type { Claim } from "#lib/store/attempts.ts"
import type { Store } from "#lib/store/client.ts"
import { isStoreAway } from "#lib/store/is-store-away.ts"
import { Batcher } from "./batcher.ts"

/** Ends recorded in one transaction at most: more gain nothing, and hold their runs' locks for longer. */
const MAX_ENDS = 200
const TRIES = 30
/** Tries to record an end that the database refuses; then what the task left behind is at fault. */
const REFUSED_TRIES = 3

/**
 * Gives the function that records an attempt's outcome, together with what else ends meanwhile. While the store is away it
 * keeps trying: the work is done and must not be lost for that. An outcome that the store does not take becomes a failure
 * that says so.
 */
export function createOutcomeRecorder(parts: {
  store: Store
  log: Logger
}): (claim: Claim, outcome: AttemptOutcome) => Promise<void> {
  const { store, log } = parts
  const batcher = (busyRuns: "wait" | "pass_over", maxInFlight: number) =>
    new Batcher<ReportedEnd, FinishReceipt>({
      record: (items) => finishAttempts(store, items, { busyRuns }),
      maxInFlight,
      maxItems: MAX_ENDS,
      isForAll: isStoreAway,
    })
  // One group at a time: two would wait for each other's runs, and a large one costs less (measured: half the CPU of two).
  const ends = batcher("pass_over", 1)
  const held = batcher("wait", 4)
  const submit = async (end: ReportedEnd) => {
    const receipt = await ends.submit(end)
    // Somebody who sits on a run holds up that run only.
    return receipt.kind === "busy" ? held.submit(end) : receipt
  }
  return async (claim, outcome) => {
    let refusals = 0
    for (let tries = 1; ; tries++) {
      try {
        const receipt = await submit({ attempt: claim, outcome })
        if (receipt.kind === "superseded") {
          log.warn({ attemptId: claim.attemptId, taskId: claim.taskId, runId: claim.runId }, "attempt was superseded")
        }
        return
      } catch (error) {
        if (tries >= TRIES) throw error
        log.warn({ attemptId: claim.attemptId, tries, error: String(error) }, "outcome not recorded yet")
        if (!isStoreAway(error) && ++refusals === REFUSED_TRIES) outcome = refused(error)
        await new Promise((resolve) => setTimeout(resolve, Math.min(2_000, 50 * 2 ** tries)))
      }
    }
  }
}

function refused(error: unknown): AttemptOutcome {
  const message = `What the task left behind could not be stored (${String(error)}); return plain JSON of moderate size.`
  const failure = toFailure(new AppError("internal", message, { kind: "code", retry: "never", cause: error }))
  return { kind: "failed", attemptState: "failed", failure, exitCode: null, result: null }
}
