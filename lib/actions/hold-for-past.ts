import { pastGatesOf } from "../contracts/past-gates.ts"
import type { RunId, TaskRunId } from "../domain/ids.ts"
import { type PastGate, pastBlocker } from "../domain/past.ts"
import { decideTrigger } from "../domain/trigger-rule.ts"
import { wakePast } from "../store/notify.ts"
import { dropHolds, type HeldTaskRun, holdTaskRuns, readPrevious } from "../store/past-waits.ts"
import type { LockedRun } from "../store/runs.ts"
import type { TaskRunRow } from "../store/task-runs.ts"
import type { Transaction } from "../store/transaction.ts"
import { readVersion } from "../store/versions.ts"

interface Step {
  transaction: Transaction
  runs: ReadonlyMap<RunId, LockedRun>
}

/**
 * Leaves out those of the pending task runs whose trigger rule is met but whose past is not: they stay pending, with what
 * they wait for beside them. Costs nothing where no task of the runs is gated. The earlier run is read without its lock: if
 * it moves on meanwhile, its transaction and this one both wake the release, and whichever commits last is seen by it.
 */
export async function holdForPast(step: Step, pending: readonly TaskRunRow[]): Promise<readonly TaskRunRow[]> {
  const gated: (TaskRunRow & PastGate)[] = []
  for (const [runId, rows] of byRun(pending)) {
    const gates = await gatesOf(step, runId)
    if (gates.size === 0) continue
    for (const row of rows) {
      const gate = gates.get(row.taskId)
      if (gate && decideTrigger(row.triggerRule, row) === "release") gated.push({ ...row, ...gate })
    }
  }
  if (gated.length === 0) return pending
  const previous = await readPrevious(step.transaction, gated)
  const held = new Map<TaskRunId, HeldTaskRun>()
  for (const { id, runId } of gated) {
    const blocker = pastBlocker(previous.get(id) ?? null)
    if (blocker) held.set(id, { id, runId, pipelineId: step.runs.get(runId)!.pipelineId, blocker })
  }
  await dropHolds(
    step.transaction,
    gated.filter((row) => !held.has(row.id)).map((row) => row.id),
  )
  const isNew = (await holdTaskRuns(step.transaction, [...held.values()])) > 0
  if (isNew) await wakePast(step.transaction)
  return pending.filter((row) => !held.has(row.id))
}

/** Wakes the release of what waits for runs of this step, where their pipelines have such tasks. */
export async function wakeFuture(step: Step): Promise<void> {
  for (const runId of step.runs.keys()) {
    if ((await gatesOf(step, runId)).size > 0) return wakePast(step.transaction)
  }
}

async function gatesOf(step: Step, runId: RunId): Promise<ReadonlyMap<string, PastGate>> {
  return pastGatesOf((await readVersion(step.transaction, step.runs.get(runId)!.versionId)).manifest)
}

function byRun(rows: readonly TaskRunRow[]): Map<RunId, TaskRunRow[]> {
  const runs = new Map<RunId, TaskRunRow[]>()
  for (const row of rows) {
    const known = runs.get(row.runId)
    if (known) known.push(row)
    else runs.set(row.runId, [row])
  }
  return runs
}
