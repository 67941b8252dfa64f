import type { Incident } from "#lib/contracts/api/incidents.ts"
import type { FirstError, Triage } from "#lib/contracts/api/triage.ts"
import { AppError } from "#lib/domain/errors.ts"
import { nextSteps } from "#lib/domain/next-step.ts"
import { readFirstError } from "#lib/store/read/first-error.ts"
import { readIncidentFacts } from "#lib/store/read/incident-facts.ts"
import { readIncident } from "#lib/store/read/incidents.ts"
import type { Queryable } from "#lib/store/transaction.ts"
import { readBlastRadius } from "./read-blast-radius.ts"
import { readRunChanges } from "./read-run-changes.ts"

/**
 * All that whoever is on call wants to know of an incident: what changed, the first error, who is affected, what to do.
 * @throws AppError `incident.not_found`
 */
export async function readTriage(queryable: Queryable, incidentId: string): Promise<Triage> {
  const incident = await readIncident(queryable, incidentId)
  const facts = await readIncidentFacts(queryable, incidentId)
  const broken = [...new Set([...(incident.datasetId === null ? [] : [incident.datasetId]), ...facts.writes])]
  const [changes, firstError, blastRadius] = await Promise.all([
    facts.runId === null ? null : unlessGone(readRunChanges(queryable, facts.runId)),
    facts.attemptId === null ? null : unlessGone<FirstError>(readFirstError(queryable, facts.attemptId)),
    readBlastRadius(queryable, broken),
  ])
  const runbook = incident.details.runbook ?? null
  return {
    incidentId,
    whyGrouped: whyGrouped(incident),
    changes,
    firstError,
    blastRadius,
    nextSteps: nextSteps({ ...facts, changes: changes?.changes ?? [], runbook, owner: incident.owner }),
    runbook,
    retryable: facts.failedRuns.length,
  }
}

/** Retention may have removed a run that an incident was found in. */
async function unlessGone<Found>(reading: Promise<Found>): Promise<Found | null> {
  return reading.catch((error: unknown) => {
    if (error instanceof AppError && /\.not_found$/.test(error.code)) return null
    throw error
  })
}

const GROUPED = {
  custom: "The author's code says that they are one.",
  stack: "The same exception came from the same place in the author's code.",
  message: "The messages are equal but for numbers, names and times.",
} as const

function whyGrouped({ kind, details }: Incident): string {
  const by = details.groupedBy
  if (by === "custom" || by === "stack" || by === "message") return GROUPED[by]
  return kind === "pipeline_failure" ? "They failed in the same task." : "It is about the same thing."
}
