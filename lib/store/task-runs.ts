import type { RunId, TaskRunId } from "../domain/ids.ts"
import type { TaskRunState } from "../domain/task-run-state.ts"
import type { SetupCounts, TriggerRule } from "../domain/trigger-rule.ts"
import { QUEUE_PRIORITY_SQL, type ReadyTaskRun } from "./queue.ts"
import type { Transaction } from "./transaction.ts"

/** A task run as the scheduling rules see it. */
export interface TaskRunRow {
  id: TaskRunId
  runId: RunId
  taskId: string
  state: TaskRunState
  triggerRule: TriggerRule
  total: number
  success: number
  failed: number
  skipped: number
  /** For tear-downs whose upstreams are all final. */
  setups?: SetupCounts
}

const COLUMNS = `t.id, t.run_id as "runId", t.task_id as "taskId", t.state, t.trigger_rule as "triggerRule", t.upstream_total as total,
  t.upstream_success as success, t.upstream_failed as failed, t.upstream_skipped as skipped`

/**
 * Adds the outcomes of the given final task runs, of any number of runs, to their direct downstreams' counts and returns
 * those. Costs the out-degree, never the run. Call once per outcome, under the runs' locks. Relies on the unique
 * (run_id, position, map_index).
 */
export async function countOutcomes(transaction: Transaction, finished: readonly TaskRunId[]): Promise<TaskRunRow[]> {
  const { rows } = await transaction.query<TaskRunRow>(
    `with outcome as (
       select f.run_id, d.position,
              count(*) filter (where f.state = 'success') as success,
              count(*) filter (where f.state in ('failed', 'upstream_failed', 'cancelled')) as failed,
              count(*) filter (where f.state = 'skipped') as skipped
       from task_run f
       cross join lateral unnest(f.downstream) as d (position)
       where f.id = any ($1::bigint[])
       group by f.run_id, d.position
     )
     update task_run t
     set upstream_success = t.upstream_success + o.success,
         upstream_failed = t.upstream_failed + o.failed,
         upstream_skipped = t.upstream_skipped + o.skipped
     from outcome o
     where t.run_id = o.run_id and t.position = o.position and t.map_index = -1 and t.state = 'pending'
     returning ${COLUMNS}`,
    [finished],
  )
  return rows
}

/** Counts the upstream outcomes of all pending task runs anew; for clears and marks, which change finished ones. */
export async function recountPending(transaction: Transaction, runId: RunId): Promise<void> {
  await transaction.query(
    `with outcome as (
       select d.position,
              count(*) filter (where f.state = 'success') as success,
              count(*) filter (where f.state in ('failed', 'upstream_failed', 'cancelled')) as failed,
              count(*) filter (where f.state = 'skipped') as skipped
       from task_run f
       cross join lateral unnest(f.downstream) as d (position)
       where f.run_id = $1
       group by d.position
     )
     update task_run t
     set upstream_success = o.success, upstream_failed = o.failed, upstream_skipped = o.skipped
     from outcome o
     where t.run_id = $1 and t.position = o.position and t.map_index = -1 and t.state = 'pending'`,
    [runId],
  )
}

/**
 * Pending task runs that a trigger rule may decide: those without upstreams, those that wait for none, and those of which
 * an upstream is final already. The others cannot be decided before an outcome reaches them.
 */
export async function readDecidable(transaction: Transaction, runIds: readonly RunId[]): Promise<TaskRunRow[]> {
  const { rows } = await transaction.query<TaskRunRow>(
    `select ${COLUMNS}
     from task_run t
     where t.run_id = any ($1::bigint[]) and t.map_index = -1 and t.state = 'pending'
       and (t.upstream_total = 0 or t.trigger_rule = 'always'
            or t.upstream_success + t.upstream_failed + t.upstream_skipped > 0)
     order by t.run_id, t.position`,
    [runIds],
  )
  return rows
}

export interface Decision {
  id: TaskRunId
  state: "ready" | "skipped" | "upstream_failed"
  reason: string | null
}

export interface DecidedTaskRun extends ReadyTaskRun {
  runId: RunId
  taskId: string
  state: TaskRunState
}

/** Writes what trigger rules decided; guarded by the pending state. */
export async function writeDecisions(
  transaction: Transaction,
  decisions: readonly Decision[],
): Promise<DecidedTaskRun[]> {
  const { rows } = await transaction.query<DecidedTaskRun>(
    `update task_run t
     set state = d.state,
         reason = d.reason,
         ready_at = case when d.state = 'ready' then now() end,
         queue_priority = case when d.state = 'ready' then ${QUEUE_PRIORITY_SQL} end,
         finished_at = case when d.state <> 'ready' then now() end
     from unnest($1::bigint[], $2::text[], $3::text[]) as d (id, state, reason)
     where t.id = d.id and t.state = 'pending'
     returning t.id, t.run_id as "runId", t.task_id as "taskId", t.state, t.queue_priority as "queuePriority",
               t.limits`,
    [decisions.map((d) => d.id), decisions.map((d) => d.state), decisions.map((d) => d.reason)],
  )
  return rows
}
