import type { Json } from "../contracts/json.ts"
import type { RunId, TaskRunId } from "../domain/ids.ts"
import type { Instance, InstanceCounts } from "../domain/mapping.ts"
import { QUEUE_PRIORITY_SQL, type ReadyTaskRun } from "./queue.ts"
import type { Queryable, Transaction } from "./transaction.ts"

/**
 * Statements about mapped tasks: one task run (map_index -1) that the graph knows, and its instances at the same position
 * (map_index 0 and up), which have no downstream. All but `readItem` are called under the run's lock.
 */

/** A mapped task run with its instances by outcome. */
export interface MappedTaskRow extends InstanceCounts {
  id: TaskRunId
  runId: RunId
  taskId: string
  position: number
  nextIndex: number
}

/**
 * Turns a pending task run into a mapped one with an instance for each item; the first `places` are ready, the rest wait.
 * Instances of an earlier life are taken over by their index, with their tries; those beyond the new list are removed.
 * Keeps the run's counts. Returns the ready ones, null when the task run was no longer pending. Relies on the unique
 * (run_id, position, map_index).
 */
export async function expandTaskRun(
  transaction: Transaction,
  runId: RunId,
  taskRunId: TaskRunId,
  instances: readonly Instance<Json>[],
  places: number,
): Promise<ReadyTaskRun[] | null> {
  const parent = await transaction.query<{ position: number }>(
    `update task_run set state = 'mapped', reason = null, ready_at = now(), started_at = now()
     where id = $1 and state = 'pending'
     returning position`,
    [taskRunId],
  )
  const position = parent.rows[0]?.position
  if (position === undefined) return null
  const removed = await removeInstances(transaction, runId, position, instances.length)
  const { rows } = await transaction.query<ReadyTaskRun & { isReady: boolean; isNew: boolean }>(
    `with listed as (
       select (nth - 1)::int as map_index, entry -> 'item' as item, entry ->> 'label' as label
       from jsonb_array_elements($2::jsonb) with ordinality as list (entry, nth)
     ), written as (
       insert into task_run as t (run_id, pipeline_id, task_id, position, map_index, state, trigger_rule, priority, limits,
                                 queue_priority, ready_at)
       select p.run_id, p.pipeline_id, p.task_id, p.position, l.map_index,
              case when l.map_index < $3 then 'ready' else 'pending' end, p.trigger_rule, p.priority, p.limits,
              case when l.map_index < $3 then p.now_priority end, case when l.map_index < $3 then now() end
       from (select t.*, ${QUEUE_PRIORITY_SQL} as now_priority from task_run t where t.id = $1) p
       cross join listed l
       order by l.map_index
       on conflict (run_id, position, map_index) do update
         set state = excluded.state, ready_at = excluded.ready_at, priority = excluded.priority, limits = excluded.limits,
             queue_priority = excluded.queue_priority, waiting_for = null, reason = null,
             started_at = null, finished_at = null, next_attempt_at = null, attempts_before = t.attempt_count,
             generation = t.generation + 1
       returning t.id, t.map_index, t.state, t.queue_priority, t.limits, xmax = 0 as is_new
     ), named as (
       insert into mapped_item (task_run_id, item, label)
       select w.id, l.item, l.label
       from written w
       join listed l on l.map_index = w.map_index
       on conflict (task_run_id) do update set item = excluded.item, label = excluded.label
     )
     select id, queue_priority as "queuePriority", limits, state = 'ready' as "isReady", is_new as "isNew" from written order by map_index`,
    [taskRunId, JSON.stringify(instances), places],
  )
  const taken = rows.filter((row) => !row.isNew).map((row) => row.id)
  if (taken.length > 0) {
    await transaction.query("delete from task_output where task_run_id = any ($1::bigint[])", [taken])
  }
  await transaction.query(
    `insert into mapped_task (task_run_id, total, next_index) values ($1, $2, $3)
     on conflict (task_run_id) do update
       set total = excluded.total, next_index = excluded.next_index, success = 0, failed = 0, skipped = 0`,
    [taskRunId, instances.length, Math.min(places, instances.length)],
  )
  await transaction.query("update run set unfinished = unfinished + $2, tasks_total = tasks_total + $3 where id = $1", [
    runId,
    instances.length,
    instances.length - taken.length - removed,
  ])
  return rows.filter((row) => row.isReady).map(({ id, queuePriority, limits }) => ({ id, queuePriority, limits }))
}

