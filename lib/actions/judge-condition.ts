import { stepCondition } from "../domain/alert-condition.ts"
import { deleteCondition, readCondition, type StoredCondition, writeCondition } from "../store/alert-conditions.ts"
import { findFailureOf } from "../store/alert-looks.ts"
import { lockIncidentOf, type Trouble } from "../store/incidents.ts"
import { findCauseOfDatasets } from "../store/run-troubles.ts"
import type { Transaction } from "../store/transaction.ts"
import type { Look } from "./look-at-subject.ts"
import { noteFollowers, noteTrouble, type Shown } from "./note-trouble.ts"
import { planDirectAlerts } from "./plan-alerts.ts"
import { resolveIncidents } from "./resolve-incidents.ts"

/**
 * Carries one look at a condition into its incident: opened when it has held for long enough, resolved when it is over for
 * long enough. What follows from a pipeline that fails joins that pipeline's incident instead of having its own.
 */
export async function judgeCondition(transaction: Transaction, look: Look, now: Date): Promise<void> {
  const before = await readCondition(transaction, look.key)
  const forSeconds = look.verdict?.forSeconds ?? 0
  const step = stepCondition(before, look, { forSeconds, clearSeconds: look.clearSeconds }, now)
  let follows = before?.follows ?? null
  if (step.effect === "open" || step.effect === "again") follows = await show(transaction, look, follows, now)
  if (step.effect === "close" && follows === null) await end(transaction, look.key, now)
  if (step.state === null) {
    if (before) await deleteCondition(transaction, look.key)
    return
  }
  const stored: StoredCondition = { ...step.state, key: look.key, kind: look.kind, subject: look.subject, follows }
  await writeCondition(transaction, { ...stored, nextAt: step.nextAt })
}

/** Gives the incident that it follows from, or null where it is one itself. */
async function show(transaction: Transaction, look: Look, known: string | null, now: Date): Promise<string | null> {
  const root = known ?? (await findRoot(transaction, look))
  const shown: Shown = {
    occurrences: [
      {
        isRoot: root === null,
        at: now,
        runId: look.runId,
        pipelineId: look.pipelineId,
        taskId: look.taskId,
        datasetId: look.datasetId,
        message: look.message,
      },
    ],
    members: [],
  }
  if (root === null) await noteTrouble(transaction, troubleOf(look, now), shown)
  else {
    await noteFollowers(transaction, root, shown, now)
    await planDirectAlerts(transaction, { id: root }, { details: look.details, at: now })
  }
  return root
}

function findRoot(transaction: Transaction, look: Look): Promise<string | null> {
  if (look.datasetId !== null) return findCauseOfDatasets(transaction, [look.datasetId], null)
  if (look.pipelineId !== null) return findFailureOf(transaction, look.pipelineId)
  return Promise.resolve(null)
}

function troubleOf(look: Look, now: Date): Trouble {
  const verdict = look.verdict!
  return {
    key: look.key,
    kind: look.kind,
    title: look.title,
    message: look.message,
    severity: verdict.severity,
    fingerprint: null,
    pipelineId: look.pipelineId,
    taskId: look.taskId,
    datasetId: look.datasetId,
    runId: look.runId,
    owner: look.owner,
    at: now,
    details: {
      rules: verdict.ruleIds,
      labels: verdict.labels,
      runbook: verdict.runbook,
      ...look.details,
    },
  }
}

async function end(transaction: Transaction, key: string, now: Date): Promise<void> {
  const incident = await lockIncidentOf(transaction, key)
  if (incident) await resolveIncidents(transaction, [incident.id], { actor: "headrace", at: now, why: "It is over." })
}
