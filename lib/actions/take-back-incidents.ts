import { AppError } from "../domain/errors.ts"
import { nextIncidentState } from "../domain/incident-state.ts"
import {
  findSuccessors,
  type LockedIncident,
  restoreMembers,
  writeReopened,
  writeUnacknowledged,
} from "../store/incidents.ts"
import type { Transaction } from "../store/transaction.ts"
import { tellTurn } from "./tell-turn.ts"

interface By {
  actor: string
  at: Date
}

/**
 * Takes back that somebody sees to locked incidents; gives those that changed. Who was assigned by acknowledging no longer is,
 * and who was to be told while nobody acknowledges will be.
 */
export async function unacknowledgeIncidents(
  transaction: Transaction,
  incidents: readonly LockedIncident[],
  by: By,
): Promise<LockedIncident[]> {
  const changed: LockedIncident[] = []
  for (const incident of incidents) {
    const state = nextIncidentState(incident.state, "unacknowledge")
    if (state === null) continue
    const assignee = await writeUnacknowledged(transaction, incident.id)
    const after = { ...incident, state, assignee }
    await tellTurn(transaction, after, { type: "unacknowledged", ...by })
    changed.push(after)
  }
  return changed
}

/**
 * Takes back that locked incidents are over; gives those that changed. They stand as before, acknowledged if they were, and
 * resolve by themselves when what still fails of them works. Who heard that it was over hears that it is not.
 *
 * @throws AppError `incident.wrong_state` where the cause has an incident of its own again.
 */
export async function reopenIncidents(
  transaction: Transaction,
  incidents: readonly LockedIncident[],
  by: By,
): Promise<LockedIncident[]> {
  const resolved = incidents.filter(({ state }) => nextIncidentState(state, "reopen") !== null)
  const [successor] = await findSuccessors(
    transaction,
    resolved.map(({ id }) => id),
  )
  if (successor) {
    const message = `The cause of incident ${successor.id} has come back as incident ${successor.newest}; see to that one.`
    throw new AppError("incident.wrong_state", message)
  }
  const changed: LockedIncident[] = []
  for (const incident of resolved) {
    const state = await writeReopened(transaction, incident.id)
    await restoreMembers(transaction, incident.id)
    const after: LockedIncident = { ...incident, state, resolvedAt: null }
    await tellTurn(transaction, after, { type: "reopened", ...by })
    changed.push(after)
  }
  return changed
}
