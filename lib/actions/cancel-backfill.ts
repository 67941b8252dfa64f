import { AppError } from "../domain/errors.ts"
import type { RunId } from "../domain/ids.ts"
import type { Store } from "../store/client.ts"
import { recordEvent } from "../store/events.ts"
import { announce } from "../store/notify.ts"
import { inTransaction } from "../store/transaction.ts"
import { cancelRun } from "./cancel-run.ts"

/**
 * Stops a backfill: no further run is created, those that live are cancelled.
 * @throws AppError `backfill.invalid` when there is none or it has ended.
 */
export async function cancelBackfill(
  store: Store,
  request: { backfillId: string; actor: string },
): Promise<{ cancelledRuns: number }> {
  const runs = await inTransaction(store.pool, async (transaction) => {
    const { rows } = await transaction.query<{ pipelineId: string }>(
      `update backfill set state = 'cancelled', finished_at = now(), pause_reason = null
       where id = $1 and state in ('running', 'paused')
       returning pipeline_id as "pipelineId"`,
      [request.backfillId],
    )
    const backfill = rows[0]
    if (!backfill) {
      throw new AppError("backfill.invalid", `Backfill ${request.backfillId} does not exist or has already ended.`)
    }
    await recordEvent(transaction, {
      type: "backfill.cancel",
      pipelineId: backfill.pipelineId,
      actor: request.actor,
      data: { backfillId: request.backfillId },
    })
    await announce(transaction, [{ type: "backfill", id: request.backfillId }])
    const live = await transaction.query<{ id: RunId }>(
      "select id from run where backfill_id = $1 and state in ('queued', 'running')",
      [request.backfillId],
    )
    return live.rows
  })
  // One transaction a run: a run's end locks its backfill, so cancelling them under the backfill's lock could deadlock.
  for (const run of runs) {
    await cancelRun(store, { runId: run.id, actor: request.actor }).catch((error: unknown) => {
      if (!(error instanceof AppError && error.code === "run.not_active")) throw error
    })
  }
  return { cancelledRuns: runs.length }
}
