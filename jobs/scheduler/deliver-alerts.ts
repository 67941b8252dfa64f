import type { Logger } from "pino"
import { recordAlert } from "#lib/actions/record-alert.ts"
import { parseChannel } from "#lib/connectors/notify/channel.ts"
import { deliver } from "#lib/connectors/notify/deliver.ts"
import { toFailure } from "#lib/domain/errors.ts"
import { decideRetry, type RetryPolicy } from "#lib/domain/retry.ts"
import type { Connections } from "#lib/server/connections.ts"
import type { Store } from "#lib/store/client.ts"
import { type AlertOutcome, takeAlerts, type WaitingAlert } from "#lib/store/deadlines.ts"

/** About two hours of tries: long enough for a chat that is down, too short for an alert that helps nobody any more. */
const POLICY: RetryPolicy = { retries: 12, delayMs: 2_000, backoffFactor: 2, maxDelayMs: 1_800_000 }
/** More than a delivery may take (15 s a step): after that its sender is taken for dead and another sends it. */
const LEASE_MS = 90_000
const BATCH = 20

/**
 * Tells of missed deadlines, each by whichever scheduler takes it first. A channel that is away is tried again; a worker
 * that dies between sending and writing that down makes the message come a second time after the lease.
 */
export async function deliverAlerts(parts: {
  store: Store
  connections: Pick<Connections, "notifyUrl">
  log: Pick<Logger, "warn">
}): Promise<null> {
  const { store, connections, log } = parts
  const alerts = await takeAlerts(store.pool, LEASE_MS, BATCH)
  await Promise.all(
    alerts.map(async (alert) => {
      const subject = subjectOf(alert)
      const sent = { channel: "console" as const, target: alert.channel, subject }
      const result = await send(connections, alert, subject)
      if (result.outcome.kind !== "sent") {
        log.warn({ channel: alert.channel, pipeline: alert.pipelineId, error: result.outcome.error }, "alert not sent")
      }
      await recordAlert(store, alert, { ...sent, ...result.to }, result.outcome)
    }),
  )
  return null
}

async function send(connections: Pick<Connections, "notifyUrl">, alert: WaitingAlert, subject: string) {
  try {
    const channel = parseChannel(alert.channel, connections.notifyUrl(alert.channel))
    const to = { channel: channel.kind, target: channel.target }
    const message = {
      subject,
      text: alert.message,
      context: {
        event: "deadline.missed",
        pipelineId: alert.pipelineId,
        runId: alert.runId,
        taskId: alert.taskId,
        deadline: alert.key,
        dueAt: alert.dueAt.toISOString(),
        intervalEnd: alert.intervalEnd?.toISOString() ?? null,
      },
    }
    try {
      await deliver(channel, message, new AbortController().signal)
      return { to, outcome: { kind: "sent" } satisfies AlertOutcome }
    } catch (error) {
      return { to, outcome: afterFailure(alert, error) }
    }
  } catch (error) {
    return { to: {}, outcome: afterFailure(alert, error) }
  }
}

function afterFailure(alert: WaitingAlert, error: unknown): Exclude<AlertOutcome, { kind: "sent" }> {
  const failure = toFailure(error)
  const decision = decideRetry(POLICY, alert.tries, failure, Math.random())
  return decision.kind === "retry"
    ? { kind: "later", error: failure.message, delayMs: decision.delayMs }
    : { kind: "failed", error: failure.message }
}

/** Pipeline ids are plain letters, so nothing in it is markup or a line break. */
function subjectOf(alert: WaitingAlert): string {
  return alert.runId === null ? `${alert.pipelineId}: a run is late` : `${alert.pipelineId}: run ${alert.runId} is late`
}
