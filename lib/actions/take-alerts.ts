import { planSend } from "../domain/alert-send.ts"
import {
  type LockedChannel,
  lockDueChannel,
  lockDueDeliveries,
  OBJECT_KINDS,
  readRouteTimes,
  readSentTimes,
  type WaitingDelivery,
  writeDropped,
  writeHeld,
  writeTaken,
} from "../store/alert-deliveries.ts"
import { readOpenWindows } from "../store/alert-routes.ts"
import type { Store } from "../store/client.ts"
import { inTransaction } from "../store/transaction.ts"

/** What is to be sent to one channel: each message tells of one delivery or of several. */
export interface TakenAlerts {
  channel: LockedChannel
  messages: WaitingDelivery[][]
  /** More is due than was taken. */
  hasMore: boolean
}

/** Deliveries of one channel that are looked at in one go. */
const LIMIT = 200
/** Messages that are taken in one go: they are sent one after the other, and the last must be sent before its lease is over. */
const MAX_MESSAGES = 5

/**
 * Takes what is due of one channel and counts the try; what waits, or need not be told any more, is written so. `leaseMs`
 * later it is due again, whatever became of the worker, so each is sent at least once; no transaction stays open while
 * something is sent. Null: nothing is due of any channel but those of `besides`, or other workers see to it.
 */
export async function takeAlerts(
  store: Store,
  request: { now: Date; leaseMs: number; besides: readonly string[] },
): Promise<TakenAlerts | null> {
  const { now } = request
  return inTransaction(store.pool, async (transaction) => {
    const channel = await lockDueChannel(transaction, now, request.besides)
    if (!channel) return null
    const due = await lockDueDeliveries(transaction, channel.id, now, LIMIT)
    const routeIds = [...new Set(due.flatMap(({ routeId }) => routeId ?? []))]
    const plan = planSend(
      due,
      {
        canDigest: !(OBJECT_KINDS as readonly string[]).includes(channel.kind),
        maxPerHour: channel.maxPerHour,
        sentAt: channel.maxPerHour === null ? [] : await readSentTimes(transaction, channel.id, now),
        routes: await readRouteTimes(transaction, channel.id, routeIds, now),
      },
      await readOpenWindows(transaction, now),
      now,
    )
    await writeHeld(transaction, plan.held)
    await writeDropped(transaction, plan.dropped)
    const byId = new Map(due.map((delivery) => [delivery.id, delivery]))
    const messages: WaitingDelivery[][] = []
    for (const message of plan.messages.slice(0, MAX_MESSAGES)) {
      await writeTaken(
        transaction,
        message.map(({ id }) => id),
        now,
        request.leaseMs,
      )
      messages.push(message.map(({ id, tries }) => ({ ...byId.get(id)!, tries: tries + 1 })))
    }
    return { channel, messages, hasMore: plan.messages.length > MAX_MESSAGES || due.length === LIMIT }
  })
}