/** Removes the final instances from an index on, with their tries and logs. Returns how many. */
async function removeInstances(
  transaction: Transaction,
  runId: RunId,
  position: number,
  fromIndex: number,
): Promise<number> {
  const { rows } = await transaction.query<{ id: TaskRunId }>(
    "select id from task_run where run_id = $1 and position = $2 and map_index >= $3",
    [runId, position, fromIndex],
  )
  if (rows.length === 0) return 0
  const ids = rows.map((row) => row.id)
  await transaction.query(
    "delete from log_line where attempt_id in (select id from attempt where task_run_id = any ($1::bigint[]))",
    [ids],
  )
  await transaction.query("delete from task_run where id = any ($1::bigint[])", [ids])
  return ids.length
}

/**
 * Counts final instances at their mapped tasks, also where these were cancelled meanwhile, and returns those that still
 * wait, `ended` saying how many were counted. Other task runs among `finished` are passed over. Call once for each outcome. Costs the instances that ended, never all of them.
 */
export async function countInstances(
  transaction: Transaction,
  finished: readonly TaskRunId[],
): Promise<(MappedTaskRow & { ended: number })[]> {
  const { rows } = await transaction.query<MappedTaskRow & { ended: number; isWaiting: boolean }>(
    `with ended as (
       select run_id, position,
              (count(*) filter (where state = 'success'))::int as success,
              (count(*) filter (where state in ('failed', 'upstream_failed', 'cancelled')))::int as failed,
              (count(*) filter (where state = 'skipped'))::int as skipped
       from task_run
       where id = any ($1::bigint[]) and map_index >= 0
       group by run_id, position
     )
     update mapped_task m
     set success = m.success + e.success, failed = m.failed + e.failed, skipped = m.skipped + e.skipped
     from ended e
     join task_run p on p.run_id = e.run_id and p.position = e.position and p.map_index = -1
     where m.task_run_id = p.id
     returning p.id, p.run_id as "runId", p.task_id as "taskId", p.position, m.total, m.success, m.failed, m.skipped,
               m.next_index as "nextIndex", e.success + e.failed + e.skipped as ended,
               p.state = 'mapped' as "isWaiting"`,
    [finished],
  )
  return rows.filter((row) => row.isWaiting)
}

/** Counts all instances of mapped tasks anew; for clears and marks, which change final ones. Gives how many are active. */
export async function recountInstances(
  transaction: Transaction,
  taskRunIds: readonly TaskRunId[],
): Promise<(MappedTaskRow & { active: number; waiting: number })[]> {
  const { rows } = await transaction.query<MappedTaskRow & { active: number; waiting: number }>(
    `with counted as (
       select p.id, p.run_id, p.task_id, p.position,
              count(*) filter (where t.state = 'success') as success,
              count(*) filter (where t.state in ('failed', 'upstream_failed', 'cancelled')) as failed,
              count(*) filter (where t.state = 'skipped') as skipped,
              (count(*) filter (where t.state = 'pending'))::int as waiting,
              (count(*) filter (where t.state in ('ready', 'running', 'up_for_retry', 'deferred')))::int as active,
              coalesce(min(t.map_index) filter (where t.state = 'pending'), count(*)) as next_index
       from task_run p
       join task_run t on t.run_id = p.run_id and t.position = p.position and t.map_index >= 0
       where p.id = any ($1::bigint[])
       group by p.id, p.run_id, p.task_id, p.position
     )
     update mapped_task m
     set success = c.success, failed = c.failed, skipped = c.skipped, next_index = c.next_index
     from counted c
     where m.task_run_id = c.id
     returning c.id, c.run_id as "runId", c.task_id as "taskId", c.position, m.total, m.success, m.failed, m.skipped,
               m.next_index as "nextIndex", c.waiting, c.active`,
    [taskRunIds],
  )
  return rows
}

