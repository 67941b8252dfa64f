import { type DeliveryDecision, DISABLE_AFTER_MS } from "../domain/delivery.ts"
import type { Store } from "../store/client.ts"
import { recordEvent } from "../store/events.ts"
import { inTransaction } from "../store/transaction.ts"
import { disableWebhook, noteEndpointHealth, recordDelivery } from "../store/webhooks.ts"

/** How one try to deliver ended. */
export interface DeliveryResult {
  delivery: { id: string; webhookId: string; tries: number }
  decision: DeliveryDecision
  /** Null when nobody answered. */
  status: number | null
  /** What went wrong, in a sentence. */
  error: string | null
  durationMs: number
}

/**
 * Records what became of a delivery and how its endpoint is. An endpoint that is gone, or that has taken nothing for three
 * days, is switched off, with an event that others are told of; what waits for it stays until it is switched on again.
 */
export async function recordDeliveryResult(store: Store, result: DeliveryResult, now = new Date()): Promise<void> {
  await inTransaction(store.pool, async (transaction) => {
    const { delivery, decision, status, error, durationMs } = result
    const next = decision.kind === "retry" ? decision : { kind: decision.kind }
    await recordDelivery(transaction, { id: delivery.id, tries: delivery.tries, next, status, error, durationMs })
    const endpoint = await noteEndpointHealth(transaction, delivery.webhookId, decision.kind === "delivered")
    const isGone = decision.kind === "dead" && decision.isGone
    const failingMs = endpoint?.failingSince ? now.getTime() - endpoint.failingSince.getTime() : 0
    if (!isGone && failingMs < DISABLE_AFTER_MS) return
    const reason = isGone
      ? "It answered 410 Gone."
      : `Every delivery has failed since ${endpoint!.failingSince!.toISOString()}; the last one: ${error}`
    if (!(await disableWebhook(transaction, delivery.webhookId, reason))) return
    await recordEvent(transaction, {
      type: "webhook.disabled",
      data: { webhookId: delivery.webhookId, url: endpoint?.url ?? "", message: reason },
    })
  })
}
