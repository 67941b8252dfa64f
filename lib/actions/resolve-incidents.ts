import { nextIncidentState } from "../domain/incident-state.ts"
import { releaseFollowers } from "../store/alert-conditions.ts"
import { type LockedIncident, lockIncidents, writeResolved } from "../store/incidents.ts"
import type { Transaction } from "../store/transaction.ts"
import { tellTurn } from "./tell-turn.ts"

/** Resolves those of the incidents that are not, and tells of it; gives them as they are then. `why` is for the timeline. */
export async function resolveIncidents(
  transaction: Transaction,
  ids: readonly string[],
  by: { actor: string; at: Date; why: string },
): Promise<LockedIncident[]> {
  const resolved: LockedIncident[] = []
  for (const incident of await lockIncidents(transaction, ids)) {
    const state = nextIncidentState(incident.state, "resolve")
    if (state === null) continue
    await writeResolved(transaction, incident.id, by.actor, by.at)
    const after: LockedIncident = { ...incident, state, resolvedAt: by.at, snoozedUntil: null }
    await tellTurn(transaction, after, { type: "resolved", actor: by.actor, at: by.at, body: by.why })
    resolved.push(after)
  }
  await releaseFollowers(
    transaction,
    resolved.map(({ id }) => id),
    by.at,
  )
  return resolved
}
