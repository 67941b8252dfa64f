import type { JsonObject } from "../contracts/json.ts"
import type { WorkerFigures } from "../contracts/process-figures.ts"
import type { LimitShare } from "../domain/admission.ts"
import type { FinalAttemptState } from "../domain/attempt-state.ts"
import type { Failure } from "../domain/errors.ts"
import type { AttemptId, RunId, TaskRunId, VersionId, WorkerId } from "../domain/ids.ts"
import { QUEUE_PRIORITY_SQL } from "./queue.ts"
import type { Queryable, Transaction } from "./transaction.ts"

/** A task run in the hands of a worker, with what it needs to execute. */
export interface Claim {
  attemptId: AttemptId
  attemptNumber: number
  taskRunId: TaskRunId
  taskId: string
  /** Which instance of a mapped task; -1 for a task that runs once. */
  mapIndex: number
  /** It runs on when its run is cancelled. */
  isTeardown: boolean
  /** How often the task run was cleared: attempts of one generation share what they did to the warehouse. */
  generation: number
  runId: RunId
  pipelineId: string
  versionId: VersionId
  kind: string
  logicalAt: Date
  intervalStart: Date
  intervalEnd: Date
  partitionKey: string | null
  /** All partitions that its run loads, oldest first. */
  partitionKeys: string[]
  params: JsonObject
  /** How long it waited for a worker since it could run. */
  waitedMs: number
  runCreatedAt: Date
}

/**
 * Takes up to `limit` tickets off the queue, highest priority first, and turns them into attempts: ready → running, with a
 * new fence token each. One statement, so either all of it happens or nothing; what other workers hold is skipped. A
 * ticket whose task run is no longer ready (cancelled, marked), waits for a slot after a clear, or whose run is being
 * cancelled and that is no tear-down yields nothing but is used up: `tickets` counts those too. Task runs are locked in the
 * order of their ids.
 *
 * Fetching with pg-boss would write each job twice (active, then deleted) and take two round trips more. What the planner
 * thinks of a queue is old the moment it is known, so the statement leaves it no choice: jobs in the order of their index
 * (job_i11), deleted by their place (a lock is held, so they do not move); task runs by their ids, which stand in an array,
 * and not by the index of states, whose dead entries are most of it. No ticket is for later, so their times are not looked
 * at: a clock that is set back would hold up all of them.
 */
export async function claimTickets(
  queryable: Queryable,
  workerId: WorkerId,
  limit: number,
): Promise<{ claims: Claim[]; tickets: number }> {
  const { rows } = await queryable.query<Claim & { tickets: number; told: number }>(
    `with ticket as (
       delete from pgboss.job
       where name = 'task' and ctid = any (array(
         select j.ctid
         from pgboss.job j
         where j.name = 'task' and j.state < 'active' and not j.blocked
         order by j.priority desc, j.created_on
         limit $1
         for update skip locked
       ))
       returning (data ->> 'taskRunId')::bigint as task_run_id
     ), free as (
       select t.id, t.run_id, t.attempt_count, t.ready_at,
              case when t.admitted_at >= t.ready_at then t.admitted_at end as admitted_at
       from task_run t
       join run r on r.id = t.run_id
       where t.id = any (array(select task_run_id from ticket)) and t.state || '' = 'ready' and t.waiting_for is null
         and (r.state || '' = 'running' or (r.state || '' = 'cancelling' and t.trigger_rule = 'all_done_setup_success'))
       order by t.id
       for no key update of t
     ), fresh as (
       insert into attempt (task_run_id, run_id, number, worker_id, ready_at, admitted_at)
       select id, run_id, attempt_count + 1, $2, ready_at, admitted_at from free
       returning id, task_run_id, number
     ), claimed as (
       update task_run t
       set state = 'running', fence = fresh.id, attempt_count = fresh.number, reason = null,
           started_at = coalesce(t.started_at, now())
       from fresh
       where t.id = fresh.task_run_id
       returning t.*
     ), told as (
       select pg_notify('headrace_events', json_build_object('type', 'task_run', 'id', c.id::text,
                'runId', c.run_id::text, 'pipelineId', c.pipeline_id, 'taskId', c.task_id, 'mapIndex', c.map_index, 'state', 'running')::text)
       from claimed c
     )
     select n.tickets, n.told, c.fence as "attemptId", c.attempt_count as "attemptNumber", c.id as "taskRunId",
            c.task_id as "taskId", c.map_index as "mapIndex",
            c.trigger_rule = 'all_done_setup_success' as "isTeardown", c.generation, r.id as "runId", r.pipeline_id as "pipelineId",
            r.version_id as "versionId", r.kind, r.logical_at as "logicalAt", r.interval_start as "intervalStart",
            r.interval_end as "intervalEnd", r.partition_key as "partitionKey", r.params,
            r.created_at as "runCreatedAt",
            coalesce(extract(epoch from now() - greatest(c.ready_at, c.admitted_at)) * 1000, 0)::float8 as "waitedMs",
            coalesce(
              case when position('..' in r.partition_key) > 0 then
                (select array_agg(p.partition_key order by p.position) from run_part p where p.run_id = r.id)
              end,
              array_remove(array[r.partition_key], null)
            ) as "partitionKeys"
     from (select (select count(*) from ticket)::int as tickets, (select count(*) from told)::int as told) n
     left join claimed c on true
     left join run r on r.id = c.run_id
     order by c.queue_priority desc, c.id`,
    [limit, workerId],
  )
  const tickets = rows[0]?.tickets ?? 0
  return { claims: rows.filter((row) => row.attemptId !== null), tickets }
}

