import type { Json, JsonObject } from "../contracts/json.ts"
import type { Resume, WaitRequest } from "../contracts/wait.ts"
import type { AttemptId, RunId, TaskRunId } from "../domain/ids.ts"
import type { TimeoutAction, WaitKind } from "../domain/wait.ts"
import { QUEUE_PRIORITY_SQL, type ReadyTaskRun } from "./queue.ts"
import type { Queryable, Transaction } from "./transaction.ts"

/**
 * Waits of deferred task runs. A row is written when a task is first put off and stays until its task run is final, so that
 * a retry goes on waiting where its predecessor was. Only a row that is `waiting` at a task run that is `deferred` can wake
 * or fail it; both change together, under the run's lock.
 */
export interface NewDeferral {
  attemptId: AttemptId
  taskRunId: TaskRunId
  runId: RunId
  wait: WaitRequest
}

/** Columns of a wait that are null for the other kinds. */
function columnsOf(wait: WaitRequest) {
  return {
    wakeAt: "wakeAt" in wait ? wait.wakeAt : null,
    datasetId: wait.kind === "dataset" ? wait.dataset : null,
    partitionKey: wait.kind === "dataset" ? wait.partitionKey : null,
    since: wait.kind === "dataset" ? wait.since : null,
    childRunId: wait.kind === "run" ? wait.childRunId : null,
    tokenHash: wait.kind === "callback" ? wait.tokenHash : null,
  }
}

function requestOf(wait: WaitRequest): JsonObject {
  switch (wait.kind) {
    case "time":
      return { text: wait.text, timezone: wait.timezone }
    case "approval":
      return { text: wait.text, title: wait.title, details: wait.details, approvers: wait.approvers }
    case "run":
      return { text: wait.text, pipelineId: wait.pipelineId }
    default:
      return { text: wait.text }
  }
}

function toRow({ attemptId, taskRunId, runId, wait }: NewDeferral) {
  const { kind, expiresAt, onTimeout } = wait
  return { attemptId, taskRunId, runId, kind, expiresAt, onTimeout, request: requestOf(wait), ...columnsOf(wait) }
}

const ROW = `"attemptId" bigint, "taskRunId" bigint, "runId" bigint, kind text, "expiresAt" timestamptz, "onTimeout" text,
  request jsonb, "wakeAt" timestamptz, "datasetId" text, "partitionKey" text, since timestamptz, "childRunId" bigint,
  "tokenHash" text`

/**
 * Stores the waits of task runs that were just put off. The first wait's beginning and end stay, however often the task is
 * put off again; what has come already (a callback that was faster than the record of its wait) wakes it at once. Gives
 * how often each was put off.
 */
export async function storeDeferrals(
  transaction: Transaction,
  deferrals: readonly NewDeferral[],
): Promise<{ taskRunId: TaskRunId; polls: number }[]> {
  const { rows } = await transaction.query<{ taskRunId: TaskRunId; polls: number }>(
    `insert into deferral as d (task_run_id, run_id, kind, state, wake_at, expires_at, on_timeout, dataset_id,
                                partition_key, since, child_run_id, token_hash, request, polls)
     select g."taskRunId", g."runId", g.kind, 'waiting', g."wakeAt", g."expiresAt", g."onTimeout", g."datasetId",
            g."partitionKey", g.since, g."childRunId", g."tokenHash", g.request, 1
     from jsonb_to_recordset($1::jsonb) as g (${ROW})
     order by g."taskRunId"
     on conflict (task_run_id) do update
       set kind = excluded.kind, state = 'waiting', request = excluded.request, on_timeout = excluded.on_timeout,
           wake_at = case when d.response is not null then date_trunc('milliseconds', now()) else excluded.wake_at end,
           expires_at = coalesce(d.expires_at, excluded.expires_at), dataset_id = excluded.dataset_id,
           partition_key = excluded.partition_key, since = excluded.since, child_run_id = excluded.child_run_id,
           token_hash = excluded.token_hash, polls = d.polls + 1
     returning task_run_id as "taskRunId", polls`,
    [JSON.stringify(deferrals.map(toRow))],
  )
  return rows
}

/**
 * Lets a callback's token be known while its attempt still runs, so that an answer which comes before the attempt's end is
 * not lost. Guarded by the fence; an answer that is there already stays. False: the attempt was superseded.
 */
export async function registerDeferral(queryable: Queryable, deferral: NewDeferral): Promise<boolean> {
  const { rowCount } = await queryable.query(
    `insert into deferral as d (task_run_id, run_id, kind, state, expires_at, on_timeout, token_hash, request)
     select g."taskRunId", g."runId", g.kind, 'registered', g."expiresAt", g."onTimeout", g."tokenHash", g.request
     from jsonb_to_record($1::jsonb) as g (${ROW})
     join task_run t on t.id = g."taskRunId" and t.fence = g."attemptId" and t.state = 'running'
     on conflict (task_run_id) do update
       set state = 'registered', token_hash = case when d.response is null then excluded.token_hash else d.token_hash end`,
    [JSON.stringify(toRow(deferral))],
  )
  return rowCount === 1
}

