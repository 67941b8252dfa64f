import { isFinalRunState } from "../domain/run-state.ts"
import { durationText } from "../domain/schedule-text.ts"
import type { Store } from "../store/client.ts"
import { findOverdueRuns } from "../store/deadlines.ts"
import { cancelRun } from "./cancel-run.ts"

/**
 * Stops runs that are past their pipeline's `timeout`: like a cancel, but they end as failed and say why. Safe in any number
 * of processes: each is stopped once, under its lock. Returns how many it stopped.
 */
export async function timeOutRuns(store: Store): Promise<number> {
  let stopped = 0
  for (const { id, timeoutMs } of await findOverdueRuns(store.pool)) {
    const limit = timeoutMs === null ? "its time limit" : `its time limit of ${durationText(timeoutMs)}`
    const message = `The run was stopped because it ran longer than ${limit}; make it faster or raise \`timeout\`.`
    const { state } = await cancelRun(store, { runId: id, actor: "headrace", overdue: { message } })
    if (state === "cancelling" || isFinalRunState(state)) stopped++
  }
  return stopped
}