/** How a task run stands after one of its attempts ended. */
export interface AttemptEnd {
  attemptId: AttemptId
  taskRunId: TaskRunId
  attemptState: FinalAttemptState
  taskRunState: "success" | "skipped" | "failed" | "cancelled" | "up_for_retry" | "ready" | "deferred"
  reason: string | null
  failure: Failure | null
  exitCode: number | null
  metrics: Record<string, number>
  /** Only with `up_for_retry`. */
  delayMs: number | null
  /** True: this attempt does not count against the retries. */
  isUncounted: boolean
}

export interface EndedTaskRun {
  attemptId: AttemptId
  taskRunId: TaskRunId
  runId: RunId
  taskId: string
  /** -1 for a task that is no instance of a mapped one. */
  mapIndex: number
  /** Of one that is ready again. */
  queuePriority: number
  limits: LimitShare[] | null
}

/**
 * Ends attempts and moves their task runs on, in one statement, each guarded by its fence: an attempt that is not returned
 * was superseded (reaped, cancelled) and nothing of it was changed. Call under the runs' locks.
 */
export async function endAttempts(transaction: Transaction, ends: readonly AttemptEnd[]): Promise<EndedTaskRun[]> {
  const { rows } = await transaction.query<EndedTaskRun>(
    `with given as (
       select * from unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::float8[], $7::boolean[],
                            $8::text[], $9::int[], $10::text[])
         as e (attempt_id, task_run_id, attempt_state, state, reason, delay_ms, is_uncounted, failure, exit_code, metrics)
     ), moved as (
       update task_run t
       set state = g.state, reason = g.reason, fence = null,
           next_attempt_at = case when g.state = 'up_for_retry' then now() + g.delay_ms * interval '1 millisecond' end,
           ready_at = case when g.state = 'ready' then now() else t.ready_at end,
           queue_priority = case when g.state = 'ready' then ${QUEUE_PRIORITY_SQL} else t.queue_priority end,
           attempts_before = t.attempts_before + g.is_uncounted::int,
           finished_at = case when g.state in ('success', 'skipped', 'failed', 'cancelled') then now() end
       from given g
       where t.id = g.task_run_id and t.fence = g.attempt_id and t.state = 'running'
       returning g.attempt_id, t.id, t.run_id, t.task_id, t.map_index, t.queue_priority, t.limits
     ), ended as (
       update attempt a
       set state = g.attempt_state, failure = g.failure::jsonb, exit_code = g.exit_code, metrics = g.metrics::jsonb,
           finished_at = now()
       from moved
       join given g on g.attempt_id = moved.attempt_id
       where a.id = moved.attempt_id
     ), over as (
       -- What a task run waited for goes with its end.
       delete from deferral d
       using moved
       join given g on g.attempt_id = moved.attempt_id
       where d.task_run_id = moved.id and g.state in ('success', 'skipped', 'failed', 'cancelled')
     )
     select attempt_id as "attemptId", id as "taskRunId", run_id as "runId", task_id as "taskId", map_index as "mapIndex",
            queue_priority as "queuePriority", limits
     from moved`,
    [
      ends.map((end) => end.attemptId),
      ends.map((end) => end.taskRunId),
      ends.map((end) => end.attemptState),
      ends.map((end) => end.taskRunState),
      ends.map((end) => end.reason),
      ends.map((end) => end.delayMs ?? 0),
      ends.map((end) => end.isUncounted),
      ends.map((end) => (end.failure ? JSON.stringify(end.failure) : null)),
      ends.map((end) => end.exitCode),
      ends.map((end) => (Object.keys(end.metrics).length > 0 ? JSON.stringify(end.metrics) : null)),
    ],
  )
  return rows
}