/** What an attempt has to go on with, or null where its task was not put off yet. */
export async function readResume(queryable: Queryable, taskRunId: TaskRunId): Promise<Resume | null> {
  const { rows } = await queryable.query<Resume>(
    `select created_at as since, expires_at as "expiresAt", polls, child_run_id as "childRunId", response
     from deferral
     where task_run_id = $1 and (state <> 'registered' or response is not null)`,
    [taskRunId],
  )
  return rows[0] ?? null
}

/** Forgets the waits of task runs that are no longer deferred. In the order of their ids, as everybody who locks several. */
export async function removeDeferrals(transaction: Transaction, taskRunIds: readonly TaskRunId[]): Promise<void> {
  if (taskRunIds.length === 0) return
  await transaction.query(
    `delete from deferral where task_run_id = any (array(
       select task_run_id from deferral where task_run_id = any ($1::bigint[]) order by task_run_id for update))`,
    [taskRunIds],
  )
}

/**
 * Folds the attempts of task runs that were put off again into the attempts before them: a sensor that looks for a week
 * keeps one row and the end of its log. The row that stays is the first, so that its address holds. Lines are dropped in
 * blocks, because the rest is numbered anew.
 */
export async function foldPolls(transaction: Transaction, taskRunIds: readonly TaskRunId[]): Promise<void> {
  if (taskRunIds.length === 0) return
  await transaction.query(
    `with pair as materialized (
       select t.id as task_run_id, c.id as current, p.id as kept, p.log_lines as offset_lines, c.log_lines, c.log_bytes,
              c.worker_id, c.finished_at, c.metrics
       from task_run t
       join attempt c on c.task_run_id = t.id and c.number = t.attempt_count and c.state = 'deferred'
       join attempt p on p.task_run_id = t.id and p.number = t.attempt_count - 1 and p.state = 'deferred'
       where t.id = any ($1::bigint[])
     ), gone as (
       delete from attempt a using pair where a.id = pair.current
     ), moved as (
       update log_line l set attempt_id = pair.kept, line = l.line + pair.offset_lines
       from pair where l.attempt_id = pair.current
     ), counted as (
       update task_run t set attempt_count = t.attempt_count - 1, attempts_before = t.attempts_before - 1
       from pair where t.id = pair.task_run_id
     )
     update attempt a
     set worker_id = pair.worker_id, heartbeat_at = now(), finished_at = pair.finished_at, metrics = pair.metrics,
         log_lines = a.log_lines + pair.log_lines, log_bytes = a.log_bytes + pair.log_bytes
     from pair where a.id = pair.kept`,
    [taskRunIds],
  )
  await transaction.query(
    `with long as materialized (
       select a.id, a.log_lines - $3::int as dropped
       from task_run t
       join attempt a on a.task_run_id = t.id and a.number = t.attempt_count
       where t.id = any ($1::bigint[]) and a.log_lines > $2::int
     ), old as (
       delete from log_line l using long where l.attempt_id = long.id returning l.*
     ), shorter as (
       update attempt a set log_lines = $3::int from long where a.id = long.id
     )
     insert into log_line (attempt_id, line, at, level, message)
     select old.attempt_id, old.line - long.dropped, old.at, old.level, old.message
     from old
     join long on long.id = old.attempt_id
     where old.line > long.dropped
     order by 1, 2`,
    [taskRunIds, MAX_POLL_LINES, KEPT_POLL_LINES],
  )
}

/** A sensor writes about three lines a look. */
const MAX_POLL_LINES = 600
const KEPT_POLL_LINES = 300

export interface DueDeferral {
  taskRunId: TaskRunId
  runId: RunId
}

/** Waits that are over, one way or the other, the longest due first. Relies on deferral_wake and deferral_expiry. */
export async function findDueDeferrals(queryable: Queryable, limit: number): Promise<DueDeferral[]> {
  const { rows } = await queryable.query<DueDeferral>(
    `select d.task_run_id as "taskRunId", d.run_id as "runId"
     from deferral d
     where d.state = 'waiting' and (d.wake_at <= now() or d.expires_at <= now())
     order by least(d.wake_at, d.expires_at)
     limit $1`,
    [limit],
  )
  return rows
}

export interface WokenTaskRun extends ReadyTaskRun {
  runId: RunId
  pipelineId: string
  taskId: string
}

/**
 * Wakes those of the task runs that are due: `waiting` to `woken` and `deferred` to `ready`, both or neither. Where the end
 * of the wait came first, it is left for {@link expireDeferrals}. Call under the runs' locks.
 */
