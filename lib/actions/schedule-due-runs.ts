import { type DueRuns, dueRuns, nextTick } from "../domain/schedule.ts"
import type { Store } from "../store/client.ts"
import { inTransaction } from "../store/transaction.ts"
import { currentVersion, triggerRunIn } from "./trigger-run.ts"

/**
 * Creates the runs that are due at `now`, one pipeline a transaction. Safe to run in any number of processes: the
 * pipeline's row is locked and skipped by the others, and a run is unique by its logical time. Returns when to look again
 * at the latest, or null when nothing is scheduled.
 */
export async function scheduleDueRuns(
  store: Store,
  now: Date,
  onError: (pipelineId: string, error: unknown) => void,
): Promise<{ created: number; nextRunAt: Date | null }> {
  let created = 0
  const failed: string[] = []
  for (;;) {
    const outcome = await inTransaction(store.pool, async (transaction) => {
      const { rows } = await transaction.query<{ id: string; lastLogicalAt: Date | null }>(
        `select id, last_logical_at as "lastLogicalAt"
         from pipeline
         where next_run_at <= $1 and not is_paused and current_version is not null and id <> all ($2::text[])
         order by next_run_at
         limit 1
         for no key update skip locked`,
        [now, failed],
      )
      const pipeline = rows[0]
      if (!pipeline) return null
      try {
        const { manifest } = await currentVersion(transaction, pipeline.id)
        const { schedule } = manifest
        const due: DueRuns = schedule
          ? dueRuns({
              schedule,
              catchup: manifest.catchup,
              startDate: manifest.startDate ? new Date(manifest.startDate) : null,
              lastLogicalAt: pipeline.lastLogicalAt,
              now,
            })
          : { runs: [], nextRunAt: null }
        let count = 0
        for (const run of due.runs) {
          const receipt = await triggerRunIn(transaction, store.boss, {
            pipelineId: pipeline.id,
            kind: "schedule",
            ...run,
            actor: "schedule",
            ...(schedule ? { reason: `${schedule.cron} ${schedule.timezone}` } : {}),
          })
          if (receipt.created) count++
        }
        // Ticks passed over by `latest` and `none` are done with: without this a later catch-up would look at them again.
        const handled = due.runs.at(-1)?.logicalAt ?? pipeline.lastLogicalAt
        const next = due.nextRunAt ?? (schedule ? nextTick(schedule, now) : null)
        await transaction.query("update pipeline set last_logical_at = $2, next_run_at = $3 where id = $1", [
          pipeline.id,
          handled,
          next,
        ])
        return { count, failed: null }
      } catch (error) {
        onError(pipeline.id, error)
        return { count: 0, failed: pipeline.id }
      }
    }).catch((error: unknown) => {
      onError("", error)
      return null
    })
    if (outcome === null) break
    if (outcome.failed) failed.push(outcome.failed)
    created += outcome.count
  }
  // What cannot be created now (params without a default, say) is tried again in a minute, not in a busy loop.
  if (failed.length > 0) {
    await store.pool.query(
      "update pipeline set next_run_at = $2::timestamptz + interval '1 minute' where id = any ($1)",
      [failed, now],
    )
  }
  const { rows } = await store.pool.query<{ next: Date | null }>(
    "select min(next_run_at) as next from pipeline where next_run_at > $1 and not is_paused",
    [now],
  )
  return { created, nextRunAt: rows[0]?.next ?? null }
}
