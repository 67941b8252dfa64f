import { type SendOutcome, type WaitingDelivery, writeChannelHealth, writeOutcome } from "../store/alert-deliveries.ts"
import type { Store } from "../store/client.ts"
import { recordEvents } from "../store/events.ts"
import { addIncidentEvents } from "../store/incidents.ts"
import { announce } from "../store/notify.ts"
import { inTransaction } from "../store/transaction.ts"

/** Records what became of a message, with its deliveries, its channel, and the timelines of the incidents that it told of. */
export async function recordAlerts(
  store: Store,
  channelId: string,
  message: readonly WaitingDelivery[],
  outcome: SendOutcome,
  now: Date,
): Promise<void> {
  await inTransaction(store.pool, async (transaction) => {
    const written = await writeOutcome(
      transaction,
      { ids: message.map(({ id }) => id), tries: message.map(({ tries }) => tries) },
      outcome,
      now,
    )
    await writeChannelHealth(transaction, channelId, outcome.error, now)
    if (outcome.state === "later") return
    const isSent = outcome.state === "sent"
    const told = written.flatMap(({ incidentId, turn }) => (incidentId === null ? [] : [{ incidentId, turn }]))
    await addIncidentEvents(
      transaction,
      told.map(({ incidentId, turn }) => ({
        incidentId,
        type: isSent ? "told" : "not_told",
        actor: "headrace",
        at: now,
        body: channelId,
        data: { turn, ...(outcome.error && { error: outcome.error }) },
      })),
    )
    const incidents = new Map(message.flatMap(({ incident }) => (incident ? [[incident.id, incident]] : [])))
    await announce(
      transaction,
      told.map(({ incidentId }) => ({ type: "incident", id: incidentId, state: incidents.get(incidentId)!.state })),
    )
    if (!isSent) {
      await recordEvents(transaction, [{ type: "alert.failed", data: { channelId, message: outcome.error } }])
    }
  })
}
