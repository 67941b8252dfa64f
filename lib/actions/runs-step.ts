import type { PgBoss } from "pg-boss"
import type { RunId, TaskRunId } from "../domain/ids.ts"
import type { LockedRun } from "../store/runs.ts"
import type { Transaction } from "../store/transaction.ts"
import { type PipelineVersion, readVersion } from "../store/versions.ts"

/** What every step inside runs needs: its transaction, the queue, and the locked rows of the runs. */
export interface RunsStep {
  transaction: Transaction
  boss: PgBoss
  runs: ReadonlyMap<RunId, LockedRun>
}

export interface FinalTaskRun {
  id: TaskRunId
  runId: RunId
}

/** The shape that the version of a step's run gives it. */
export async function shapeOfRun(step: RunsStep, runId: RunId): Promise<PipelineVersion["shape"]> {
  return (await readVersion(step.transaction, step.runs.get(runId)!.versionId)).shape
}
