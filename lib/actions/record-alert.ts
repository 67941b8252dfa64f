import type { NotificationRecord } from "../contracts/task-result.ts"
import type { Store } from "../store/client.ts"
import { type AlertOutcome, type WaitingAlert, writeAlertOutcome } from "../store/deadlines.ts"
import { recordEvent } from "../store/events.ts"
import { announce } from "../store/notify.ts"
import { inTransaction } from "../store/transaction.ts"

/** Records what became of a try to tell of a missed deadline; one that is final is listed with the notifications. */
export async function recordAlert(
  store: Store,
  alert: WaitingAlert,
  sent: Pick<NotificationRecord, "channel" | "target" | "subject">,
  outcome: AlertOutcome,
): Promise<void> {
  await inTransaction(store.pool, async (transaction) => {
    // False: its lease was over, and another scheduler has taken it.
    const isOurs = await writeAlertOutcome(transaction, alert, outcome)
    if (!isOurs || outcome.kind === "later") return
    await transaction.query(
      `insert into notification (run_id, channel, target, subject, state, tries, error, delivered_at)
       values ($1, $2, $3, $4, $5, $6, $7, case when $5 = 'sent' then now() end)`,
      [
        alert.runId,
        sent.channel,
        sent.target,
        sent.subject,
        outcome.kind,
        alert.tries,
        outcome.kind === "failed" ? outcome.error : null,
      ],
    )
    if (outcome.kind === "failed") {
      await recordEvent(transaction, {
        type: "deadline.alert_failed",
        pipelineId: alert.pipelineId,
        runId: alert.runId,
        data: { key: alert.key, channel: alert.channel, message: outcome.error },
      })
    }
    await announce(transaction, [{ type: "deadline", pipelineId: alert.pipelineId, runId: alert.runId }])
  })
}
