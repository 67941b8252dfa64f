import type { RunId, TaskRunId } from "../domain/ids.ts"
import { lockBackfills } from "../store/backfills.ts"
import { lockPipelines } from "../store/runs.ts"
import { advanceBackfill } from "./advance-backfill.ts"
import { carryOutcomes, countFinal, endEmptyRuns, type FinalCounts, releasePending, startRuns } from "./advance-runs.ts"
import { wakeFuture } from "./hold-for-past.ts"
import { startClocks } from "./plan-deadlines.ts"
import type { RunsStep } from "./runs-step.ts"
import { resettleInstances } from "./settle-instances.ts"

/**
 * Settles what follows from task runs that became final in this transaction and are not yet taken off their runs' counts:
 * what becomes ready downstream, the end of runs of which nothing is left, the next run of their backfills and pipelines.
 */
export async function settleRuns(step: RunsStep, finished: readonly { id: TaskRunId; runId: RunId }[]): Promise<void> {
  if (finished.length === 0) return
  const counts = await carryOutcomes(
    step,
    finished.map((taskRun) => taskRun.id),
  )
  countFinal(counts, finished)
  await endAndFollow(step, counts)
}

/**
 * Decides the pending task runs of reopened runs, and judges anew the runs of which nothing is left to do. `mapped` are
 * mapped task runs some of whose instances were cleared or marked.
 */
export async function settleReopened(step: RunsStep, mapped: readonly TaskRunId[] = []): Promise<void> {
  await startClocks(step.transaction, step.runs.values())
  await settlePending(step, mapped)
}

/** Decides the pending task runs of running runs anew. */
export async function settlePending(step: RunsStep, mapped: readonly TaskRunId[] = []): Promise<void> {
  const runIds = [...step.runs.keys()]
  const counts = await releasePending(step, runIds, await resettleInstances(step, mapped))
  for (const id of runIds) counts.set(id, counts.get(id) ?? 0)
  await endAndFollow(step, counts)
}

/** Locks all backfills and then all pipelines concerned before anything is created for one of them. */
async function endAndFollow(step: RunsStep, counts: FinalCounts): Promise<void> {
  const { transaction, boss } = step
  await wakeFuture(step)
  const ended = await endEmptyRuns(step, counts)
  if (ended.length === 0) return
  const pipelineIds = [...new Set(ended.map((run) => run.pipelineId))]
  const backfillIds = [...new Set(ended.flatMap((run) => run.backfillId ?? []))]
  if (backfillIds.length > 0) {
    await lockBackfills(transaction, backfillIds)
    await lockPipelines(transaction, pipelineIds)
    for (const id of backfillIds) await advanceBackfill(transaction, boss, id)
  }
  await startRuns(transaction, boss, pipelineIds)
}
