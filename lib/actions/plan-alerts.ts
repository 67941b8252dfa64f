import { planDeliveries } from "../domain/alert-plan.ts"
import type { AlertTurn } from "../domain/alert-send.ts"
import { assertNever } from "../domain/assert-never.ts"
import {
  dropResolved,
  dropWaiting,
  insertDeliveries,
  insertFollowUps,
  type NewDelivery,
  OBJECT_KINDS,
} from "../store/alert-deliveries.ts"
import { readActiveRoutes, readOpenWindows } from "../store/alert-routes.ts"
import { type LockedIncident, readSubjectTags } from "../store/incidents.ts"
import type { Transaction } from "../store/transaction.ts"
import type { IncidentTurn } from "./tell-turn.ts"

/**
 * Plans who is told of a turn of a locked incident, in the turn's transaction: message and turn are there or neither, and no
 * channel is told of one turn twice. Of what is over or was seen to, only those hear who were told that it began.
 */
export async function planAlerts(
  transaction: Transaction,
  incident: LockedIncident,
  turn: { type: IncidentTurn; eventId: string; at: Date },
): Promise<void> {
  const of = { incidentId: incident.id, eventId: turn.eventId }
  const followUp = { ...of, since: incident.openedAt, dueAt: turn.at }
  switch (turn.type) {
    case "opened":
    case "reopened": {
      const unaware = await dropResolved(transaction, incident.id, "it was reopened before")
      await dropWaiting(transaction, incident.id, "%", "it was reopened before")
      const news = await planNews(transaction, incident, turn.type, turn.at)
      // Who has not heard that it was over needs not hear that it is not.
      const heard = news.filter((one) => one.turn !== "reopened" || !unaware.includes(one.channelId))
      return insertDeliveries(transaction, of, heard)
    }
    case "acknowledged":
      await dropWaiting(transaction, incident.id, "escalated%", "it was acknowledged before")
      return insertFollowUps(transaction, followUp, "acknowledged", OBJECT_KINDS)
    case "unacknowledged": {
      const news = await planNews(transaction, incident, "reopened", turn.at)
      return insertDeliveries(
        transaction,
        of,
        news.filter((one) => one.turn !== "reopened"),
      )
    }
    case "resolved":
      await dropWaiting(transaction, incident.id, "%", "it was over before anybody was told")
      return insertFollowUps(transaction, followUp, "resolved")
    default:
      return assertNever(turn.type)
  }
}

async function planNews(
  transaction: Transaction,
  incident: LockedIncident,
  type: "opened" | "reopened",
  at: Date,
): Promise<NewDelivery[]> {
  const routes = await readActiveRoutes(transaction)
  const windows = await readOpenWindows(transaction, at)
  const tags = await readSubjectTags(transaction, incident)
  const planned = planDeliveries({ ...incident, tags }, routes, windows, at)
  const news = planned.map(({ channelId, routeId, step, dueAt }): NewDelivery => {
    const turn: AlertTurn = step === 0 ? type : `escalated-${step}`
    return { channelId, routeId, turn, dueAt }
  })
  return [...directDeliveries(incident.details, type, at), ...news]
}

/** Channels that the author of a deadline named are told whatever the routes say, and at once. */
function directDeliveries(details: LockedIncident["details"], type: "opened" | "reopened", dueAt: Date): NewDelivery[] {
  const channels = Array.isArray(details.channels) ? details.channels : []
  const deadlineId = typeof details.deadlineId === "string" ? details.deadlineId : null
  return channels.flatMap((channelId) =>
    typeof channelId === "string" ? [{ channelId, turn: type, routeId: null, dueAt, deadlineId }] : [],
  )
}

/** Tells the author's channels of a deadline that is missed because of another incident; once a deadline. */
export async function planDirectAlerts(
  transaction: Transaction,
  incident: { id: string },
  deadline: { details: LockedIncident["details"]; at: Date },
): Promise<void> {
  const deliveries = directDeliveries(deadline.details, "opened", deadline.at)
  if (deliveries.length === 0) return
  const { rows } = await transaction.query<{ id: string }>(
    `select id from incident_event where incident_id = $1 and type in ('opened', 'reopened') order by id desc limit 1`,
    [incident.id],
  )
  if (rows[0]) await insertDeliveries(transaction, { incidentId: incident.id, eventId: rows[0].id }, deliveries)
}

/** Plans that who was told of a locked incident hears that it is still open, when its snoozing is over. */
export async function planWaking(
  transaction: Transaction,
  incident: LockedIncident,
  snooze: { eventId: string; until: Date },
): Promise<void> {
  await dropWaiting(transaction, incident.id, "woken", "it was snoozed for longer")
  const of = { incidentId: incident.id, eventId: snooze.eventId, since: incident.openedAt, dueAt: snooze.until }
  await insertFollowUps(transaction, of, "woken")
}
