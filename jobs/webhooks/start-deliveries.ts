import type { Logger } from "pino"
import { recordDeliveryResult } from "#lib/actions/record-delivery.ts"
import { keepLineageEndpoint } from "#lib/actions/save-webhook.ts"
import { type HttpAnswer, sendRequest } from "#lib/connectors/http/send-request.ts"
import { LINEAGE_SUBSCRIPTION } from "#lib/connectors/openlineage/lineage-events.ts"
import { type DeliveryAnswer, type DeliveryDecision, decideDelivery, parseRetryAfter } from "#lib/domain/delivery.ts"
import { AppError } from "#lib/domain/errors.ts"
import type { Config } from "#lib/server/config.ts"
import type { Store } from "#lib/store/client.ts"
import { claimDeliveries, type Delivery, nextDeliveryAt, type WebhookKind } from "#lib/store/webhooks.ts"
import { Loop } from "../scheduler/loop.ts"
import { renderDelivery } from "./render-delivery.ts"

export interface Deliveries {
  /** There may be something to deliver. */
  wake(): void
  /** Starts no further one and waits for those under way. */
  stop(): Promise<void>
}

/** Sent at once by this worker, and to one endpoint of it: a slow receiver must not hold up the others. */
const LIMIT = 16
const PER_ENDPOINT = 4
/** A receiver takes a message and works afterwards; it has the time that Standard Webhooks recommends. */
const TIMEOUT_MS = 15_000
/** Later than any try can last: what is still open then died with its worker. */
const LEASE_MS = 2 * TIMEOUT_MS
/** A stopping worker gives answers this long to arrive; what is cut off is made again after its lease. */
const STOP_MS = 2_000
/** The backstop for a lost notification. */
const POLL_MS = 2_000

/**
 * Delivers what lies in the outbox of webhooks and OpenLineage, in this worker beside all others: woken by notifications,
 * and at the instant when the next try is due. Each delivery is made at least once, with one id for all its tries.
 */
export async function startDeliveries(parts: {
  store: Store
  config: Config
  log: Logger
  decide?: typeof decideDelivery
  timeoutMs?: number
}): Promise<Deliveries> {
  const { store, config, log, decide = decideDelivery, timeoutMs = TIMEOUT_MS } = parts
  const kinds: WebhookKind[] = config.openLineage ? ["webhook", "openlineage"] : ["webhook"]
  await keepLineageEndpoint(store, config.openLineage && { url: config.openLineage.url, events: LINEAGE_SUBSCRIPTION })
  const live = new Set<Promise<void>>()
  const busy = new Map<string, number>()
  const stopping = new AbortController()

  const loop = new Loop({
    everyMs: POLL_MS,
    step: async () => {
      const limit = LIMIT - live.size
      if (limit <= 0) return null
      const claimed = await claimDeliveries(store.pool, {
        kinds,
        limit,
        perEndpoint: PER_ENDPOINT,
        busy,
        leaseMs: LEASE_MS,
      })
      for (const delivery of claimed) begin(delivery)
      return claimed.length > 0 ? null : nextDeliveryAt(store.pool, kinds)
    },
    onError: (error) => log.warn({ loop: "deliveries", error: String(error) }, "loop step failed"),
  })

  function begin(delivery: Delivery): void {
    const count = (by: number) => {
      const left = (busy.get(delivery.webhookId) ?? 0) + by
      if (left > 0) busy.set(delivery.webhookId, left)
      else busy.delete(delivery.webhookId)
    }
    count(1)
    const work: Promise<void> = make(delivery)
      .catch((error: unknown) => log.warn({ deliveryId: delivery.id, error: String(error) }, "delivery not recorded"))
      .finally(() => {
        live.delete(work)
        count(-1)
        // The end of one lets the next of its run, or of its endpoint, go.
        loop.wake()
      })
    live.add(work)
  }

  async function make(delivery: Delivery): Promise<void> {
    const startedAt = Date.now()
    const { answer, error } = await send(delivery)
    // Cut off by us: the lease brings it back, and the endpoint is not to blame.
    if (stopping.signal.aborted && answer.kind !== "answered") return
    const decision: DeliveryDecision = decide(delivery.tries, answer, Math.random())
    const status = answer.kind === "answered" ? answer.status : null
    const isWell = decision.kind === "delivered"
    if (!isWell) {
      log.warn(
        { webhookId: delivery.webhookId, deliveryId: delivery.id, tries: delivery.tries, error },
        "delivery failed",
      )
    }
    await recordDeliveryResult(store, {
      delivery,
      decision,
      status,
      error: isWell ? null : error,
      durationMs: Date.now() - startedAt,
    })
  }

  /** Sends all requests of a delivery in order, up to the first that is not taken. */
  async function send(delivery: Delivery): Promise<{ answer: DeliveryAnswer; error: string | null }> {
    let last: { answer: DeliveryAnswer; error: string | null } = {
      answer: { kind: "answered", status: 200, retryAfterMs: null },
      error: null,
    }
    try {
      for (const request of await renderDelivery(store, config, delivery)) {
        const answered = await sendRequest({
          ...request,
          method: "POST",
          timeoutMs,
          maxBytes: 0,
          signal: stopping.signal,
          label: new URL(delivery.url).host,
          staysPut: true,
          // The environment's own backend may well be a neighbour.
          isPublicOnly: delivery.kind === "webhook" && !config.allowsPrivateWebhooks,
        })
        last = { answer: toAnswer(answered), error: sentenceFor(answered.status) }
        if (last.answer.kind === "answered" && (answered.status < 200 || answered.status >= 300)) return last
      }
      return last
    } catch (error) {
      const kind = error instanceof AppError && error.retry === "never" ? "forbidden" : "unreachable"
      return { answer: { kind }, error: error instanceof Error ? error.message : String(error) }
    }
  }

  loop.wake()
  return {
    wake: () => loop.wake(),
    async stop() {
      await loop.stop()
      await Promise.race([Promise.all(live), new Promise((resolve) => setTimeout(resolve, STOP_MS).unref())])
      stopping.abort(new Error("The worker is stopping."))
      await Promise.all(live)
    },
  }
}

function toAnswer({ status, headers }: HttpAnswer): DeliveryAnswer {
  return { kind: "answered", status, retryAfterMs: parseRetryAfter(headers["retry-after"], new Date()) }
}

function sentenceFor(status: number): string | null {
  if (status >= 200 && status < 300) return null
  if (status >= 300 && status < 400) return `It answered ${status}; redirects are not followed, give the final address.`
  return `It answered ${status}.`
}
