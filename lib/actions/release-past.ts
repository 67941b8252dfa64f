import { pastGatesOf } from "../contracts/past-gates.ts"
import type { RunId, TaskRunId, VersionId } from "../domain/ids.ts"
import { pastBlocker } from "../domain/past.ts"
import type { Store } from "../store/client.ts"
import { dropStaleHolds, listPastWaits, type PastWaitRow, readPrevious, withQueuedRuns } from "../store/past-waits.ts"
import { lockRun } from "../store/runs.ts"
import { inTransaction } from "../store/transaction.ts"
import { readVersion } from "../store/versions.ts"
import { startRuns } from "./advance-runs.ts"
import { settlePending } from "./settle-runs.ts"

const PAGE = 500

/**
 * Lets the task runs go whose past has ended well meanwhile, each run under its own lock and in a transaction of its own, and
 * notes what the others wait for now. Safe in any number of processes. Costs the task runs that wait.
 */
export async function releasePast(store: Store): Promise<void> {
  const pipelines = new Set<string>()
  for (let after = "0" as TaskRunId; ; ) {
    const waits = await listPastWaits(store.pool, after, PAGE)
    for (const runId of await changedRuns(store, waits)) await decideAnew(store, runId)
    for (const wait of waits) pipelines.add(wait.pipelineId)
    if (waits.length < PAGE) break
    after = waits.at(-1)!.id
  }
  if (pipelines.size === 0) return
  await dropStaleHolds(store.pool)
  // A run that only waits takes no place among the active ones: the run that it waits for may be queued behind it.
  const queued = await withQueuedRuns(store.pool, [...pipelines])
  for (const id of queued) await inTransaction(store.pool, (transaction) => startRuns(transaction, store.boss, [id]))
}

/** Runs of which a task may go, or waits for something else. */
async function changedRuns(store: Store, waits: readonly PastWaitRow[]): Promise<Set<RunId>> {
  const gated: { id: TaskRunId; withDownstream: boolean }[] = []
  for (const { id, taskId, versionId } of waits) {
    const { manifest } = await readVersion(store.pool, versionId as VersionId)
    gated.push({ id, withDownstream: pastGatesOf(manifest).get(taskId)?.withDownstream ?? false })
  }
  const previous = await readPrevious(store.pool, gated)
  const changed = waits.filter(({ id, blocker }) => {
    const now = pastBlocker(previous.get(id) ?? null)
    return now?.runId !== blocker.runId || now.taskId !== blocker.taskId || now.state !== blocker.state
  })
  return new Set(changed.map((wait) => wait.runId))
}

async function decideAnew(store: Store, runId: RunId): Promise<void> {
  await inTransaction(store.pool, async (transaction) => {
    const run = await lockRun(transaction, runId)
    if (run?.state !== "running") return
    await settlePending({ transaction, boss: store.boss, runs: new Map([[runId, run]]) })
  })
}
