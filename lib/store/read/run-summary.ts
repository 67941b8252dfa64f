import type { RunSummary } from "../../contracts/api/runs.ts"
import type { RunKind, RunState } from "../../domain/run-state.ts"
import { durationBetween, toInstant, toInstantOrNull } from "./instant.ts"

/** A row of {@link RUN_SUMMARY_COLUMNS}. */
export interface RunSummaryRow {
  id: string
  pipelineId: string
  version: number
  versionHash: string
  kind: RunKind
  state: RunState
  logicalAt: Date
  intervalStart: Date
  intervalEnd: Date
  partitionKey: string | null
  triggeredBy: string
  triggerReason: string | null
  createdAt: Date
  startedAt: Date | null
  finishedAt: Date | null
  tasks: RunSummary["tasks"]
  tasksTotal: number
  failedTaskId: string | null
  errorMessage: string | null
  backfillId: string | null
}

/**
 * Of `run r join pipeline_version v`. Task states are counted per run through the unique (run_id, position, map_index): the
 * cost is the page's tasks, whatever the size of the table. Instances of mapped tasks are passed over in the index.
 */
export const RUN_SUMMARY_COLUMNS = `
  r.id, r.pipeline_id as "pipelineId", v.version, v.hash as "versionHash", r.kind, r.state, r.logical_at as "logicalAt",
  r.interval_start as "intervalStart", r.interval_end as "intervalEnd", r.partition_key as "partitionKey",
  coalesce(r.trigger->>'by', 'headrace') as "triggeredBy", r.trigger->>'reason' as "triggerReason",
  r.created_at as "createdAt", r.started_at as "startedAt", r.finished_at as "finishedAt",
  r.tasks_total as "tasksTotal", r.failed_task_id as "failedTaskId", r.error_message as "errorMessage",
  r.backfill_id as "backfillId",
  (select coalesce(jsonb_object_agg(counted.state, counted.n), '{}')
   from (select t.state, count(*)::int as n from task_run t where t.run_id = r.id and t.map_index = -1
         group by t.state) counted) as tasks`

export function toRunSummary(row: RunSummaryRow): RunSummary {
  return {
    id: row.id,
    pipelineId: row.pipelineId,
    version: row.version,
    versionHash: row.versionHash,
    kind: row.kind,
    state: row.state,
    logicalAt: toInstant(row.logicalAt),
    intervalStart: toInstant(row.intervalStart),
    intervalEnd: toInstant(row.intervalEnd),
    partitionKey: row.partitionKey,
    triggeredBy: row.triggeredBy,
    triggerReason: row.triggerReason,
    createdAt: toInstant(row.createdAt),
    startedAt: toInstantOrNull(row.startedAt),
    finishedAt: toInstantOrNull(row.finishedAt),
    durationMs: durationBetween(row.startedAt, row.finishedAt),
    tasks: row.tasks,
    tasksTotal: Object.values(row.tasks).reduce((sum, count) => sum + count, 0),
    failedTaskId: row.failedTaskId,
    errorMessage: row.errorMessage,
    backfillId: row.backfillId,
  }
}
