import type { RunId, TaskRunId } from "../domain/ids.ts"
import type { Queryable, Transaction } from "./transaction.ts"

/** An event's time is that at which its transaction began; none of ours lasts longer than this. */
const OVERLAP_SECONDS = 40
const MAX_EVENTS = 200

/** How a run ended that is to be traced. */
export interface EndedRunFacts {
  id: RunId
  pipelineId: string
  version: number
  kind: string
  state: string
  partitionKey: string | null
  createdAt: Date
  startedAt: Date
  finishedAt: Date
  failedTaskId: string | null
}

export interface EndedTaskFacts {
  id: TaskRunId
  taskId: string
  mapIndex: number
  generation: number
  state: string
  attempts: number
  startedAt: Date
  finishedAt: Date
  failureCode: string | null
}

/** Attempts that nobody lived to tell of: their workers were lost. */
export interface LostAttemptFacts {
  id: string
  number: number
  taskRunId: TaskRunId
  taskId: string
  generation: number
  workerId: string | null
  startedAt: Date
  finishedAt: Date
}

/** Makes a worker that starts look at what ended lately, and not at what ended while nobody traced. */
export async function startTraceCursor(queryable: Queryable): Promise<void> {
  await queryable.query(
    "update trace_cursor set seen_at = now() - interval '5 minutes', recent = '{}' where seen_at < now() - interval '5 minutes'",
  )
}

/**
 * Gives runs that ended since the last call of any worker, each end once; `isMore`: there are further ones. Null where another
 * worker is at it. Reads the newest events by their time, and those before that may have been committed late.
 */
export async function takeEndedRuns(transaction: Transaction): Promise<{ runIds: RunId[]; isMore: boolean } | null> {
  const { rows } = await transaction.query<{ taken: RunId[]; isMore: boolean }>(
    `with held as (
       select seen_at, recent from trace_cursor where id = 1 for no key update skip locked
     ), found as (
       select e.id, e.at, e.run_id
       from held, event e
       where e.at >= held.seen_at - $1 * interval '1 second'
         and e.type in ('run.success', 'run.failed', 'run.cancelled')
         and not (e.id = any (held.recent))
       order by e.at, e.id
       limit $2
     ), until as (
       select case when (select count(*) from found) < $2 then now() else (select max(at) from found) end as at
     ), moved as (
       update trace_cursor c
       set seen_at = until.at,
           recent = array(
             select e.id from event e
             where e.id = any (held.recent || array(select id from found)) and e.at >= until.at - $1 * interval '1 second'
           )
       from held, until
       where c.id = 1
     )
     select array(select distinct run_id from found order by run_id) as taken,
            (select count(*) from found) >= $2 as "isMore"
     from held`,
    [OVERLAP_SECONDS, MAX_EVENTS],
  )
  const row = rows[0]
  return row ? { runIds: row.taken, isMore: row.isMore } : null
}

/** Those that started; in the order of their ids. */
export async function readEndedRuns(queryable: Queryable, ids: readonly RunId[]): Promise<EndedRunFacts[]> {
  const { rows } = await queryable.query<EndedRunFacts>(
    `select r.id, r.pipeline_id as "pipelineId", v.version, r.kind, r.state, r.partition_key as "partitionKey",
            r.created_at as "createdAt", r.started_at as "startedAt", r.finished_at as "finishedAt",
            r.failed_task_id as "failedTaskId"
     from run r
     join pipeline_version v on v.id = r.version_id
     where r.id = any ($1::bigint[]) and r.started_at is not null and r.finished_at is not null
     order by r.id`,
    [ids],
  )
  return rows
}

/** Task runs of a run that were tried, after the given position, at most `limit`; mapped ones come with their instances. */
export async function readEndedTasks(
  queryable: Queryable,
  runId: RunId,
  after: TaskRunId | null,
  limit: number,
): Promise<EndedTaskFacts[]> {
  const { rows } = await queryable.query<EndedTaskFacts>(
    `select t.id, t.task_id as "taskId", t.map_index as "mapIndex", t.generation, t.state, t.attempt_count as attempts,
            t.started_at as "startedAt", t.finished_at as "finishedAt", a.failure ->> 'code' as "failureCode"
     from (
       select * from task_run
       where run_id = $1 and id > coalesce($2::bigint, 0) and started_at is not null and finished_at is not null
       order by id
       limit $3
     ) t
     left join attempt a on t.state = 'failed' and a.task_run_id = t.id and a.number = t.attempt_count
     order by t.id`,
    [runId, after, limit],
  )
  return rows
}

export async function readLostAttempts(queryable: Queryable, runId: RunId): Promise<LostAttemptFacts[]> {
  const { rows } = await queryable.query<LostAttemptFacts>(
    `select a.id, a.number, a.task_run_id as "taskRunId", t.task_id as "taskId", t.generation, a.worker_id as "workerId",
            a.started_at as "startedAt", a.finished_at as "finishedAt"
     from attempt a
     join task_run t on t.id = a.task_run_id
     where a.run_id = $1 and a.state = 'lost' and a.finished_at is not null
     order by a.id
     limit 1000`,
    [runId],
  )
  return rows
}
