import type { Logger } from "pino"
import { recordAlerts } from "#lib/actions/record-alerts.ts"
import { type TakenAlerts, takeAlerts } from "#lib/actions/take-alerts.ts"
import { type Channel, parseChannel } from "#lib/connectors/notify/channel.ts"
import { deliver } from "#lib/connectors/notify/deliver.ts"
import { AppError, toFailure } from "#lib/domain/errors.ts"
import { decideRetry, type RetryPolicy } from "#lib/domain/retry.ts"
import type { Connections } from "#lib/server/connections.ts"
import { nextDeliveryDue, type SendOutcome, type WaitingDelivery } from "#lib/store/alert-deliveries.ts"
import type { Store } from "#lib/store/client.ts"
import { type AlertTemplates, alertMessage } from "./alert-text.ts"

/** About two hours of tries: long enough for a chat that is down, too short for an alert that helps nobody any more. */
const POLICY: RetryPolicy = { retries: 12, delayMs: 2_000, backoffFactor: 2, maxDelayMs: 1_800_000 }
/** More than five messages may take (15 s each): after that their sender is taken for dead and another sends them. */
const LEASE_MS = 90_000

/**
 * Sends what is due of all channels that no other worker sees to, and gives the instant at which the next is. A channel that
 * is away is tried again. A worker that dies between sending and writing that down makes the message come a second time
 * after the lease, under the same id.
 */
export async function deliverAlerts(parts: {
  store: Store
  connections: Pick<Connections, "notifyUrl">
  publicUrl: string
  log: Pick<Logger, "warn">
  clock?: () => Date
}): Promise<Date | null> {
  const { store, clock = () => new Date() } = parts
  for (let hasMore = true; hasMore; ) {
    hasMore = false
    const seen: string[] = []
    const sending: Promise<void>[] = []
    for (;;) {
      const taken = await takeAlerts(store, { now: clock(), leaseMs: LEASE_MS, besides: seen })
      if (taken === null) break
      seen.push(taken.channel.id)
      hasMore ||= taken.hasMore
      sending.push(sendAll({ ...parts, clock }, taken))
    }
    await Promise.all(sending)
  }
  return nextDeliveryDue(store.pool, clock())
}

type Parts = Parameters<typeof deliverAlerts>[0] & { clock: () => Date }

/** One after the other: receivers limit how fast, and order is kept. */
async function sendAll(parts: Parts, { channel, messages }: TakenAlerts): Promise<void> {
  for (const message of messages) {
    const outcome = await send(parts, channel, message)
    if (outcome.error !== null) parts.log.warn({ channel: channel.id, error: outcome.error }, "alert not sent")
    await recordAlerts(parts.store, channel.id, message, outcome, parts.clock())
  }
}

async function send(
  { connections, publicUrl }: Parts,
  settings: TakenAlerts["channel"],
  deliveries: WaitingDelivery[],
): Promise<SendOutcome> {
  let subject = ""
  try {
    const channel = openChannel(settings, connections.notifyUrl(settings.variable))
    const templates = (settings.settings.templates ?? {}) as AlertTemplates
    const message = alertMessage(deliveries, channel.kind, publicUrl, templates)
    subject = message.subject
    await deliver(channel, message, new AbortController().signal)
    return { state: "sent", status: null, error: null, delayMs: 0, subject }
  } catch (error) {
    const failure = toFailure(error)
    const decision = decideRetry(POLICY, Math.max(...deliveries.map(({ tries }) => tries)), failure, Math.random())
    const status = error instanceof AppError && typeof error.details.status === "number" ? error.details.status : null
    return {
      state: decision.kind === "retry" ? "later" : "failed",
      status,
      error: failure.message,
      delayMs: decision.kind === "retry" ? decision.delayMs : 0,
      subject,
    }
  }
}

/** The channel that a variable names, with what its settings change about it. */
function openChannel(settings: TakenAlerts["channel"], url: string | null): Channel {
  if (url === null) {
    const name = `HEADRACE_NOTIFY_${settings.variable.toUpperCase()}`
    throw new AppError("notify.failed", `${name} is not set for this worker; set it, or remove the channel.`, {
      kind: "config",
      retry: "later",
    })
  }
  const channel = parseChannel(settings.variable, url)
  const to = settings.settings.to
  if (channel.kind !== "email" || !Array.isArray(to) || to.length === 0) return channel
  return { ...channel, target: to.join(", "), smtp: { ...channel.smtp, to: to.map(String) } }
}
