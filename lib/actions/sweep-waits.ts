import { findAwaited } from "../store/awaited.ts"
import type { Store } from "../store/client.ts"
import { findOrphanedRuns } from "../store/run-calls.ts"
import { cancelRun } from "./cancel-run.ts"

/**
 * Finds what no event ends any more: waits whose dataset or run came in the moment they were stored, and started runs whose
 * caller was cancelled by a process that died before it told them. A backstop, cheap when there is nothing.
 */
export async function sweepWaits(store: Store): Promise<void> {
  await findAwaited(store.pool)
  for (const runId of await findOrphanedRuns(store.pool, null)) {
    await cancelRun(store, { runId, actor: "headrace" }).catch(() => undefined)
  }
}
