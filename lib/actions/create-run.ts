import type { PgBoss } from "pg-boss"
import type { JsonObject } from "../contracts/json.ts"
import type { RunId } from "../domain/ids.ts"
import { RUN_PRIORITY } from "../domain/priority.ts"
import { recordEvents } from "../store/events.ts"
import { announce } from "../store/notify.ts"
import { insertRuns, type NewRun } from "../store/runs.ts"
import type { Transaction } from "../store/transaction.ts"
import type { PipelineVersion } from "../store/versions.ts"
import { startRuns } from "./advance-runs.ts"
import { planRunDeadlines } from "./plan-deadlines.ts"
import { planOf } from "./plan-of.ts"

export interface RunRequest {
  pipelineId: string
  kind: "schedule" | "dataset" | "event" | "manual" | "backfill"
  /** The schedule or arrival that made it; empty where the kind says all. */
  scheduleKey: string
  logicalAt: Date
  intervalStart: Date
  intervalEnd: Date
  partitionKey: string | null
  /** All that it loads, oldest first, where that is more than one partition. */
  partitionKeys?: readonly string[]
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
 * The one way runs come into being: schedules, events, backfills and people all end here. Creates runs of one pipeline and
 * the same tasks with their task runs, starts those that the pipeline's limit allows, and enqueues what is ready, all in the
 * given transaction, with as many statements as for one. Gives ids in the given order; null where a run for this pipeline,
 * kind, schedule, logical time and partition exists already.
 */
export async function createRuns(
  transaction: Transaction,
  boss: PgBoss,
  version: PipelineVersion,
  requests: readonly RunRequest[],
): Promise<(RunId | null)[]> {
  const [first] = requests
  if (!first) return []
  const { pipelineId, tasks = [] } = first
  const ids = await insertRuns(
    transaction,
    requests.map((request) => toNewRun(version, request)),
    planOf(version, tasks),
  )
  const made = requests.flatMap((request, place) => (ids[place] ? [{ request, id: ids[place] }] : []))
  if (made.length === 0) return ids
  await recordEvents(
    transaction,
    made.map(({ request, id }) => ({
      type: "run.created",
      pipelineId,
      runId: id,
      actor: request.actor,
      data: { kind: request.kind, reason: request.reason },
    })),
  )
  await planRunDeadlines(
    transaction,
    version,
    made.map(({ id }) => ({ id, pipelineId })),
  )
  await announce(
    transaction,
    made.map(({ id }) => ({ type: "run", id, pipelineId, state: "queued" })),
  )
  await startRuns(transaction, boss, [pipelineId])
  return ids
}

function toNewRun(version: PipelineVersion, request: RunRequest): NewRun {
  const { tasks = [], priority = 0, partitionKeys = [], actor, reason, cause, ...run } = request
  const trigger = { by: actor, reason, ...cause, ...(tasks.length > 0 ? { tasks: [...tasks] } : {}) }
  return {
    ...run,
    partitionKeys: partitionKeys.length > 1 ? partitionKeys : [],
    versionId: version.id,
    trigger,
    priority: RUN_PRIORITY[request.kind] + version.manifest.priority + priority,
  }
}
