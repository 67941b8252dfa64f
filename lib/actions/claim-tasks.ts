import type { WorkerId } from "../domain/ids.ts"
import { type Claim, claimTaskRuns } from "../store/attempts.ts"
import type { Store } from "../store/client.ts"
import { takeTickets } from "../store/queue.ts"
import { inTransaction } from "../store/transaction.ts"

/**
 * Takes up to `limit` ready task runs for a worker, highest priority first: tickets off the queue, attempts with fence
 * tokens, states to running, in one transaction. Tickets of task runs that are no longer ready are used up silently, so
 * fewer than `limit` does not mean that the queue is empty unless `isEmpty` says so.
 */
export async function claimTasks(
  store: Store,
  workerId: WorkerId,
  limit: number,
): Promise<{ claims: Claim[]; isEmpty: boolean }> {
  return inTransaction(store.pool, async (transaction) => {
    const taskRunIds = await takeTickets(store.boss, transaction, limit)
    if (taskRunIds.length === 0) return { claims: [], isEmpty: true }
    return { claims: await claimTaskRuns(transaction, taskRunIds, workerId), isEmpty: taskRunIds.length < limit }
  })
}
