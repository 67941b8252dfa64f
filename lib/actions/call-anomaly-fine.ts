import type { Lesson } from "../contracts/api/series.ts"
import { AppError } from "../domain/errors.ts"
import { type AnomalyHead, judgeAgain, lockAnomaly } from "../store/anomalies.ts"
import type { Store } from "../store/client.ts"
import { recordEvent } from "../store/events.ts"
import { announce } from "../store/notify.ts"
import { inTransaction, type Transaction } from "../store/transaction.ts"

/**
 * Closes an anomaly because a person says that it is fine. `point`: such values happen, and the band reaches as far from now
 * on. `shift`: from here on the level is another. What came after it in its series is judged again with that. Saying it again
 * changes what is learned.
 *
 * @throws AppError `anomaly.not_found`
 */
export async function callAnomalyFine(
  store: Store,
  id: string,
  { lesson, note, actor }: { lesson: Lesson; note: string; actor: string },
): Promise<void> {
  await inTransaction(store.pool, async (transaction) => {
    const anomaly = await lockAnomaly(transaction, id)
    await transaction.query(
      "update anomaly set state = 'fine', lesson = $2, note = $3, closed_by = $4, closed_at = now() where id = $1",
      [id, lesson, note, actor],
    )
    await judgeAgain(transaction, anomaly, anomaly.state === "fine" ? ["unusual", "expected"] : ["unusual"])
    await tell(transaction, anomaly, "anomaly.fine", actor, { lesson })
  })
}

/**
 * Takes back that an anomaly is fine: it, and what came after it in its series, is judged as if nobody had said so. Without its
 * measurement, which may be gone, it is merely closed.
 *
 * @throws AppError `anomaly.not_found`, `anomaly.not_fine`
 */
export async function undoAnomalyFine(store: Store, id: string, actor: string): Promise<void> {
  await inTransaction(store.pool, async (transaction) => {
    const anomaly = await lockAnomaly(transaction, id)
    if (anomaly.state !== "fine") throw new AppError("anomaly.not_fine", "Nobody called this anomaly fine.")
    await transaction.query(
      `update anomaly a
       set state = case when p.id is null then 'closed' else 'open' end, closed_by = case when p.id is null then $2 end,
           closed_at = case when p.id is null then now() end, lesson = null, note = ''
       from anomaly self
       left join metric_point p on p.id = self.point_id
       where a.id = $1 and self.id = a.id`,
      [id, actor],
    )
    await judgeAgain(transaction, anomaly, ["unusual", "expected"], true)
    await tell(transaction, anomaly, "anomaly.undo", actor, {})
  })
}

async function tell(
  transaction: Transaction,
  { id, datasetId, metric, column, runId }: AnomalyHead,
  type: string,
  actor: string,
  more: { lesson?: Lesson },
): Promise<void> {
  await recordEvent(transaction, { type, runId, actor, data: { anomalyId: id, datasetId, metric, column, ...more } })
  await announce(transaction, [{ type: "series" }])
}
