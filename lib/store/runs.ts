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
  /** Of a run that loads more than one partition; else empty. */
  partitionKeys: readonly string[]
  params: JsonObject
  trigger: JsonObject
  priority: number
  backfillId: string | null
  note: string | null
}

/**
 * Inserts queued runs with their pending task runs, all of one plan, with one statement. Gives their ids in the given order;
 * null where there is one for this logical time and partition already.
 */
export async function insertRuns(
  transaction: Transaction,
  runs: readonly NewRun[],
  plan: readonly PlannedTask[],
): Promise<(RunId | null)[]> {
  const { rows } = await transaction.query<{ id: RunId; place: number }>(
    `with given as materialized (
       select nextval('run_id_seq') as id, *
       from jsonb_to_recordset($1::jsonb)
         as g (place int, "pipelineId" text, "versionId" bigint, kind text, "scheduleKey" text, "logicalAt" timestamptz,
               "intervalStart" timestamptz, "intervalEnd" timestamptz, "partitionKey" text, "partitionKeys" text[],
               params jsonb, trigger jsonb, priority int, "backfillId" bigint, note text)
     ), fresh as (
       insert into run (id, pipeline_id, version_id, kind, logical_at, interval_start, interval_end, partition_key, params,
                        trigger, priority, backfill_id, note, unfinished, tasks_total, schedule_key)
       select id, "pipelineId", "versionId", kind, "logicalAt", "intervalStart", "intervalEnd", "partitionKey", params,
              trigger, priority, "backfillId", note, $2, $2, "scheduleKey"
       from given
       order by place
       on conflict do nothing
       returning id, pipeline_id, priority
     ), tasks as (
       insert into task_run (run_id, pipeline_id, task_id, position, trigger_rule, downstream, upstream_total, priority,
                             limits)
       select fresh.id, fresh.pipeline_id, task."taskId", task.position, task."triggerRule", task.downstream,
              task."upstreamTotal", task.priority + fresh.priority, nullif(task.limits, 'null')
       from fresh
       cross join jsonb_to_recordset($3::jsonb)
         as task ("taskId" text, position int, "triggerRule" text, downstream int[], "upstreamTotal" int, priority int,
                  limits jsonb)
       order by fresh.id, task.position
     ), parts as (
       insert into run_part (run_id, position, pipeline_id, partition_key)
       select given.id, part.position - 1, given."pipelineId", part.key
       from given
       cross join unnest(given."partitionKeys") with ordinality as part (key, position)
       where given.id in (select id from fresh)
     )
     select fresh.id, given.place from fresh join given on given.id = fresh.id`,
    [JSON.stringify(runs.map((run, place) => ({ ...run, place }))), plan.length, planText(plan)],
  )
  const ids = new Map(rows.map((row) => [row.place, row.id]))
  return runs.map((_, place) => ids.get(place) ?? null)
}

const planTexts = new WeakMap<readonly PlannedTask[], string>()

