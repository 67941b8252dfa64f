import { createHash } from "node:crypto"
import { type AlertRule, combineRules, rulesFor } from "../domain/alert-rule.ts"
import { AppError, type Failure, toFailure } from "../domain/errors.ts"
import { groupFailure, mayFollow, titleOf } from "../domain/failure-group.ts"
import { clearMembers, findCured, type Member, type NewOccurrence } from "../store/incidents.ts"
import {
  type EndedRun,
  type FailedTaskRun,
  findCauseOfDatasets,
  findCauseOfRun,
  readFailedTaskRuns,
  readTaskReads,
} from "../store/run-troubles.ts"
import type { Transaction } from "../store/transaction.ts"
import { foldFollowers } from "./fold-followers.ts"
import { noteFollowers, noteTrouble, type Shown } from "./note-trouble.ts"
import { resolveIncidents } from "./resolve-incidents.ts"

/** Different causes in one run that get an incident each; what is beyond joins the first. */
const MAX_CAUSES = 20

/**
 * What the end of a run means for incidents: what works again is taken off them, what failed opens or joins one for each
 * cause, and what did not run because of it follows. A run that was reopened meanwhile says so again when it ends.
 */
export async function judgeRunEnd(transaction: Transaction, run: EndedRun, rules: readonly AlertRule[]): Promise<void> {
  const at = run.finishedAt ?? new Date()
  const isSuccess = run.state === "success"
  if (!isSuccess && run.state !== "failed") return
  const touched = await clearMembers(transaction, { id: run.id, pipelineId: run.pipelineId, isSuccess })
  if (!isSuccess) await judgeFailedRun(transaction, run, rules, at)
  const cured = await findCured(transaction, touched)
  await resolveIncidents(transaction, cured, {
    actor: "headrace",
    at,
    why: `Run ${run.id} of ${run.pipelineId} went well again.`,
  })
}

/** One cause in a run, with the task runs that failed of it. */
interface Cause {
  key: string
  by: string
  text: string
  first: FailedTaskRun
  failure: Failure
  failed: FailedTaskRun[]
  followers: FailedTaskRun[]
}

async function judgeFailedRun(
  transaction: Transaction,
  run: EndedRun,
  rules: readonly AlertRule[],
  at: Date,
): Promise<void> {
  const all = await readFailedTaskRuns(transaction, run.id)
  const failed = all.filter(({ state }) => state === "failed")
  const causes = causesOf(run, withoutMappedParents(failed))
  giveFollowers(causes, all)
  const reads = await readTaskReads(transaction, run.id)
  for (const cause of causes) await noteCause(transaction, run, cause, { rules, at, reads })
}

/** A mapped task fails by its instances; it has no failure of its own then. */
function withoutMappedParents(failed: readonly FailedTaskRun[]): FailedTaskRun[] {
  const mapped = new Set(failed.filter(({ mapIndex }) => mapIndex >= 0).map(({ position }) => position))
  return failed.filter(({ mapIndex, position }) => mapIndex >= 0 || !mapped.has(position))
}

function causesOf(run: EndedRun, failed: readonly FailedTaskRun[]): Cause[] {
  const causes = new Map<string, Cause>()
  for (const taskRun of failed.length > 0 ? failed : [wholeRun(run)]) {
    const failure = taskRun.failure ?? failureOf(taskRun.reason ?? run.errorMessage)
    const { by, text, isShared } = groupFailure(failure)
    const scope = isShared ? "" : `${run.pipelineId}/${taskRun.taskId}/`
    const key = `failure:${scope}${createHash("sha256").update(text).digest("hex").slice(0, 24)}`
    const known = causes.get(key) ?? (causes.size >= MAX_CAUSES ? causes.values().next().value : undefined)
    if (known) known.failed.push(taskRun)
    else causes.set(key, { key, by, text, first: taskRun, failure, failed: [taskRun], followers: [] })
  }
  return [...causes.values()]
}

/** Stands for a run that failed without a task that did: its time was up. */
function wholeRun(run: EndedRun): FailedTaskRun {
  return {
    id: "",
    taskId: "",
    mapIndex: -1,
    position: -1,
    downstream: [],
    state: "failed",
    reason: run.errorMessage,
    attemptId: null,
    failure: null,
    at: run.finishedAt,
  }
}

function failureOf(message: string | null): Failure {
  return toFailure(new AppError("task.failed", message ?? "The run failed without a message."))
}

