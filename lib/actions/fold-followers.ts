import { mayFollow } from "../domain/failure-group.ts"
import { findFoldable, moveInto } from "../store/fold-incidents.ts"
import type { LockedIncident } from "../store/incidents.ts"
import { findCauseOfDatasets, readTaskReads } from "../store/run-troubles.ts"
import type { Transaction } from "../store/transaction.ts"
import { resolveIncidents } from "./resolve-incidents.ts"

/** What failed longer before its cause is not taken for a consequence: the cause may be tried again for as long. */
const WINDOW_MS = 15 * 60_000

/**
 * Folds failures that were looked at before their cause upstream had failed into the cause's incident, as if they had come
 * after it. Only what nobody was told of and nobody has touched: what people have seen does not vanish.
 */
export async function foldFollowers(transaction: Transaction, root: LockedIncident, at: Date): Promise<void> {
  for (const found of await findFoldable(transaction, root.id, new Date(at.getTime() - WINDOW_MS))) {
    const { pipelineId, taskId, runId, errorCode } = found
    if (!mayFollow({ code: errorCode })) continue
    const reads = (await readTaskReads(transaction, runId)).get(taskId) ?? []
    const cause = await findCauseOfDatasets(transaction, reads, { pipelineId, taskId })
    if (cause !== root.id) continue
    await moveInto(transaction, { from: found.id, into: root.id, name: pipelineId, at })
    await resolveIncidents(transaction, [found.id], {
      actor: "headrace",
      at,
      why: `It follows from incident ${root.id}.`,
    })
  }
}