export async function wakeDueTaskRuns(
  transaction: Transaction,
  taskRunIds: readonly TaskRunId[],
): Promise<WokenTaskRun[]> {
  const { rows } = await transaction.query<WokenTaskRun>(
    `with due as (
       update deferral d
       set state = 'woken', wake_at = null
       from task_run t
       where d.task_run_id = any ($1::bigint[]) and d.state = 'waiting' and d.wake_at <= now()
         and (d.expires_at is null or d.wake_at <= d.expires_at)
         and t.id = d.task_run_id and t.state = 'deferred'
       returning d.task_run_id
     )
     update task_run t
     set state = 'ready', ready_at = now(), reason = null, queue_priority = ${QUEUE_PRIORITY_SQL}
     from due
     where t.id = due.task_run_id and t.state = 'deferred'
     returning t.id, t.run_id as "runId", t.pipeline_id as "pipelineId", t.task_id as "taskId",
               t.queue_priority as "queuePriority", t.limits`,
    [taskRunIds],
  )
  return rows
}

/** Wakes one task run with what it waited for; null where it does not wait for such any more. Call under the run's lock. */
export async function answerDeferral(
  transaction: Transaction,
  taskRunId: TaskRunId,
  kind: WaitKind,
  response: Json,
): Promise<WokenTaskRun | null> {
  const { rows } = await transaction.query<WokenTaskRun>(
    `with answered as (
       update deferral d
       set state = 'woken', wake_at = null, response = $3
       from task_run t
       where d.task_run_id = $1 and d.kind = $2 and d.state = 'waiting' and d.response is null
         and t.id = d.task_run_id and t.state = 'deferred'
       returning d.task_run_id
     )
     update task_run t
     set state = 'ready', ready_at = now(), reason = null, queue_priority = ${QUEUE_PRIORITY_SQL}
     from answered
     where t.id = answered.task_run_id and t.state = 'deferred'
     returning t.id, t.run_id as "runId", t.pipeline_id as "pipelineId", t.task_id as "taskId",
               t.queue_priority as "queuePriority", t.limits`,
    [taskRunId, kind, JSON.stringify(response)],
  )
  return rows[0] ?? null
}

/** Keeps an answer for an attempt that is still on its way into the wait. True for the first answer. */
export async function keepEarlyAnswer(
  transaction: Transaction,
  taskRunId: TaskRunId,
  response: Json,
): Promise<boolean> {
  const { rowCount } = await transaction.query(
    "update deferral set response = $2 where task_run_id = $1 and state = 'registered' and response is null",
    [taskRunId, JSON.stringify(response)],
  )
  return rowCount === 1
}

/** The wait that a callback's token belongs to. */
export async function findByToken(queryable: Queryable, tokenHash: string): Promise<DueDeferral | null> {
  const { rows } = await queryable.query<DueDeferral>(
    `select task_run_id as "taskRunId", run_id as "runId" from deferral where token_hash = $1`,
    [tokenHash],
  )
  return rows[0] ?? null
}

export interface ExpiredTaskRun {
  id: TaskRunId
  runId: RunId
  taskId: string
  action: TimeoutAction
  attemptId: AttemptId | null
  /** What it waited for, as people were told. */
  text: string
  waitedMs: number
}

/** Task runs of locked runs whose wait has ended in vain. Removes the waits; the caller moves the task runs. */
export async function takeExpiredDeferrals(
  transaction: Transaction,
  taskRunIds: readonly TaskRunId[],
): Promise<ExpiredTaskRun[]> {
  const { rows } = await transaction.query<ExpiredTaskRun>(
    `with expired as (
       delete from deferral d
       using task_run t
       where d.task_run_id = any ($1::bigint[]) and d.state = 'waiting' and d.expires_at <= now()
         and t.id = d.task_run_id and t.state = 'deferred'
       returning d.*
     )
     select t.id, t.run_id as "runId", t.task_id as "taskId", e.on_timeout as action, a.id as "attemptId",
            coalesce(e.request ->> 'text', '') as text,
            extract(epoch from e.expires_at - e.created_at)::float8 * 1000 as "waitedMs"
     from expired e
     join task_run t on t.id = e.task_run_id
     left join attempt a on a.task_run_id = t.id and a.number = t.attempt_count
     order by t.id`,
    [taskRunIds],
  )
  return rows
}

/** Forgets those waits whose task run was moved on by somebody who did not think of them. */
export async function dropStrayDeferrals(transaction: Transaction, taskRunIds: readonly TaskRunId[]): Promise<void> {
  await transaction.query(
    `delete from deferral d
     using task_run t
     where d.task_run_id = any ($1::bigint[]) and d.state = 'waiting' and t.id = d.task_run_id and t.state <> 'deferred'`,
    [taskRunIds],
  )
}

/** When the next wait is due or over, or null. Two looks into indexes. */
export async function nextDeferralAt(queryable: Queryable): Promise<Date | null> {
  const { rows } = await queryable.query<{ at: Date | null }>(
    `select least((select min(wake_at) from deferral where state = 'waiting' and wake_at is not null),
                  (select min(expires_at) from deferral where state = 'waiting' and expires_at is not null)) as at`,
  )
  return rows[0]?.at ?? null
}