/** Gives each task run that did not run because of a failed one to the first cause that leads to it. */
function giveFollowers(causes: readonly Cause[], all: readonly FailedTaskRun[]): void {
  const blocked = Map.groupBy(
    all.filter(({ state }) => state === "upstream_failed"),
    ({ position }) => position,
  )
  for (const cause of causes) {
    const next = cause.failed.flatMap(({ downstream }) => downstream)
    for (let position = next.pop(); position !== undefined; position = next.pop()) {
      const reached = blocked.get(position)
      if (!reached) continue
      blocked.delete(position)
      cause.followers.push(...reached)
      next.push(...reached.flatMap(({ downstream }) => downstream))
    }
  }
  // A mapped parent's edges were left out, and other ways may lead here: they belong to the run's first trouble.
  causes[0]?.followers.push(...[...blocked.values()].flat())
}

async function noteCause(
  transaction: Transaction,
  run: EndedRun,
  cause: Cause,
  context: { rules: readonly AlertRule[]; at: Date; reads: ReadonlyMap<string, string[]> },
): Promise<void> {
  const subject = { pipelineId: run.pipelineId, datasetId: null, owner: run.owner, tags: run.tags }
  const verdict = combineRules(
    rulesFor(context.rules, "pipeline_failure", subject).filter(
      ({ condition }) =>
        (condition.withBackfills || run.kind !== "backfill") &&
        (condition.errorKinds.length === 0 || condition.errorKinds.includes(cause.failure.kind)),
    ),
  )
  if (verdict === null) return
  const root = await findRoot(transaction, run, cause, context.reads)
  if (root !== null) {
    await noteFollowers(transaction, root, shownOf(run, cause, false, context.at), context.at)
    return
  }
  const { failure, first } = cause
  const incident = await noteTrouble(
    transaction,
    {
      key: cause.key,
      kind: "pipeline_failure",
      title: titleOf(failure.message),
      message: failure.message,
      severity: verdict.severity,
      fingerprint: cause.text,
      pipelineId: run.pipelineId,
      taskId: first.taskId || null,
      datasetId: null,
      runId: run.id,
      owner: run.owner,
      at: first.at ?? context.at,
      details: {
        groupedBy: cause.by,
        errorCode: failure.code,
        errorKind: failure.kind,
        retry: failure.retry,
        where: failure.where,
        attemptId: first.attemptId,
        rules: verdict.ruleIds,
        runbook: verdict.runbook,
        labels: verdict.labels,
      },
    },
    shownOf(run, cause, true, context.at),
  )
  await foldFollowers(transaction, incident, context.at)
}

/** The incident that a failure follows from, or null: it is a cause itself. */
async function findRoot(
  transaction: Transaction,
  run: EndedRun,
  cause: Cause,
  reads: ReadonlyMap<string, string[]>,
): Promise<string | null> {
  if (["transient", "infrastructure"].includes(cause.failure.kind)) return null
  const isCall = cause.failure.code === "run.child_failed"
  const ofRun = await findCauseOfRun(transaction, {
    id: run.id,
    calledBy: isCall ? cause.failed.flatMap(({ id }) => id || []) : [],
  })
  if (ofRun !== null || !mayFollow(cause.failure)) return ofRun
  const { taskId } = cause.first
  return findCauseOfDatasets(transaction, reads.get(taskId) ?? [], { pipelineId: run.pipelineId, taskId })
}

function shownOf(run: EndedRun, cause: Cause, isRoot: boolean, at: Date): Shown {
  const occurrence = (taskRun: FailedTaskRun, isRootHere: boolean): NewOccurrence => ({
    isRoot: isRootHere,
    at: taskRun.at ?? at,
    runId: run.id,
    taskRunId: taskRun.id || null,
    attemptId: taskRun.attemptId,
    pipelineId: run.pipelineId,
    taskId: taskRun.taskId || null,
    message: taskRun.failure?.message ?? taskRun.reason ?? "",
  })
  const member = (taskRun: FailedTaskRun, isRootHere: boolean): Member => ({
    pipelineId: run.pipelineId,
    taskId: taskRun.taskId,
    isRoot: isRootHere,
    runId: run.id,
  })
  return {
    occurrences: [
      ...cause.failed.map((taskRun) => occurrence(taskRun, isRoot)),
      ...cause.followers.map((taskRun) => occurrence(taskRun, false)),
    ],
    members: [
      ...cause.failed.map((taskRun) => member(taskRun, isRoot)),
      ...cause.followers.map((taskRun) => member(taskRun, false)),
    ],
  }
}
