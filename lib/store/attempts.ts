import type { JsonObject } from "../contracts/json.ts"
import type { FinalAttemptState } from "../domain/attempt-state.ts"
import type { Failure } from "../domain/errors.ts"
import type { AttemptId, RunId, TaskRunId, VersionId, WorkerId } from "../domain/ids.ts"
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
  params: JsonObject
}

/**
 * Turns tickets into attempts: ready → running, with a new fence token each. A ticket whose task run is no longer ready
 * (cancelled, marked) or whose run is being cancelled yields nothing. Rows are locked in the order of their ids.
 */
export async function claimTaskRuns(
  transaction: Transaction,
  taskRunIds: readonly TaskRunId[],
  workerId: WorkerId,
): Promise<Claim[]> {
  const { rows } = await transaction.query<Claim>(
    `with free as (
       select t.id, t.run_id, t.attempt_count
       from task_run t
       join run r on r.id = t.run_id
       where t.id = any ($1::bigint[]) and t.state = 'ready'
         and (r.state = 'running' or (r.state = 'cancelling' and t.trigger_rule = 'all_done_setup_success'))
       order by t.id
       for no key update of t
     ), fresh as (
       insert into attempt (task_run_id, run_id, number, worker_id)
       select id, run_id, attempt_count + 1, $2 from free
       returning id, task_run_id, number
     ), claimed as (
       update task_run t
       set state = 'running', fence = fresh.id, attempt_count = fresh.number, reason = null,
           started_at = coalesce(t.started_at, now())
       from fresh
       where t.id = fresh.task_run_id
       returning t.*
     )
     select c.fence as "attemptId", c.attempt_count as "attemptNumber", c.id as "taskRunId", c.task_id as "taskId",
            c.map_index as "mapIndex", c.trigger_rule = 'all_done_setup_success' as "isTeardown", c.generation, r.id as "runId", r.pipeline_id as "pipelineId",
            r.version_id as "versionId", r.kind, r.logical_at as "logicalAt", r.interval_start as "intervalStart",
            r.interval_end as "intervalEnd", r.partition_key as "partitionKey", r.params,
            pg_notify('headrace_events', json_build_object('type', 'task_run', 'id', c.id::text, 'runId', r.id::text,
              'pipelineId', r.pipeline_id, 'taskId', c.task_id, 'state', 'running')::text)
     from claimed c
     join run r on r.id = c.run_id
     order by c.priority desc, c.id`,
    [taskRunIds, workerId],
  )
  return rows
}

/** How a task run stands after one of its attempts ended. */
export interface AttemptEnd {
  attemptId: AttemptId
  taskRunId: TaskRunId
  attemptState: FinalAttemptState
  taskRunState: "success" | "skipped" | "failed" | "cancelled" | "up_for_retry" | "ready"
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
  taskId: string
  priority: number
}

/**
 * Ends an attempt and moves its task run on, in one statement guarded by the fence: null means that the attempt was
 * superseded (reaped, cancelled) and nothing was changed.
 */
export async function endAttempt(transaction: Transaction, end: AttemptEnd): Promise<EndedTaskRun | null> {
  const { rows } = await transaction.query<EndedTaskRun>(
    `with moved as (
       update task_run
       set state = $3, reason = $4, fence = null,
           next_attempt_at = case when $3 = 'up_for_retry' then now() + $5 * interval '1 millisecond' end,
           ready_at = case when $3 = 'ready' then now() else ready_at end,
           attempts_before = attempts_before + $6,
           finished_at = case when $3 in ('success', 'skipped', 'failed', 'cancelled') then now() end
       where id = $2 and fence = $1 and state = 'running'
       returning id, task_id, priority
     ), ended as (
       update attempt
       set state = $7, failure = $8, exit_code = $9, metrics = $10, finished_at = now()
       from moved
       where attempt.id = $1 and attempt.state = 'running'
       returning attempt.id
     )
     select task_id as "taskId", priority from moved, ended`,
    [
      end.attemptId,
      end.taskRunId,
      end.taskRunState,
      end.reason,
      end.delayMs ?? 0,
      end.isUncounted ? 1 : 0,
      end.attemptState,
      end.failure ? JSON.stringify(end.failure) : null,
      end.exitCode,
      Object.keys(end.metrics).length > 0 ? JSON.stringify(end.metrics) : null,
    ],
  )
  return rows[0] ?? null
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
 * Renews a worker's lease on the attempts it executes. An attempt not returned was superseded and must stop; so must one
 * whose run is being cancelled (the notification of that may have come before the claim was known).
 */
export async function heartbeat(
  queryable: Queryable,
  workerId: WorkerId,
  attemptIds: readonly AttemptId[],
): Promise<Map<AttemptId, { isCancelling: boolean }>> {
  const { rows } = await queryable.query<{ id: AttemptId; isCancelling: boolean }>(
    `with alive as (
       update worker set heartbeat_at = now() where id = $1
     )
     update attempt a
     set heartbeat_at = now()
     from run r, task_run t
     where a.id = any ($2::bigint[]) and a.state = 'running' and r.id = a.run_id and t.id = a.task_run_id
     returning a.id, r.state = 'cancelling' and t.trigger_rule <> 'all_done_setup_success' as "isCancelling"`,
    [workerId, attemptIds],
  )
  return new Map(rows.map((row) => [row.id, { isCancelling: row.isCancelling }]))
}
