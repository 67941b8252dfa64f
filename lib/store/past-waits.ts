import type { RunId, TaskRunId } from "../domain/ids.ts"
import { type PastBlocker, type PreviousRun, pastReason } from "../domain/past.ts"
import type { Queryable, Transaction } from "./transaction.ts"

/** How many runs back a task is looked for; beyond that it counts as one without a past. */
const LOOK_BACK = 100

/**
 * The previous runs of task runs, as their gates see them. A series is the scheduled and backfill runs of a pipeline by the
 * start of their data interval, one series a key where partitions have keys; of several runs of one interval the newest counts. Task runs of other runs, and those without
 * a past, are left out. Relies on run_series and on the unique (run_id, position, map_index).
 */
export async function readPrevious(
  queryable: Queryable,
  gated: readonly { id: TaskRunId; withDownstream: boolean }[],
): Promise<Map<TaskRunId, PreviousRun>> {
  if (gated.length === 0) return new Map()
  const { rows } = await queryable.query<PreviousRun & { id: TaskRunId }>(
    `select t.id, before.run_id as "runId", seen.tasks
     from unnest($1::bigint[], $2::boolean[]) as g (id, with_downstream)
     join task_run t on t.id = g.id
     join run r on r.id = t.run_id and r.kind in ('schedule', 'backfill')
     cross join lateral (
       select p.id as run_id, pt.downstream
       from (
         select id, interval_start from run
         where pipeline_id = r.pipeline_id and kind in ('schedule', 'backfill') and interval_start < r.interval_start
           and static_partition_key(partition_key) = static_partition_key(r.partition_key)
         order by interval_start desc, id desc
         limit ${LOOK_BACK}
       ) p
       join task_run pt on pt.run_id = p.id and pt.task_id = t.task_id and pt.map_index = -1
       order by p.interval_start desc, p.id desc
       limit 1
     ) before
     cross join lateral (
       select jsonb_agg(jsonb_build_object('taskId', s.task_id, 'state', s.state)
                        order by (s.task_id = t.task_id) desc, s.position) as tasks
       from task_run s
       where s.run_id = before.run_id and s.map_index = -1
         and (s.task_id = t.task_id or g.with_downstream and s.position = any (before.downstream))
     ) seen`,
    [gated.map((one) => one.id), gated.map((one) => one.withDownstream)],
  )
  return new Map(rows.map(({ id, runId, tasks }) => [id, { runId, tasks }]))
}

export interface HeldTaskRun {
  id: TaskRunId
  runId: RunId
  pipelineId: string
  blocker: PastBlocker
}

/** Notes what pending task runs of locked runs wait for. Gives how many had not been waiting. */
export async function holdTaskRuns(transaction: Transaction, held: readonly HeldTaskRun[]): Promise<number> {
  if (held.length === 0) return 0
  await transaction.query(
    `update task_run t
     set reason = h.reason
     from unnest($1::bigint[], $2::text[]) as h (id, reason)
     where t.id = h.id and t.state = 'pending' and t.reason is distinct from h.reason`,
    [held.map((one) => one.id), held.map((one) => pastReason(one.blocker))],
  )
  const { rows } = await transaction.query<{ isNew: boolean }>(
    `insert into past_wait (task_run_id, run_id, pipeline_id, blocking_run_id, blocking_task_id, blocking_state)
     select * from unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::text[])
     on conflict (task_run_id) do update
       set blocking_run_id = excluded.blocking_run_id, blocking_task_id = excluded.blocking_task_id,
           blocking_state = excluded.blocking_state
     returning xmax = 0 as "isNew"`,
    [
      held.map((one) => one.id),
      held.map((one) => one.runId),
      held.map((one) => one.pipelineId),
      held.map((one) => one.blocker.runId),
      held.map((one) => one.blocker.taskId),
      held.map((one) => one.blocker.state),
    ],
  )
  return rows.filter((row) => row.isNew).length
}

/** Task runs that wait no longer. */
export async function dropHolds(transaction: Transaction, ids: readonly TaskRunId[]): Promise<void> {
  if (ids.length === 0) return
  await transaction.query("delete from past_wait where task_run_id = any ($1::bigint[])", [ids])
}

export interface PastWaitRow {
  id: TaskRunId
  taskId: string
  runId: RunId
  pipelineId: string
  versionId: string
  blocker: PastBlocker
}

/** Task runs that wait for their past, in the order of their ids, after one. */
export async function listPastWaits(queryable: Queryable, after: TaskRunId, limit: number): Promise<PastWaitRow[]> {
  const { rows } = await queryable.query<PastWaitRow>(
    `select w.task_run_id as id, t.task_id as "taskId", w.run_id as "runId", w.pipeline_id as "pipelineId",
            r.version_id as "versionId",
            jsonb_build_object('runId', w.blocking_run_id::text, 'taskId', w.blocking_task_id,
                               'state', w.blocking_state) as blocker
     from past_wait w
     join task_run t on t.id = w.task_run_id
     join run r on r.id = w.run_id
     where w.task_run_id > $1 and t.state = 'pending' and r.state = 'running'
     order by w.task_run_id
     limit $2`,
    [after, limit],
  )
  return rows
}

/** Forgets what task runs waited for that wait no more: cancelled, marked or blocked meanwhile. */
export async function dropStaleHolds(queryable: Queryable): Promise<void> {
  await queryable.query(
    `delete from past_wait where task_run_id in (
       select w.task_run_id from past_wait w join task_run t on t.id = w.task_run_id
       where t.state <> 'pending'
       for update of w skip locked
     )`,
  )
}

/** Those of the pipelines that have a queued run. */
export async function withQueuedRuns(queryable: Queryable, pipelineIds: readonly string[]): Promise<string[]> {
  const { rows } = await queryable.query<{ id: string }>(
    `select p.id from unnest($1::text[]) as p (id)
     where exists (select from run r where r.pipeline_id = p.id and r.state = 'queued')`,
    [pipelineIds],
  )
  return rows.map((row) => row.id)
}