/** Makes the next waiting instances of a mapped task ready, in map order. Walks on from where the last call stopped. */
export async function releaseInstances(
  transaction: Transaction,
  task: Pick<MappedTaskRow, "id" | "runId" | "position" | "nextIndex">,
  places: number,
): Promise<ReadyTaskRun[]> {
  const { rows } = await transaction.query<ReadyTaskRun & { mapIndex: number }>(
    `with next as (
       select id from task_run
       where run_id = $1 and position = $2 and map_index >= greatest($3::int, 0) and state = 'pending'
       order by map_index
       limit $4
     )
     update task_run t set state = 'ready', ready_at = now(), reason = null, queue_priority = ${QUEUE_PRIORITY_SQL}
     from next
     where t.id = next.id
     returning t.id, t.queue_priority as "queuePriority", t.limits, t.map_index as "mapIndex"`,
    [task.runId, task.position, task.nextIndex, places],
  )
  if (rows.length > 0) {
    await transaction.query("update mapped_task set next_index = $2 where task_run_id = $1", [
      task.id,
      Math.max(...rows.map((row) => row.mapIndex)) + 1,
    ])
  }
  return rows.toSorted((a, b) => a.mapIndex - b.mapIndex)
}

export interface MappedEnd {
  id: TaskRunId
  state: "success" | "failed" | "skipped"
  reason: string | null
}

/** Ends mapped task runs, and those that could not be expanded; guarded by the states these leave. */
export async function endMapped(
  transaction: Transaction,
  ends: readonly MappedEnd[],
): Promise<{ id: TaskRunId; runId: RunId; taskId: string; state: MappedEnd["state"] }[]> {
  const { rows } = await transaction.query<{
    id: TaskRunId
    runId: RunId
    taskId: string
    state: MappedEnd["state"]
  }>(
    `update task_run t
     set state = e.state, reason = e.reason, finished_at = now()
     from unnest($1::bigint[], $2::text[], $3::text[]) as e (id, state, reason)
     where t.id = e.id and t.state in ('pending', 'mapped')
     returning t.id, t.run_id as "runId", t.task_id as "taskId", t.state`,
    [ends.map((end) => end.id), ends.map((end) => end.state), ends.map((end) => end.reason)],
  )
  return rows
}

/** What the first failed instance of a mapped task said, with its label; null where none said anything. */
export async function firstInstanceFailure(
  transaction: Transaction,
  runId: RunId,
  position: number,
): Promise<{ label: string; message: string } | null> {
  const { rows } = await transaction.query<{ label: string; message: string }>(
    `select i.label, coalesce(a.failure ->> 'message', t.reason) as message
     from task_run t
     join mapped_item i on i.task_run_id = t.id
     left join attempt a on a.task_run_id = t.id and a.number = t.attempt_count
     where t.run_id = $1 and t.position = $2 and t.map_index >= 0 and t.state = 'failed'
       and coalesce(a.failure ->> 'message', t.reason) is not null
     order by t.map_index
     limit 1`,
    [runId, position],
  )
  return rows[0] ?? null
}

/** The item of an instance. */
export async function readItem(queryable: Queryable, taskRunId: TaskRunId): Promise<Json> {
  const { rows } = await queryable.query<{ item: Json }>("select item from mapped_item where task_run_id = $1", [
    taskRunId,
  ])
  return rows[0]?.item ?? null
}