/** A version's plan as JSON. Plans are kept with their version and never changed, so the text is made once. */
function planText(plan: readonly PlannedTask[]): string {
  let text = planTexts.get(plan)
  if (text === undefined) {
    text = JSON.stringify(plan)
    planTexts.set(plan, text)
  }
  return text
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
 * Locks runs' rows in the order of their ids. Every change of a run's task runs but the claim happens under this lock, so
 * their counts are never read half-changed and two changes never wait for each other's rows in opposite order. Take all
 * that a transaction needs with one call. (A key lock would also stop the foreign key checks of those who write task runs
 * without it, such as a retry that is promoted.)
 */
export async function lockRuns(transaction: Transaction, ids: readonly RunId[]): Promise<LockedRun[]> {
  const { rows } = await transaction.query<LockedRun>(
    `select id, pipeline_id as "pipelineId", version_id as "versionId", state, unfinished, backfill_id as "backfillId"
     from run
     where id = any ($1::bigint[])
     order by id
     for no key update`,
    [ids],
  )
  return rows
}

/** {@link lockRuns} of those that nobody else holds just now. */
export async function lockFreeRuns(transaction: Transaction, ids: readonly RunId[]): Promise<LockedRun[]> {
  const { rows } = await transaction.query<LockedRun>(
    `select id, pipeline_id as "pipelineId", version_id as "versionId", state, unfinished, backfill_id as "backfillId"
     from run
     where id = any ($1::bigint[])
     order by id
     for no key update skip locked`,
    [ids],
  )
  return rows
}

/** {@link lockRuns} for one. */
export async function lockRun(transaction: Transaction, id: RunId): Promise<LockedRun | null> {
  return (await lockRuns(transaction, [id]))[0] ?? null
}

/** Takes task runs that became final off the counts of their locked runs. */
export async function takeOffRuns(
  transaction: Transaction,
  counts: ReadonlyMap<RunId, number>,
): Promise<{ id: RunId; unfinished: number }[]> {
  const { rows } = await transaction.query<{ id: RunId; unfinished: number }>(
    `update run r
     set unfinished = r.unfinished - c.final
     from unnest($1::bigint[], $2::int[]) as c (id, final)
     where r.id = c.id
     returning r.id, r.unfinished`,
    [[...counts.keys()], [...counts.values()]],
  )
  return rows
}

export interface EndedRun {
  id: RunId
  state: RunState
  failedTaskId: string | null
  message: string | null
}

/**
 * Ends locked runs that are still active: cancelled when that was asked for, failed when they were stopped for running too
 * long or any task failed or was blocked by
 * a failure, cancelled where some tasks still are (one of a cancelled run was marked or cleared), else success. Unlike
 * Airflow, which looks at leaves only, a failure that a later all_done task covers still fails the run: a green run means
 * that everything in it worked. Left out of this are `forgiven` tasks (tear-downs) that failed, and instances: their mapped
 * task says what they amount to. Reads the task runs of each once.
 */
export async function endRuns(
  transaction: Transaction,
  runs: readonly { id: RunId; forgiven: readonly string[] }[],
): Promise<EndedRun[]> {
  const { rows } = await transaction.query<EndedRun>(
    `update run r
     set state = case
           when r.state = 'cancelling' and r.stop_reason is not null then 'failed'
           when r.state = 'cancelling' then 'cancelled'
           when e.worst = 'cancelled' then 'cancelled'
           when e.worst is not null then 'failed'
           else 'success'
         end,
         finished_at = now(),
         ends = r.ends + 1,
         failed_task_id = case when e.worst <> 'cancelled' then e.task_id end,
         error_message = coalesce(r.stop_reason, case when e.worst <> 'cancelled' then e.message end)
     from (
       select i.id, f.state as worst, f.task_id, f.message
       from unnest($1::bigint[], $2::jsonb[]) as i (id, forgiven)
       left join lateral (
         select t.state, t.task_id,
                coalesce(a.failure ->> 'message', case when t.state = 'failed' then t.reason end) as message
         from task_run t
         left join attempt a on a.task_run_id = t.id and a.number = t.attempt_count
         where t.run_id = i.id and t.map_index = -1 and t.state in ('failed', 'upstream_failed', 'cancelled')
           and not (i.forgiven ? t.task_id)
         order by (t.state = 'failed') desc, (t.state = 'upstream_failed') desc, t.finished_at, t.position
         limit 1
       ) f on true
     ) e
     where r.id = e.id and r.state in ('running', 'cancelling')
     returning r.id, r.state, r.failed_task_id as "failedTaskId", r.error_message as message`,
    [runs.map((run) => run.id), runs.map((run) => JSON.stringify(run.forgiven))],
  )
  return rows
}

export interface LockedPipeline {
  id: string
  /** Null: no longer defined. */
  versionId: VersionId | null
}

/** Locks pipelines' rows in the order of their names, with the version that new runs pin. */
export async function lockPipelines(transaction: Transaction, ids: readonly string[]): Promise<LockedPipeline[]> {
  const { rows } = await transaction.query<LockedPipeline>(
    `select p.id, v.id as "versionId"
     from pipeline p
     left join pipeline_version v on v.pipeline_id = p.id and v.version = p.current_version
     where p.id = any ($1::text[])
     order by p.id
     for no key update of p`,
    [ids],
  )
  return rows
}

/**
 * Takes the queued runs of locked pipelines that come first, up to each one's limit of active runs, and marks them running.
 * The pipeline's lock is what keeps two transactions from both seeing the last free place. A queued run that is being
 * cancelled is skipped; whoever cancels it starts the next. Backfills have a concurrency of their own, which their runs
 * were created within: they start at once and take no place of the others. Neither does a run of which nothing can go on
 * before an earlier run: that one may be queued behind it. Runs age like tasks do: a second of waiting is a point of
 * priority.
 */
export async function startQueuedRuns(
  transaction: Transaction,
  limits: ReadonlyMap<string, number>,
): Promise<LockedRun[]> {
  const { rows } = await transaction.query<LockedRun>(
    `with next as (
       select q.id
       from unnest($1::text[], $2::int[]) as p (id, max_active)
       cross join lateral (
         select r.id
         from run r
         where r.pipeline_id = p.id and r.state = 'queued' and r.kind <> 'backfill'
         order by r.priority - extract(epoch from r.created_at) desc, r.id
         limit greatest(0, p.max_active - (
           select count(*) from run a
           where a.pipeline_id = p.id and a.state in ('running', 'cancelling') and a.kind <> 'backfill'
             and not (exists (select from past_wait w where w.run_id = a.id)
                      and not exists (select from task_run t
                                      where t.run_id = a.id
                                        and t.state in ('ready', 'running', 'up_for_retry', 'deferred')))
         ))
         for update skip locked
       ) q
     ), backfill as (
       select r.id
       from run r
       where r.pipeline_id = any ($1::text[]) and r.state = 'queued' and r.kind = 'backfill'
       for update skip locked
     )
     update run r set state = 'running', started_at = coalesce(r.started_at, now())
     from (select id from next union all select id from backfill) as next
     where r.id = next.id and r.state = 'queued'
     returning r.id, r.pipeline_id as "pipelineId", r.version_id as "versionId", r.state, r.unfinished,
               r.backfill_id as "backfillId"`,
    [[...limits.keys()], [...limits.values()]],
  )
  return rows
}
