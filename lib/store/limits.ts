import type { LimitShare, LimitState } from "../domain/admission.ts"
import type { TaskRunId } from "../domain/ids.ts"
import type { ReadyTaskRun } from "./queue.ts"
import type { Queryable, Transaction } from "./transaction.ts"

/**
 * Statements on limits. How much of a limit is used is the sum of the slots that task runs hold, read under the limit's lock:
 * there is no counter that could go wrong. Limits are locked last in a transaction, in the order of their ids.
 */

/** Locks limits and reads what is used of each. Those that do not exist are left out. */
export async function lockLimits(transaction: Transaction, ids: readonly string[]): Promise<Map<string, LimitState>> {
  const locked = await transaction.query<{ id: string; capacity: number | null }>(
    "select id, capacity from slot_limit where id = any ($1::text[]) order by id for no key update",
    [ids],
  )
  // A statement of its own: it must see what was committed while the lock was waited for.
  const used = await transaction.query<{ id: string; used: number }>(
    `select limit_id as id, sum(slots)::int as used from task_slot where limit_id = any ($1::text[]) group by limit_id`,
    [ids],
  )
  const usedOf = new Map(used.rows.map((row) => [row.id, row.used]))
  return new Map(locked.rows.map(({ id, capacity }) => [id, { capacity, used: usedOf.get(id) ?? 0 }]))
}

/** A ready task run that is subject to limits. */
export interface LimitedTaskRun extends ReadyTaskRun {
  limits: LimitShare[]
}

/**
 * The task runs that wait for a slot of each limit, those that are next, so many of each. Locked; those that somebody else
 * holds are on their way to be cancelled or marked, and skipped. Relies on task_run_waiting.
 */
export async function takeWaiting(
  transaction: Transaction,
  counts: ReadonlyMap<string, number>,
): Promise<(LimitedTaskRun & { waitingFor: string })[]> {
  const { rows } = await transaction.query<LimitedTaskRun & { waitingFor: string }>(
    `select w.id, w.queue_priority as "queuePriority", w.limits, w.waiting_for as "waitingFor"
     from unnest($1::text[], $2::int[]) as l (id, count)
     cross join lateral (
       select t.id, t.queue_priority, t.limits, t.waiting_for
       from task_run t
       where t.waiting_for = l.id
       order by t.queue_priority desc, t.id
       limit l.count
       for no key update skip locked
     ) w`,
    [[...counts.keys()], [...counts.values()]],
  )
  return rows
}

/** All limits that the task runs waiting next at these limits are subject to. Not locked: a guess of what to lock. */
export async function readLimitsOfWaiting(
  queryable: Queryable,
  ids: readonly string[],
  count: number,
): Promise<string[]> {
  const { rows } = await queryable.query<{ id: string }>(
    `select distinct s.id
     from unnest($1::text[]) as l (id)
     cross join lateral (
       select t.limits from task_run t where t.waiting_for = l.id order by t.queue_priority desc, t.id limit $2
     ) w
     cross join lateral jsonb_to_recordset(w.limits) as s (id text)`,
    [ids, count],
  )
  return rows.map((row) => row.id)
}

/** Limits that somebody waits for. Cheap whatever the number of those who wait: it skips from limit to limit. */
export async function listWaitedFor(queryable: Queryable): Promise<string[]> {
  const { rows } = await queryable.query<{ id: string }>(
    `with recursive waited as (
       (select waiting_for as id from task_run where waiting_for is not null order by waiting_for limit 1)
       union all
       select (select t.waiting_for from task_run t where t.waiting_for > w.id order by t.waiting_for limit 1)
       from waited w
       where w.id is not null
     )
     select id from waited where id is not null`,
  )
  return rows.map((row) => row.id)
}

/** Gives slots to task runs that were admitted. */
export async function takeSlots(
  transaction: Transaction,
  taken: readonly { taskRunId: TaskRunId; share: LimitShare }[],
): Promise<void> {
  if (taken.length === 0) return
  await transaction.query(
    "insert into task_slot (task_run_id, limit_id, slots) select * from unnest($1::bigint[], $2::text[], $3::int[])",
    [
      taken.map(({ taskRunId }) => taskRunId),
      taken.map(({ share }) => share.id),
      taken.map(({ share }) => share.slots),
    ],
  )
}

