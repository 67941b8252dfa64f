import type { JsonObject } from "../contracts/json.ts"
import { recordEvents } from "../store/events.ts"
import { addIncidentEvents, type LockedIncident } from "../store/incidents.ts"
import { announce } from "../store/notify.ts"
import type { Transaction } from "../store/transaction.ts"
import { planAlerts } from "./plan-alerts.ts"

/** What others are told of an incident. */
export const INCIDENT_TURNS = ["opened", "reopened", "acknowledged", "unacknowledged", "resolved"] as const
export type IncidentTurn = (typeof INCIDENT_TURNS)[number]

/**
 * Writes a turn of a locked incident into its timeline and into the outbox of webhooks, and announces it to screens.
 * `incident` is as it is after the turn.
 */
export async function tellTurn(
  transaction: Transaction,
  incident: LockedIncident,
  turn: { type: IncidentTurn; actor: string; at: Date; body?: string; data?: JsonObject },
): Promise<void> {
  const [eventId] = await addIncidentEvents(transaction, [
    {
      incidentId: incident.id,
      type: turn.type,
      actor: turn.actor,
      at: turn.at,
      body: turn.body ?? "",
      data: turn.data ?? {},
    },
  ])
  await planAlerts(transaction, incident, { type: turn.type, eventId: eventId!, at: turn.at })
  await recordEvents(transaction, [
    {
      type: `incident.${turn.type}`,
      pipelineId: incident.pipelineId,
      runId: incident.lastRunId,
      actor: turn.actor,
      data: {
        incidentId: incident.id,
        kind: incident.kind,
        title: incident.title,
        severity: incident.severity,
        state: incident.state,
        datasetId: incident.datasetId,
      },
    },
  ])
  await announce(transaction, [{ type: "incident", id: incident.id, state: incident.state }])
}
