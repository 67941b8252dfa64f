import type { Store } from "../store/client.ts"
import { dropStraySlots, listWaitedFor } from "../store/limits.ts"
import { inTransaction } from "../store/transaction.ts"
import { admitWaiting } from "./admit-task-runs.ts"
import { advanceBackfill } from "./advance-backfill.ts"
import { startRuns } from "./advance-runs.ts"

/**
 * Finds work that no event announces any more: queued runs of a pipeline whose limit was raised, task runs that
 * wait for a slot of a limit that has room, and backfills whose worker died between two of their runs. A backstop, cheap when there is nothing.
 */
export async function sweepRuns(store: Store): Promise<void> {
  const queued = await store.pool.query<{ id: string }>(
    `select distinct pipeline_id as id from run where state = 'queued' limit 100`,
  )
  for (const { id } of queued.rows) {
    await inTransaction(store.pool, (transaction) => startRuns(transaction, store.boss, [id]))
  }
  await sweepLimits(store)
  const backfills = await store.pool.query<{ id: string }>("select id from backfill where state = 'running'")
  for (const { id } of backfills.rows) {
    await inTransaction(store.pool, (transaction) => advanceBackfill(transaction, store.boss, id))
  }
}

/** Frees slots that nobody holds any more, and lets those go who wait where there is room. */
async function sweepLimits(store: Store): Promise<void> {
  await dropStraySlots(store.pool)
  for (const id of await listWaitedFor(store.pool)) {
    await inTransaction(store.pool, (transaction) => admitWaiting(transaction, store.boss, [id]))
  }
}
