import type { TaskRunId } from "../domain/ids.ts"
import { advanceBackfill } from "./advance-backfill.ts"
import { type Advance, advanceRun, type RunStep } from "./advance-run.ts"

/**
 * Advances a run by task runs that became final and, where that ended it and it belongs to a backfill, lets the backfill
 * create its next run in the same transaction.
 */
export async function settleRun(step: RunStep, finished: readonly TaskRunId[]): Promise<Advance> {
  const advance = await advanceRun(step, finished)
  if (advance.hasEnded && step.run.backfillId) {
    await advanceBackfill(step.transaction, step.boss, step.run.backfillId)
  }
  return advance
}
