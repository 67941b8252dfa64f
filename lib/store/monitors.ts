import type { Store } from "./client.ts"
import { announce } from "./notify.ts"
import { inTransaction, type Queryable } from "./transaction.ts"

/** A table that a worker looks at, and until when it is its alone. */
export interface DueMonitor {
  datasetId: string
  everyMs: number
  nextAt: Date
  leaseUntil: Date
}

/** Takes monitors that are due, longest first, for `leaseMs`. Relies on dataset_monitor_next_at_idx. */
export async function claimMonitors(
  queryable: Queryable,
  claim: { now: Date; leaseMs: number; limit: number },
): Promise<DueMonitor[]> {
  const { rows } = await queryable.query<DueMonitor>(
    `with due as (
       select dataset_id from dataset_monitor
       where next_at <= $1 and (lease_until is null or lease_until <= $1)
       order by next_at limit $3
       for update skip locked
     )
     update dataset_monitor m
     set lease_until = date_trunc('milliseconds', $1::timestamptz + $2 * interval '1 millisecond'), started_at = $1
     from due
     where m.dataset_id = due.dataset_id
     returning m.dataset_id as "datasetId", m.every_ms as "everyMs", m.next_at as "nextAt", m.lease_until as "leaseUntil"`,
    [claim.now, claim.leaseMs, claim.limit],
  )
  return rows
}

/** What a part of a monitor came to. */
export interface FinishedPart {
  name: "freshness" | "expectations" | "series"
  outcome: "ok" | "failed"
  message: string
  durationMs: number
}

/**
 * Keeps what a look came to, and plans the next: after the interval, or at once where somebody asked meanwhile. Nothing is
 * written when the lease was over and somebody else looks.
 */
export async function finishMonitor(
  store: Store,
  monitor: DueMonitor,
  parts: readonly FinishedPart[],
  now: Date,
): Promise<void> {
  const failed = parts.filter(({ outcome }) => outcome === "failed")
  const message = (failed.length > 0 ? failed : parts).map(({ name, message }) => `${name}: ${message}`).join(" ")
  await inTransaction(store.pool, async (transaction) => {
    await transaction.query(
      `update dataset_monitor
       set finished_at = $3, outcome = $4, message = $5, parts = $6, lease_until = null,
           next_at = case when next_at > $7 then next_at else $3::timestamptz + every_ms * interval '1 millisecond' end
       where dataset_id = $1 and lease_until = $2`,
      [
        monitor.datasetId,
        monitor.leaseUntil,
        now,
        failed.length > 0 ? "failed" : "ok",
        message || "Its policy asks for nothing that is looked at here.",
        JSON.stringify(parts),
        monitor.nextAt,
      ],
    )
    await announce(transaction, [{ type: "freshness" }])
  })
}

/** When the next monitor is due; null where there is none. */
export async function nextMonitorAt(queryable: Queryable): Promise<Date | null> {
  const { rows } = await queryable.query<{ at: Date | null }>(
    `select min(greatest(next_at, lease_until)) as at
     from (select next_at, lease_until from dataset_monitor order by next_at limit 50) m`,
  )
  return rows[0]?.at ?? null
}
