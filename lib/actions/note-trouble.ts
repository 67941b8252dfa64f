import { planOccurrence, worseSeverity } from "../domain/incident-state.ts"
import {
  addIncidentEvents,
  addMembers,
  addOccurrences,
  insertIncident,
  type LockedIncident,
  lockIncidentOf,
  lockIncidents,
  type Member,
  type NewOccurrence,
  type Trouble,
  updateIncident,
} from "../store/incidents.ts"
import { announce } from "../store/notify.ts"
import type { Transaction } from "../store/transaction.ts"
import { tellTurn } from "./tell-turn.ts"

/** Occurrences of one look that get a row each; the rest are counted. */
const MAX_LISTED = 1_000

/** What showed of a cause, where. */
export interface Shown {
  occurrences: readonly NewOccurrence[]
  members: readonly Member[]
}

/**
 * Opens the incident of a cause, adds to it, or reopens it, and gives it. Called by who consumes signals alone, so two never
 * open one.
 */
export async function noteTrouble(transaction: Transaction, trouble: Trouble, shown: Shown): Promise<LockedIncident> {
  const known = await lockIncidentOf(transaction, trouble.key)
  const plan = planOccurrence(known, trouble.at)
  if (known === null || plan === "open") {
    const opened = await insertIncident(transaction, trouble)
    await addShown(transaction, opened.id, shown)
    await tellTurn(transaction, opened, { type: "opened", actor: "headrace", at: trouble.at })
    return opened
  }
  const isReopened = plan === "reopen"
  const severity = isReopened ? trouble.severity : worseSeverity(known.severity, trouble.severity)
  await updateIncident(transaction, known.id, { ...trouble, severity }, isReopened)
  await addShown(transaction, known.id, shown)
  const after: LockedIncident = {
    ...known,
    title: trouble.title,
    message: trouble.message,
    severity,
    lastRunId: trouble.runId ?? known.lastRunId,
    details: { ...known.details, ...trouble.details },
    ...(isReopened && { state: "open" as const, openedAt: trouble.at, resolvedAt: null }),
  }
  if (isReopened) await tellTurn(transaction, after, { type: "reopened", actor: "headrace", at: trouble.at })
  else await announce(transaction, [{ type: "incident", id: known.id, state: known.state }])
  return after
}

/** Adds what follows from an unresolved incident to it; its timeline says so the first time a pipeline or dataset joins. */
export async function noteFollowers(
  transaction: Transaction,
  incidentId: string,
  shown: Shown,
  at: Date,
): Promise<void> {
  const [incident] = await lockIncidents(transaction, [incidentId])
  if (!incident) return
  const names = [
    ...new Set(
      shown.occurrences.flatMap(({ pipelineId, datasetId }) => {
        const name = pipelineId ?? datasetId
        return name && name !== incident.pipelineId ? [name] : []
      }),
    ),
  ]
  const { rows } = await transaction.query<{ name: string }>(
    `select name from unnest($2::text[]) name
     where not exists (
       select from incident_occurrence o
       where o.incident_id = $1 and name in (o.pipeline_id, o.dataset_id)
     )`,
    [incidentId, names],
  )
  await addShown(transaction, incidentId, shown)
  await addIncidentEvents(
    transaction,
    rows.map(({ name }) => ({ incidentId, type: "spread", actor: "headrace", at, body: name })),
  )
  await announce(transaction, [{ type: "incident", id: incidentId, state: incident.state }])
}

async function addShown(transaction: Transaction, incidentId: string, shown: Shown): Promise<void> {
  const roots = shown.occurrences.filter(({ isRoot }) => isRoot)
  const followers = shown.occurrences.filter(({ isRoot }) => !isRoot)
  await addOccurrences(transaction, incidentId, [...roots.slice(0, MAX_LISTED), ...followers.slice(0, MAX_LISTED)], {
    roots: Math.max(0, roots.length - MAX_LISTED),
    followers: Math.max(0, followers.length - MAX_LISTED),
  })
  await addMembers(transaction, incidentId, shown.members)
}
