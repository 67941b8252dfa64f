import type { IncidentAction } from "../contracts/api/incidents.ts"
import { assertNever } from "../domain/assert-never.ts"
import { AppError } from "../domain/errors.ts"
import { nextIncidentState } from "../domain/incident-state.ts"
import { hastenDeliveries } from "../store/alert-deliveries.ts"
import type { Store } from "../store/client.ts"
import { addIncidentEvents, type LockedIncident, lockIncidents } from "../store/incidents.ts"
import { announce } from "../store/notify.ts"
import { waitForSignals } from "../store/signals.ts"
import { inTransaction, type Transaction } from "../store/transaction.ts"
import { planWaking } from "./plan-alerts.ts"
import { resolveIncidents } from "./resolve-incidents.ts"
import { reopenIncidents, unacknowledgeIncidents } from "./take-back-incidents.ts"
import { tellTurn } from "./tell-turn.ts"

/** Who acts, and when. */
interface By {
  actor: string
  at: Date
}

/**
 * Does what a person asks for to one or many incidents, in one transaction. Gives the ids of those that changed: who
 * acknowledges what is acknowledged already, or resolves what is over, changes nothing.
 *
 * @throws AppError `incident.not_found` where one of them does not exist; `incident.wrong_state` for snoozing or assigning
 * what is resolved, or reopening what has come back as another; `request.invalid` for a time that is past.
 */
export async function actOnIncidents(store: Store, action: IncidentAction, by: By): Promise<string[]> {
  return inTransaction(store.pool, async (transaction) => {
    // A cause that comes back meanwhile would open an incident of its own beside the one that is reopened.
    if (action.ids.length > 1 || action.action === "reopen") await waitForSignals(transaction)
    const incidents = await lockIncidents(transaction, action.ids)
    const missing = action.ids.find((id) => !incidents.some((incident) => incident.id === id))
    if (missing !== undefined) throw new AppError("incident.not_found", `There is no incident ${missing}.`)
    const changed = await act(transaction, incidents, action, by)
    await announce(
      transaction,
      changed.map(({ id, state }) => ({ type: "incident", id, state })),
    )
    return changed.map(({ id }) => id)
  })
}

async function act(
  transaction: Transaction,
  incidents: LockedIncident[],
  action: IncidentAction,
  by: By,
): Promise<LockedIncident[]> {
  switch (action.action) {
    case "acknowledge":
      return acknowledge(transaction, incidents, by)
    case "unacknowledge":
      return unacknowledgeIncidents(transaction, incidents, by)
    case "reopen":
      return reopenIncidents(transaction, incidents, by)
    case "resolve": {
      const ids = incidents.map(({ id }) => id)
      return resolveIncidents(transaction, ids, { ...by, why: action.text ?? "" })
    }
    case "comment":
      await note(transaction, incidents, by, { type: "commented", body: action.text })
      return incidents
    case "assign":
      refuseResolved(incidents, "assigned")
      await transaction.query("update incident set assignee = $2 where id = any ($1::bigint[])", [
        incidents.map(({ id }) => id),
        action.assignee,
      ])
      await note(transaction, incidents, by, { type: "assigned", body: action.assignee ?? "" })
      return incidents
    case "snooze":
      return snooze(transaction, incidents, action.until === null ? null : new Date(action.until), by)
    default:
      return assertNever(action)
  }
}

async function acknowledge(transaction: Transaction, incidents: LockedIncident[], by: By): Promise<LockedIncident[]> {
  const changed: LockedIncident[] = []
  for (const incident of incidents) {
    const state = nextIncidentState(incident.state, "acknowledge")
    if (state === null) continue
    await transaction.query(
      `update incident
       set state = $2, acknowledged_at = $3, acknowledged_by = $4, assignee = coalesce(assignee, $4)
       where id = $1`,
      [incident.id, state, by.at, by.actor],
    )
    const after = { ...incident, state, assignee: incident.assignee ?? by.actor }
    await tellTurn(transaction, after, { type: "acknowledged", ...by })
    changed.push(after)
  }
  return changed
}

async function snooze(
  transaction: Transaction,
  incidents: LockedIncident[],
  until: Date | null,
  by: By,
): Promise<LockedIncident[]> {
  refuseResolved(incidents, "snoozed")
  if (until !== null && until <= by.at) {
    throw new AppError("request.invalid", "Snooze until a time that is still to come.")
  }
  await transaction.query("update incident set snoozed_until = $2 where id = any ($1::bigint[])", [
    incidents.map(({ id }) => id),
    until,
  ])
  if (until === null) {
    await note(transaction, incidents, by, { type: "woken", body: "" })
    await hastenDeliveries(
      transaction,
      incidents.map(({ id }) => id),
      by.at,
    )
    return incidents
  }
  const eventIds = await note(transaction, incidents, by, { type: "snoozed", body: until.toISOString() })
  for (const [index, incident] of incidents.entries()) {
    await planWaking(transaction, incident, { eventId: eventIds[index]!, until })
  }
  return incidents
}

function refuseResolved(incidents: readonly LockedIncident[], what: string): void {
  const resolved = incidents.find(({ state }) => state === "resolved")
  if (!resolved) return
  throw new AppError("incident.wrong_state", `Incident ${resolved.id} is resolved; only what is not can be ${what}.`)
}

async function note(
  transaction: Transaction,
  incidents: readonly LockedIncident[],
  by: By,
  event: { type: string; body: string },
): Promise<string[]> {
  return addIncidentEvents(
    transaction,
    incidents.map(({ id }) => ({ incidentId: id, ...by, ...event })),
  )
}
