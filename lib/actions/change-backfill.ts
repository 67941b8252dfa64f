import { AppError } from "../domain/errors.ts"
import { type LockedBackfill, lockBackfill, reopenFailedSlots } from "../store/backfills.ts"
import type { Store } from "../store/client.ts"
import { recordEvent } from "../store/events.ts"
import { announce } from "../store/notify.ts"
import { inTransaction, type Transaction } from "../store/transaction.ts"
import { advanceBackfill } from "./advance-backfill.ts"

/** What a person may do to a backfill while it is under way. */
export interface BackfillChange {
  isPaused?: boolean
  /** Runs at a time. Fewer than run now: those finish, and no further one starts meanwhile. */
  concurrency?: number
  /** Of runs that are created from now on. */
  priority?: number
}

/**
 * Pauses, resumes, widens or narrows a backfill. A pause lets the runs that live finish; a change that makes room creates
 * the next runs at once.
 * @throws AppError `backfill.not_found`; `backfill.invalid` when it has ended.
 */
export async function changeBackfill(
  store: Store,
  request: BackfillChange & { backfillId: string; actor: string },
): Promise<void> {
  await inTransaction(store.pool, async (transaction) => {
    const backfill = await requireBackfill(transaction, request.backfillId)
    if (backfill.state !== "running" && backfill.state !== "paused") {
      throw new AppError(
        "backfill.invalid",
        `Backfill ${backfill.id} has already ended as ${backfill.state}; run its failed partitions again, or start a new one.`,
      )
    }
    const { isPaused = backfill.state === "paused", concurrency = backfill.concurrency } = request
    const { priority = backfill.priority } = request
    const state = isPaused ? "paused" : "running"
    await transaction.query(
      "update backfill set state = $2, concurrency = $3, priority = $4, pause_reason = null where id = $1",
      [backfill.id, state, concurrency, priority],
    )
    const word = state === backfill.state ? "changed" : isPaused ? "paused" : "resumed"
    await recordEvent(transaction, {
      type: `backfill.${word}`,
      pipelineId: backfill.pipelineId,
      actor: request.actor,
      data: { backfillId: backfill.id, concurrency, priority },
    })
    await advanceBackfill(transaction, store.boss, backfill.id)
  })
}

/**
 * Runs the failed and cancelled partitions of a backfill again, and them alone, within the same backfill: its concurrency
 * holds for them, and each gets a new run. One that had ended goes on.
 * @throws AppError `backfill.not_found`; `backfill.invalid` where no partition has failed.
 */
export async function rerunFailedSlots(
  store: Store,
  request: { backfillId: string; actor: string },
): Promise<{ partitions: number }> {
  return inTransaction(store.pool, async (transaction) => {
    const backfill = await requireBackfill(transaction, request.backfillId)
    const partitions = await reopenFailedSlots(transaction, backfill.id)
    if (partitions === 0) {
      throw new AppError("backfill.invalid", `No partition of backfill ${backfill.id} has failed; nothing runs again.`)
    }
    await transaction.query(
      `update backfill set state = case state when 'paused' then 'paused' else 'running' end, finished_at = null
       where id = $1`,
      [backfill.id],
    )
    await recordEvent(transaction, {
      type: "backfill.rerun_failed",
      pipelineId: backfill.pipelineId,
      actor: request.actor,
      data: { backfillId: backfill.id, partitions },
    })
    await advanceBackfill(transaction, store.boss, backfill.id)
    await announce(transaction, [{ type: "backfill", id: backfill.id }])
    return { partitions }
  })
}

async function requireBackfill(transaction: Transaction, id: string): Promise<LockedBackfill> {
  const backfill = await lockBackfill(transaction, id)
  if (!backfill) throw new AppError("backfill.not_found", `There is no backfill ${id}.`)
  return backfill
}
