import type { JsonObject } from "../contracts/json.ts"
import type { RunId, VersionId } from "../domain/ids.ts"
import type { RunState } from "../domain/run-state.ts"
import type { PlannedTask } from "../domain/task-plan.ts"
import type { Transaction } from "./transaction.ts"

export interface NewRun {
  pipelineId: string
  versionId: VersionId
  kind: string
  /** What made it, where one kind has several: see the column. */
  scheduleKey: string
  logicalAt: Date
  intervalStart: Date
  intervalEnd: Date
  partitionKey: string | null
  params: JsonObject
  trigger: JsonObject
  priority: number
  backfillId: string | null
  note: string | null
}

/** Inserts a queued run with its pending task runs; null when there is one for this logical time already. */
export async function insertRun(
  transaction: Transaction,
  run: NewRun,
  plan: readonly PlannedTask[],
): Promise<RunId | null> {
  const { rows } = await transaction.query<{ id: RunId }>(
    `insert into run (pipeline_id, version_id, kind, logical_at, interval_start, interval_end, partition_key, params,
                      trigger, priority, backfill_id, note, unfinished, tasks_total, schedule_key)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13, $14)
     on conflict do nothing
     returning id`,
    [
      run.pipelineId,
      run.versionId,
      run.kind,
      run.logicalAt,
      run.intervalStart,
      run.intervalEnd,
      run.partitionKey,
      JSON.stringify(run.params),
      JSON.stringify(run.trigger),
      run.priority,
      run.backfillId,
      run.note,
      plan.length,
      run.scheduleKey,
    ],
  )
  const id = rows[0]?.id
  if (id === undefined) return null
  await transaction.query(
    `insert into task_run (run_id, pipeline_id, task_id, position, trigger_rule, downstream, upstream_total, priority)
     select $1, $2, task."taskId", task.position, task."triggerRule", task.downstream, task."upstreamTotal",
            task.priority + $4
     from jsonb_to_recordset($3::jsonb)
       as task ("taskId" text, position int, "triggerRule" text, downstream int[], "upstreamTotal" int, priority int)`,
    [id, run.pipelineId, JSON.stringify(plan), run.priority],
  )
  return id
}

export interface LockedRun {
  id: RunId
  pipelineId: string
  versionId: VersionId
  state: RunState
  unfinished: number
  backfillId: string | null
}

/**
 * Locks a run's row. Every change of a run's task runs but the claim happens under this lock, so their counts are never
 * read half-changed and two changes never wait for each other's rows in opposite order.
 */
export async function lockRun(transaction: Transaction, id: RunId): Promise<LockedRun | null> {
  const { rows } = await transaction.query<LockedRun>(
    `select id, pipeline_id as "pipelineId", version_id as "versionId", state, unfinished, backfill_id as "backfillId"
     from run
     where id = $1
     for update`,
    [id],
  )
  return rows[0] ?? null
}

/**
 * Takes the oldest queued runs of a pipeline up to its limit of active ones and marks them running. The pipeline's row is
 * locked: two transactions never both see the last free place. A queued run that is being cancelled is skipped; whoever
 * cancels it starts the next.
 */
export async function startQueuedRuns(
  transaction: Transaction,
  pipelineId: string,
  maxActiveRuns: number,
): Promise<RunId[]> {
  await transaction.query("select 1 from pipeline where id = $1 for no key update", [pipelineId])
  const { rows } = await transaction.query<{ id: RunId }>(
    `with active as (
       select count(*) as running from run where pipeline_id = $1 and state in ('running', 'cancelling')
     ), next as (
       select id from run
       where pipeline_id = $1 and state = 'queued'
       order by priority desc, id
       limit greatest(0, $2 - (select running from active))
       for update skip locked
     )
     update run set state = 'running', started_at = coalesce(started_at, now())
     from next
     where run.id = next.id and run.state = 'queued'
     returning run.id`,
    [pipelineId, maxActiveRuns],
  )
  return rows.map((row) => row.id)
}
