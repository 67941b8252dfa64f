import type { CheckReceipt } from "../contracts/api/freshness.ts"
import { AppError } from "../domain/errors.ts"
import type { Store } from "../store/client.ts"
import { wakeFreshness } from "../store/notify.ts"
import { inTransaction } from "../store/transaction.ts"

/**
 * Has a dataset looked at now: its freshness judged, or measured, and its monitor run, by whichever worker wakes first. What
 * is under way is not interrupted; it is done once more afterwards.
 * @throws AppError `dataset.not_watched` where it has neither a freshness policy nor a monitor.
 */
export async function askForCheck(store: Store, datasetId: string): Promise<CheckReceipt> {
  return inTransaction(store.pool, async (transaction) => {
    const { rows } = await transaction.query<{ at: Date }>(
      `with judged as (
         update freshness_status set check_at = date_trunc('milliseconds', now()), failures = 0
         where dataset_id = $1 and policy is not null
         returning dataset_id
       ), looked as (
         update dataset_monitor set next_at = date_trunc('milliseconds', now()) where dataset_id = $1 returning dataset_id
       )
       select date_trunc('milliseconds', now()) as at from judged
       union all select date_trunc('milliseconds', now()) from looked`,
      [datasetId],
    )
    const asked = rows[0]
    if (!asked) {
      throw new AppError(
        "dataset.not_watched",
        `${datasetId} has no freshness policy and no monitor; declare one under quality/ in the workspace.`,
      )
    }
    await wakeFreshness(transaction)
    return { datasetId, askedAt: asked.at.toISOString() }
  })
}
