import type { WorkerId } from "../domain/ids.ts"
import { type Claim, claimTickets } from "../store/attempts.ts"
import type { Store } from "../store/client.ts"
import { preparedOn } from "../store/transaction.ts"

/**
 * Takes up to `limit` ready task runs for a worker, highest priority first. Tickets of task runs that are no longer ready
 * are used up silently, so fewer than `limit` does not mean that the queue is empty unless `isEmpty` says so.
 */
export async function claimTasks(
  store: Store,
  workerId: WorkerId,
  limit: number,
): Promise<{ claims: Claim[]; isEmpty: boolean }> {
  const { claims, tickets } = await claimTickets(preparedOn(store.pool), workerId, limit)
  return { claims, isEmpty: tickets < limit }
}
