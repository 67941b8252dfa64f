import type { PgBoss } from "pg-boss"
import { AppError } from "../domain/errors.ts"
import {
  countFailedSlots,
  countLiveRuns,
  type LockedBackfill,
  lockBackfill,
  readNextSlots,
  writeSlotRuns,
} from "../store/backfills.ts"
import { recordEvent } from "../store/events.ts"
import { announce } from "../store/notify.ts"
import type { Transaction } from "../store/transaction.ts"
import { type TriggerRequest, triggerRunIn } from "./trigger-run.ts"

/**
 * Creates a backfill's next runs up to its concurrency and ends it when all slots are done. State lies in the slots, under
 * the backfill's row lock: after a crash at any point, the next call goes on where it was, no slot twice and none missing.
 * One whose pipeline can no longer be started pauses. A paused one gets no further run, but ends where nothing is left; one that failed is judged anew when somebody retried
 * its runs.
 */
export async function advanceBackfill(transaction: Transaction, boss: PgBoss, backfillId: string): Promise<void> {
  const backfill = await lockBackfill(transaction, backfillId)
  if (!backfill || backfill.state === "success" || backfill.state === "cancelled") return
  const live = await countLiveRuns(transaction, backfillId)
  const free = Math.max(0, backfill.concurrency - live)
  const next = await readNextSlots(transaction, backfillId, Math.max(1, free))
  if (backfill.state === "running" && free > 0 && next.length > 0) {
    const made: { position: number; runId: string }[] = []
    for (const slot of next) {
      const request: TriggerRequest = {
        pipelineId: backfill.pipelineId,
        kind: "backfill",
        scheduleKey: slot.tries === 0 ? "" : `try ${slot.tries + 1}`,
        logicalAt: slot.logicalAt,
        intervalStart: slot.logicalAt,
        intervalEnd: slot.intervalEnd,
        partitionKey: slot.partitionKey,
        params: backfill.params,
        actor: backfill.createdBy,
        reason: `backfill ${backfillId}`,
        backfillId,
        priority: backfill.priority,
        tasks: backfill.tasks,
      }
      try {
        const { runId } = await triggerRunIn(transaction, boss, request)
        made.push({ position: slot.position, runId })
      } catch (error) {
        // Thrown before anything is written. It must not undo the end of the run that made room for this one.
        if (!(error instanceof AppError && CANNOT_START.has(error.code))) throw error
        await pauseBackfill(transaction, backfill, error.message)
        break
      }
    }
    await writeSlotRuns(transaction, backfillId, made)
  }
  await announce(transaction, [{ type: "backfill", id: backfillId }])
  if (next.length === 0 && live === 0) await endBackfill(transaction, backfill)
}

/** The pipeline is gone, or takes other params by now. */
const CANNOT_START: ReadonlySet<string> = new Set(["pipeline.not_found", "pipeline.invalid", "run.params_invalid"])

/** Holds a backfill whose next run cannot be created, until somebody has mended its pipeline and resumes it. */
async function pauseBackfill(transaction: Transaction, backfill: LockedBackfill, reason: string): Promise<void> {
  await transaction.query("update backfill set state = 'paused' where id = $1", [backfill.id])
  await recordEvent(transaction, {
    type: "backfill.paused",
    pipelineId: backfill.pipelineId,
    data: { backfillId: backfill.id, reason },
  })
}

async function endBackfill(transaction: Transaction, backfill: LockedBackfill): Promise<void> {
  const failed = await countFailedSlots(transaction, backfill.id)
  const state = failed > 0 ? "failed" : "success"
  if (state === backfill.state) return
  await transaction.query("update backfill set state = $2, finished_at = now() where id = $1", [backfill.id, state])
  await recordEvent(transaction, {
    type: `backfill.${state}`,
    pipelineId: backfill.pipelineId,
    data: { backfillId: backfill.id, failed },
  })
}
