import type { Queue, SlotLimit, WaitingTask } from "../../contracts/api/queue.ts"
import type { Queryable } from "../transaction.ts"
import { toInstant } from "./instant.ts"
import { GONE_AFTER_SECONDS } from "./system.ts"

const MINUTES = 15

/** What waits for what. Reads what is live only, by partial indexes, and 15 minutes of attempts. */
export async function readQueue(queryable: Queryable, now: Date): Promise<Queue> {
  const [counts, limits, throughput] = await Promise.all([
    readCounts(queryable),
    listLimits(queryable),
    readThroughput(queryable, now),
  ])
  return {
    generatedAt: toInstant(now),
    ...counts,
    limits: limits.filter((limit) => limit.kind === "pool" || limit.used > 0 || limit.waiting > 0),
    throughput,
  }
}

/** All limits, those that are waited for most first. */
export async function listLimits(queryable: Queryable, kind: SlotLimit["kind"] | null = null): Promise<SlotLimit[]> {
  const { rows } = await queryable.query<Omit<SlotLimit, "oldestSince"> & { oldestSince: Date | null }>(
    `select l.id, l.kind, l.name, l.description, l.capacity, coalesce(u.used, 0) as used,
            coalesce(w.waiting, 0) as waiting, w.oldest as "oldestSince"
     from slot_limit l
     left join (select limit_id, sum(slots)::int as used from task_slot group by limit_id) u on u.limit_id = l.id
     left join (
       select waiting_for, count(*)::int as waiting, min(ready_at) as oldest
       from task_run where waiting_for is not null group by waiting_for
     ) w on w.waiting_for = l.id
     where $1::text is null or l.kind = $1
     order by waiting desc, l.id`,
    [kind],
  )
  return rows.map((row) => ({ ...row, oldestSince: row.oldestSince && toInstant(row.oldestSince) }))
}

/** Ready task runs that wait for a slot of a limit, or for a worker (null), in the order in which they will go. */
export async function listWaiting(
  queryable: Queryable,
  query: { waitingFor?: string | undefined; limit: number },
): Promise<WaitingTask[]> {
  const { rows } = await queryable.query<Omit<WaitingTask, "readyAt"> & { readyAt: Date }>(
    `select t.id as "taskRunId", t.run_id as "runId", t.pipeline_id as "pipelineId", t.task_id as "taskId", t.priority,
            t.ready_at as "readyAt", t.waiting_for as "waitingFor"
     from task_run t
     where t.state = 'ready' and t.waiting_for is not distinct from $1
     order by t.queue_priority desc, t.id
     limit $2`,
    [query.waitingFor ?? null, query.limit],
  )
  return rows.map((row) => ({ ...row, readyAt: toInstant(row.readyAt) }))
}

async function readCounts(
  queryable: Queryable,
): Promise<Pick<Queue, "waitingForWorker" | "waitingForSlot" | "running" | "workerSlots" | "retrying" | "deferred">> {
  const { rows } = await queryable.query<{
    workerCount: number
    workerOldest: Date | null
    slotCount: number
    slotOldest: Date | null
    running: number
    workerSlots: number
    retrying: number
    nextAt: Date | null
    deferred: number
  }>(
    `select w.*, r.*,
            (select count(*)::int from attempt where state = 'running') as running,
            (select coalesce(sum(slots), 0)::int from worker
             where state = 'active' and heartbeat_at >= now() - $1 * interval '1 second') as "workerSlots",
            (select count(*)::int from task_run where state = 'deferred') as deferred
     from (
       select count(*) filter (where waiting_for is null)::int as "workerCount",
              min(ready_at) filter (where waiting_for is null) as "workerOldest",
              count(waiting_for)::int as "slotCount",
              min(ready_at) filter (where waiting_for is not null) as "slotOldest"
       from task_run where state = 'ready'
     ) w
     cross join (
       select count(*)::int as retrying, min(next_attempt_at) as "nextAt" from task_run where state = 'up_for_retry'
     ) r`,
    [GONE_AFTER_SECONDS],
  )
  const row = rows[0]!
  const since = (at: Date | null) => at && toInstant(at)
  return {
    waitingForWorker: { count: row.workerCount, oldestSince: since(row.workerOldest) },
    waitingForSlot: { count: row.slotCount, oldestSince: since(row.slotOldest) },
    running: row.running,
    workerSlots: row.workerSlots,
    retrying: { count: row.retrying, nextAt: since(row.nextAt) },
    deferred: row.deferred,
  }
}

async function readThroughput(queryable: Queryable, now: Date): Promise<Queue["throughput"]> {
  const { rows } = await queryable.query<{ minute: Date; ended: number; failed: number }>(
    `select m.minute, coalesce(a.ended, 0) as ended, coalesce(a.failed, 0) as failed
     from generate_series(date_trunc('minute', $1::timestamptz) - ($2 - 1) * interval '1 minute',
                          date_trunc('minute', $1::timestamptz), interval '1 minute') as m (minute)
     left join (
       select date_trunc('minute', finished_at) as minute, count(*)::int as ended,
              count(*) filter (where state in ('failed', 'timed_out', 'lost', 'killed'))::int as failed
       from attempt
       where finished_at >= date_trunc('minute', $1::timestamptz) - ($2 - 1) * interval '1 minute'
       group by 1
     ) a using (minute)
     order by m.minute`,
    [now, MINUTES],
  )
  return rows.map((row) => ({ ...row, minute: toInstant(row.minute) }))
}
