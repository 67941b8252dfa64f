import type { CheckOutcome } from "../contracts/task-result.ts"
import type { Store } from "../store/client.ts"
import { announce } from "../store/notify.ts"
import { recordFoundChecks } from "../store/task-results.ts"
import { inTransaction } from "../store/transaction.ts"

/** Stores what a monitor found of a dataset, without a run: all results of one look have one time. */
export async function recordMonitorChecks(store: Store, checks: readonly CheckOutcome[]): Promise<void> {
  if (checks.length === 0) return
  await inTransaction(store.pool, async (transaction) => {
    await recordFoundChecks(transaction, checks)
    await announce(transaction, [{ type: "freshness" }])
  })
}
