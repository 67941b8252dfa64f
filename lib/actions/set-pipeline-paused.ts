import { AppError } from "../domain/errors.ts"
import type { Store } from "../store/client.ts"
import { recordEvent } from "../store/events.ts"
import { announce, wakeSchedulers } from "../store/notify.ts"
import { inTransaction } from "../store/transaction.ts"

/**
 * Pauses or resumes a pipeline's schedule. Runs that exist go on, and manual runs and backfills are still possible.
 * @throws AppError `pipeline.not_found`.
 */
export async function setPipelinePaused(
  store: Store,
  request: { pipelineId: string; isPaused: boolean; actor: string },
): Promise<void> {
  await inTransaction(store.pool, async (transaction) => {
    const { rowCount } = await transaction.query(
      "update pipeline set is_paused = $2, updated_at = now() where id = $1",
      [request.pipelineId, request.isPaused],
    )
    if (rowCount === 0) throw new AppError("pipeline.not_found", `There is no pipeline ${request.pipelineId}.`)
    await recordEvent(transaction, {
      type: request.isPaused ? "pipeline.pause" : "pipeline.resume",
      pipelineId: request.pipelineId,
      actor: request.actor,
    })
    if (!request.isPaused) await wakeSchedulers(transaction)
    await announce(transaction, [{ type: "workspace" }])
  })
}
