import { limitId } from "../domain/task-plan.ts"
import type { Store } from "../store/client.ts"
import { recordEvent } from "../store/events.ts"
import { writePool } from "../store/limits.ts"
import { inTransaction } from "../store/transaction.ts"
import { admitWaiting } from "./admit-task-runs.ts"

/**
 * Makes a pool or changes its capacity, and admits at once what has room now. A smaller capacity takes nothing from what
 * runs; 0 lets nothing more go.
 */
export async function setPool(
  store: Store,
  request: { name: string; capacity: number; description: string | null; actor: string },
): Promise<void> {
  await inTransaction(store.pool, async (transaction) => {
    await recordEvent(transaction, {
      type: "pool.set",
      actor: request.actor,
      data: { name: request.name, capacity: request.capacity },
    })
    await writePool(transaction, request)
  })
  // By itself: while it held the pool's lock, it could not wait for limits that come before it.
  await inTransaction(store.pool, (transaction) => admitWaiting(transaction, store.boss, [limitId.pool(request.name)]))
}