export interface RetryFacts {
  taskId: string
  attemptNumber: number
  isTeardown: boolean
}

/** What a retry decision needs to know of the task runs that failed, or that end in a run that is being cancelled. */
export async function readRetryFacts(
  transaction: Transaction,
  taskRunIds: readonly TaskRunId[],
): Promise<Map<TaskRunId, RetryFacts>> {
  if (taskRunIds.length === 0) return new Map()
  const { rows } = await transaction.query<RetryFacts & { id: TaskRunId }>(
    `select id, task_id as "taskId", attempt_count - attempts_before as "attemptNumber",
            trigger_rule = 'all_done_setup_success' as "isTeardown"
     from task_run
     where id = any ($1::bigint[])`,
    [taskRunIds],
  )
  return new Map(rows.map((row) => [row.id, row]))
}

export interface RunningAttempt {
  attemptId: AttemptId
  taskRunId: TaskRunId
  runId: RunId
}

/**
 * Attempts whose worker has been silent for longer than the bound, oldest first. Rows another reaper looks at are
 * skipped; the guarded end makes the reaping happen exactly once all the same.
 */
export async function findSilentAttempts(queryable: Queryable, timeoutMs: number): Promise<RunningAttempt[]> {
  const { rows } = await queryable.query<RunningAttempt>(
    `select id as "attemptId", task_run_id as "taskRunId", run_id as "runId"
     from attempt
     where state = 'running' and heartbeat_at < now() - $1 * interval '1 millisecond'
     order by heartbeat_at
     limit 200`,
    [timeoutMs],
  )
  return rows
}

/**
 * Renews a worker's lease on the attempts it executes, and says what its process measures of itself. An attempt not returned was superseded and must stop; so must one
 * whose run is being cancelled (the notification of that may have come before the claim was known).
 */
export async function heartbeat(
  queryable: Queryable,
  workerId: WorkerId,
  attemptIds: readonly AttemptId[],
  figures: WorkerFigures | null = null,
): Promise<Map<AttemptId, { isCancelling: boolean }>> {
  const { rows } = await queryable.query<{ id: AttemptId; isCancelling: boolean }>(
    // A row that is being ended is passed over, not waited for: its end holds others of this worker's rows. It is held
    // still, so it is read from the snapshot.
    `with alive as (
       update worker set heartbeat_at = now(), figures = coalesce($3::jsonb, figures) where id = $1
     ), beat as (
       update attempt
       set heartbeat_at = now()
       where id in (
         select id from attempt where id = any ($2::bigint[]) and state = 'running' for no key update skip locked
       )
     )
     select a.id, r.state = 'cancelling' and t.trigger_rule <> 'all_done_setup_success' as "isCancelling"
     from attempt a
     join run r on r.id = a.run_id
     join task_run t on t.id = a.task_run_id
     where a.id = any ($2::bigint[]) and a.state = 'running'`,
    [workerId, attemptIds, figures && JSON.stringify(figures)],
  )
  return new Map(rows.map((row) => [row.id, { isCancelling: row.isCancelling }]))
}
