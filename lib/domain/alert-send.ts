import { type AlertSubject, matchesSubject } from "./alert-match.ts"
import { heldUntil, type MaintenanceWindow } from "./alert-plan.ts"
import type { IncidentState } from "./incident-state.ts"

export const ALERT_DELIVERY_STATES = ["pending", "sent", "failed", "dropped"] as const

/** What a message tells of an incident. `escalated-n` is a step of an escalation, `woken` the end of snoozing. */
export type AlertTurn = "opened" | "reopened" | "acknowledged" | "resolved" | "woken" | "test" | `escalated-${number}`

/** A delivery whose time has come. */
export interface DueDelivery {
  id: string
  turn: AlertTurn
  routeId: string | null
  tries: number
  /** Null: a test. */
  incident: (AlertSubject & { id: string; state: IncidentState; snoozedUntil: Date | null }) | null
}

/** What a channel is like, and what it was sent lately. */
export interface ChannelNow {
  /** Whether several incidents fit into one message there; else each has an object of its own. */
  canDigest: boolean
  maxPerHour: number | null
  /** Messages of the last hour, the oldest first. */
  sentAt: readonly Date[]
  /** When a message of a route was last sent, with the route's interval. */
  routes: ReadonlyMap<string, { lastAt: Date | null; groupIntervalSeconds: number }>
}

export interface SendPlan {
  /** Each goes out as one message. */
  messages: DueDelivery[][]
  held: { id: string; until: Date; note: string }[]
  dropped: { id: string; note: string }[]
}

const HOUR_MS = 3_600_000

/**
 * What is done with the deliveries of one channel that are due. What nobody needs to know any more is dropped, what is
 * snoozed or under maintenance waits; so does, where several fit into one message, what comes soon after another of its route
 * or beyond the channel's rate. What waited together then goes out together.
 */
export function planSend(
  due: readonly DueDelivery[],
  channel: ChannelNow,
  windows: readonly MaintenanceWindow[],
  now: Date,
): SendPlan {
  const plan: SendPlan = { messages: [], held: [], dropped: [] }
  const ready: DueDelivery[] = []
  for (const delivery of due) {
    const reason = obsolete(delivery)
    if (reason !== null) {
      plan.dropped.push({ id: delivery.id, note: reason })
      continue
    }
    const hold = holdOf(delivery, channel, windows, now)
    if (hold) plan.held.push({ id: delivery.id, ...hold })
    else ready.push(delivery)
  }
  const messages = channel.canDigest ? inOneMessage(ready) : ready.map((delivery) => [delivery])
  const free = channel.maxPerHour === null ? messages.length : Math.max(0, channel.maxPerHour - channel.sentAt.length)
  plan.messages = messages.slice(0, free)
  const until = nextFree(channel, now)
  for (const delivery of messages.slice(free).flat()) {
    plan.held.push({ id: delivery.id, until, note: "held back: the channel has had its messages of this hour" })
  }
  return plan
}

/** Why nobody needs to be told any more; null where somebody does. What was tried may have arrived, so it is carried through. */
function obsolete({ turn, tries, incident }: DueDelivery): string | null {
  if (incident === null || tries > 0) return null
  if (turn.startsWith("escalated") && incident.state === "acknowledged") return "it was acknowledged before"
  if (turn === "resolved") return incident.state === "resolved" ? null : "it was reopened before"
  if (turn === "acknowledged") return incident.state === "acknowledged" ? null : "it is no longer so"
  return incident.state === "resolved" ? "it was over before anybody was told" : null
}

function holdOf(
  { turn, routeId, incident }: DueDelivery,
  channel: ChannelNow,
  windows: readonly MaintenanceWindow[],
  now: Date,
): { until: Date; note: string } | null {
  if (incident === null) return null
  const until = heldUntil(incident, windows, now)
  if (until > now) {
    const isMaintenance = windows.some(
      (window) => matchesSubject(window.match, incident) && window.startsAt <= now && now < window.endsAt,
    )
    return { until, note: isMaintenance ? "held: maintenance" : "held: snoozed" }
  }
  const route = routeId === null || !isNews(turn) ? undefined : channel.routes.get(routeId)
  if (!channel.canDigest || !route?.lastAt) return null
  const freeAt = new Date(route.lastAt.getTime() + route.groupIntervalSeconds * 1_000)
  return freeAt > now ? { until: freeAt, note: "held: gathered with others" } : null
}

function isNews(turn: AlertTurn): boolean {
  return turn === "opened" || turn === "reopened"
}

/** What routes lead here is one message; tests, and what the author of a deadline asked for, stay by themselves. */
function inOneMessage(ready: readonly DueDelivery[]): DueDelivery[][] {
  const alone = ready.filter(({ routeId }) => routeId === null).map((delivery) => [delivery])
  const routed = ready.filter(({ routeId }) => routeId !== null)
  return routed.length > 0 ? [...alone, routed] : alone
}

/** When the oldest of the hour's messages no longer counts. */
function nextFree({ sentAt }: ChannelNow, now: Date): Date {
  return new Date((sentAt[0] ?? now).getTime() + HOUR_MS)
}