/** Writes what ready task runs wait for; null: for a worker. */
export async function writeWaiting(
  transaction: Transaction,
  waiting: readonly { taskRunId: TaskRunId; waitingFor: string | null; reason: string | null }[],
): Promise<void> {
  if (waiting.length === 0) return
  await transaction.query(
    `update task_run t
     set waiting_for = w.waiting_for, reason = w.reason,
         admitted_at = case when w.waiting_for is null then now() end
     from unnest($1::bigint[], $2::text[], $3::text[]) as w (id, waiting_for, reason)
     where t.id = w.id and t.state = 'ready'`,
    [
      waiting.map(({ taskRunId }) => taskRunId),
      waiting.map(({ waitingFor }) => waitingFor),
      waiting.map(({ reason }) => reason),
    ],
  )
}

/** Takes their slots from task runs and gives the limits that have room now. */
export async function dropSlots(transaction: Transaction, taskRunIds: readonly TaskRunId[]): Promise<string[]> {
  const { rows } = await transaction.query<{ id: string }>(
    "delete from task_slot where task_run_id = any ($1::bigint[]) returning limit_id as id",
    [taskRunIds],
  )
  return [...new Set(rows.map((row) => row.id))]
}

/** Takes slots from task runs that neither run nor are ready: nobody else would free them. Gives their limits. */
export async function dropStraySlots(queryable: Queryable): Promise<string[]> {
  const { rows } = await queryable.query<{ id: string }>(
    `delete from task_slot s
     using task_run t
     where t.id = s.task_run_id and t.state not in ('ready', 'running')
     returning s.limit_id as id`,
  )
  return [...new Set(rows.map((row) => row.id))]
}

export interface DeclaredLimit {
  kind: "pool" | "pipeline" | "key"
  name: string
  /** Null: no limit (any more). */
  capacity: number | null
}

/**
 * Makes limits known that a workspace names. A pool keeps the capacity that people gave it; the others follow the
 * workspace. Gives the ids of those that are new or whose capacity changed. For a transaction that locks no other limits.
 */
export async function declareLimits(transaction: Transaction, limits: readonly DeclaredLimit[]): Promise<string[]> {
  if (limits.length === 0) return []
  const { rows } = await transaction.query<{ id: string }>(
    `insert into slot_limit (id, kind, name, capacity)
     select d.id, d.kind, d.name, d.capacity
     from (select kind || '/' || name as id, * from unnest($1::text[], $2::text[], $3::int[]) as d (kind, name, capacity)) d
     where d.capacity is not null or exists (select from slot_limit l where l.id = d.id)
     order by d.id
     on conflict (id) do update
       set capacity = excluded.capacity, updated_at = now()
       where slot_limit.kind <> 'pool' and slot_limit.capacity is distinct from excluded.capacity
     returning id`,
    [limits.map(({ kind }) => kind), limits.map(({ name }) => name), limits.map(({ capacity }) => capacity)],
  )
  return rows.map((row) => row.id)
}

/** Sets a pool's capacity, or makes it. Without a description the one it has stays. */
export async function writePool(
  transaction: Transaction,
  pool: { name: string; capacity: number; description: string | null },
): Promise<void> {
  await transaction.query(
    `insert into slot_limit (id, kind, name, capacity, description)
     values ('pool/' || $1, 'pool', $1, $2, coalesce($3, ''))
     on conflict (id) do update
       set capacity = excluded.capacity, description = coalesce($3, slot_limit.description), updated_at = now()`,
    [pool.name, pool.capacity, pool.description],
  )
}

/** Deletes a pool that nobody uses or waits for; false when somebody does, or when there is none. */
export async function deletePoolRow(transaction: Transaction, name: string): Promise<boolean> {
  const { rowCount } = await transaction.query(
    `delete from slot_limit l
     where l.id = 'pool/' || $1
       and not exists (select from task_slot s where s.limit_id = l.id)
       and not exists (select from task_run t where t.waiting_for = l.id)`,
    [name],
  )
  return rowCount === 1
}

/** Pipelines of which a task names the pool, as they are defined now. */
export async function readPipelinesOfPool(queryable: Queryable, name: string): Promise<string[]> {
  const { rows } = await queryable.query<{ id: string }>(
    `select p.id
     from pipeline p
     join pipeline_version v on v.pipeline_id = p.id and v.version = p.current_version
     where v.manifest @> jsonb_build_object('tasks', jsonb_build_array(jsonb_build_object('pool', $1::text)))
     order by p.id`,
    [name],
  )
  return rows.map((row) => row.id)
}
