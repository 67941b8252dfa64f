import type { PgBoss } from "pg-boss"
import type { JsonObject } from "../contracts/json.ts"
import type { RunId } from "../domain/ids.ts"
import { RUN_PRIORITY } from "../domain/priority.ts"
import { type PlannedTask, planTasks } from "../domain/task-plan.ts"
import { recordEvent } from "../store/events.ts"
import { announce } from "../store/notify.ts"
import { insertRun } from "../store/runs.ts"
import type { Transaction } from "../store/transaction.ts"
import type { PipelineVersion } from "../store/versions.ts"
import { startRuns } from "./advance-runs.ts"
import { planRunDeadlines } from "./plan-deadlines.ts"

export interface RunRequest {
  pipelineId: string
  kind: "schedule" | "dataset" | "event" | "manual" | "backfill"
  /** The schedule or arrival that made it; empty where the kind says all. */
  scheduleKey: string
  logicalAt: Date
  intervalStart: Date
  intervalEnd: Date
  partitionKey: string | null
  params: JsonObject
  actor: string
  reason: string | null
  backfillId: string | null
  note: string | null
  /** What arrived, for runs that arrivals start; kept with the run's trigger. */
  cause: JsonObject
  /** Added to what its kind and its pipeline give. */
  priority?: number
  /** The tasks that it consists of, the edges between them kept; empty or left out: all. */
  tasks?: readonly string[]
}

/**
 * The one way a run comes into being: schedules, events, backfills and people all end here. Creates it with its task
 * runs, starts it if the pipeline's limit allows, and enqueues what is ready, all in the given transaction. Null when a
 * run for this pipeline, kind, schedule and logical time exists already.
 */
export async function createRun(
  transaction: Transaction,
  boss: PgBoss,
  version: PipelineVersion,
  request: RunRequest,
): Promise<RunId | null> {
  const { tasks = [], priority = 0 } = request
  const trigger = {
    by: request.actor,
    reason: request.reason,
    ...request.cause,
    ...(tasks.length > 0 ? { tasks: [...tasks] } : {}),
  }
  const runId = await insertRun(
    transaction,
    {
      ...request,
      versionId: version.id,
      trigger,
      priority: RUN_PRIORITY[request.kind] + version.manifest.priority + priority,
    },
    tasks.length === 0 ? version.plan : planOf(version, tasks),
  )
  if (runId === null) return null
  await recordEvent(transaction, {
    type: "run.created",
    pipelineId: request.pipelineId,
    runId,
    actor: request.actor,
    data: { kind: request.kind, reason: request.reason },
  })
  await planRunDeadlines(transaction, version, { id: runId, pipelineId: request.pipelineId })
  await announce(transaction, [{ type: "run", id: runId, pipelineId: request.pipelineId, state: "queued" }])
  await startRuns(transaction, boss, [request.pipelineId])
  return runId
}

/** A version's plan of some tasks: who waited for another waits no longer for it. */
function planOf({ manifest }: PipelineVersion, taskIds: readonly string[]): PlannedTask[] {
  const chosen = new Set(taskIds)
  const tasks = manifest.tasks
    .filter((task) => chosen.has(task.id))
    .map((task) => ({ ...task, upstream: task.upstream.filter((id) => chosen.has(id)) }))
  // Places stay those of the version: whatever joins a run with its definition goes by them.
  const place = new Map(manifest.tasks.map((task, index) => [task.id, index]))
  const planned = planTasks(tasks, manifest)
  return planned.map((task) => ({
    ...task,
    position: place.get(task.taskId)!,
    downstream: task.downstream.map((index) => place.get(planned[index]!.taskId)!),
  }))
}
