import type { RunEffect } from "../contracts/api/runs.ts"
import { AppError } from "../domain/errors.ts"
import type { RunId } from "../domain/ids.ts"
import type { Store } from "../store/client.ts"
import { recordEvent } from "../store/events.ts"
import { lockRun } from "../store/runs.ts"
import { inTransaction } from "../store/transaction.ts"
import { readVersion } from "../store/versions.ts"
import { newestVersion, versionToMoveTo } from "./clear-run.ts"
import { reopen } from "./mark-run.ts"
import { repinRun } from "./repin-run.ts"

/**
 * Moves an ended run to the newest version of its pipeline without running again what is done: later retries and clears take
 * that version's code. Tasks that it adds to the run are run now.
 * @throws AppError `run.not_found`, `pipeline.invalid` where it is no longer defined; `run.version_differs` while the run has
 * not ended, where the version lacks one of its tasks, or where it has the newest already.
 */
export async function moveRunToNewest(
  store: Store,
  request: { runId: RunId; dryRun: boolean; actor: string },
): Promise<RunEffect> {
  return inTransaction(store.pool, async (transaction) => {
    const run = await lockRun(transaction, request.runId)
    if (!run) throw new AppError("run.not_found", `There is no run ${request.runId}.`)
    const pinned = await readVersion(transaction, run.versionId)
    const newest = await newestVersion(transaction, run.pipelineId)
    if (!newest) {
      throw new AppError(
        "pipeline.invalid",
        `Pipeline ${run.pipelineId} is no longer defined: there is no newer version.`,
      )
    }
    const target = await versionToMoveTo(transaction, run, pinned, newest)
    if (target.id === pinned.id) {
      throw new AppError("run.version_differs", `Run ${run.id} has version ${pinned.version} already, the newest.`)
    }
    const known = new Set(pinned.manifest.tasks.map((task) => task.id))
    const added = target.manifest.tasks.filter((task) => !known.has(task.id)).map((task) => task.id)
    const then = added.length > 0 ? ` and runs what that adds: ${added.join(", ")}` : "; nothing runs again"
    const effect: RunEffect = {
      runId: run.id,
      taskIds: added,
      datasets: [],
      text: `Moves run ${run.id} from version ${pinned.version} of the code to ${target.version}${then}.`,
      dryRun: request.dryRun,
      newestVersion: target.version,
    }
    if (request.dryRun) return effect
    await repinRun(transaction, run, target)
    await recordEvent(transaction, {
      type: "run.repin",
      pipelineId: run.pipelineId,
      runId: run.id,
      actor: request.actor,
      data: { from: pinned.version, to: target.version, taskIds: added },
    })
    await reopen(transaction, store, run, [])
    return effect
  })
}
