import { nextIncidentState } from "../domain/incident-state.ts"
import { releaseFollowers } from "../store/alert-conditions.ts"
import { findOrphans, type LockedIncident, lockIncidents, writeResolved } from "../store/incidents.ts"
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
  if (resolved.length === 0) return resolved
  await releaseFollowers(
    transaction,
    resolved.map(({ id }) => id),
    by.at,
  )
  return resolved
}

/** Resolves what is only about pipelines that are no longer defined: nothing of them will ever succeed or be done again. */
export async function resolveForGone(
  transaction: Transaction,
  pipelineIds: readonly string[],
  at: Date,
): Promise<void> {
  if (pipelineIds.length === 0) return
  const ids = await findOrphans(transaction, pipelineIds)
  await resolveIncidents(transaction, ids, { actor: "headrace", at, why: "Its pipeline is no longer defined." })
}
