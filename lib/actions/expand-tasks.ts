import type { Json } from "../contracts/json.ts"
import type { TaskMap } from "../contracts/manifest.ts"
import { type ReferenceValues, referencedTasks, resolveValue } from "../contracts/references.ts"
import { AppError } from "../domain/errors.ts"
import type { RunId, TaskRunId } from "../domain/ids.ts"
import { crossProduct, type Expansion, freePlaces, planExpansion } from "../domain/mapping.ts"
import { recordEvent } from "../store/events.ts"
import { endMapped, expandTaskRun } from "../store/mapped-tasks.ts"
import { announce } from "../store/notify.ts"
import { readOutputs } from "../store/outputs.ts"
import { readRunValues } from "../store/run-values.ts"
import type { LockedRun } from "../store/runs.ts"
import { type PipelineVersion, readVersion } from "../store/versions.ts"
import { admitTaskRuns } from "./admit-task-runs.ts"
import type { FinalTaskRun, RunsStep } from "./runs-step.ts"
import { taskRunEvent } from "./task-run-event.ts"

/**
 * Expands mapped tasks whose trigger rule is met: reads each list, inserts one instance for each item, and lets as many go
 * as may run at a time, in the transaction that released the task. An empty list skips the task; what is no list, or is too
 * long, fails it: these are final at once, and returned.
 */
export async function expandTasks(
  step: RunsStep,
  released: readonly { id: TaskRunId; runId: RunId; taskId: string }[],
): Promise<FinalTaskRun[]> {
  const final: FinalTaskRun[] = []
  for (const task of released) {
    const run = step.runs.get(task.runId)!
    const version = await readVersion(step.transaction, run.versionId)
    const map = version.shape.mapped.get(task.taskId)!
    const plan = await planOf(step, run, version, map)
    if (plan.kind === "expand") {
      const places = freePlaces(map.maxActive, 0, plan.instances.length)
      const ready = await expandTaskRun(step.transaction, run.id, task.id, plan.instances, places)
      await admitTaskRuns(step.transaction, step.boss, ready ?? [])
      await announce(step.transaction, [taskRunEvent(run, task, "mapped")])
      continue
    }
    const state = plan.kind === "skip" ? "skipped" : "failed"
    await endMapped(step.transaction, [{ id: task.id, state, reason: plan.reason }])
    await announce(step.transaction, [taskRunEvent(run, task, state)])
    if (state === "failed") await recordFailure(step, run, task, plan.reason)
    final.push(task)
  }
  return final
}

async function planOf(
  step: RunsStep,
  run: LockedRun,
  version: PipelineVersion,
  map: TaskMap,
): Promise<Expansion<Json>> {
  const values = await readRunValues(step.transaction, run.id)
  const needed = referencedTasks([map.over, map.label] as Json)
  try {
    const outputs = needed.length > 0 ? await readOutputs(step.transaction, run.id, needed) : {}
    // A mapped task without instances left an empty list, not nothing.
    for (const id of needed) if (version.shape.mapped.has(id)) outputs[id] ??= []
    return planExpansion(listOf(map.over as Json, { ...values, outputs }), {
      limit: map.limit,
      labelOf: (item) => (map.label === null ? null : resolveValue(map.label, { ...values, outputs, item })),
    })
  } catch (error) {
    if (error instanceof AppError) return { kind: "fail", reason: error.message }
    throw error
  }
}

/** The list to map over. Instances of a mapped task that were skipped are no items. */
function listOf(over: Json, values: ReferenceValues): Json {
  if (typeof over === "object" && over !== null && !Array.isArray(over) && Array.isArray(over.cross)) {
    const [first, second] = over.cross.map((list) => listOf(list, values))
    // What is no list is told by the plan.
    if (!Array.isArray(first)) return first ?? null
    return Array.isArray(second) ? crossProduct(first, second) : (second ?? null)
  }
  const list = resolveValue(over, values)
  const isOfInstances = referencedTasks(over).some((id) => Array.isArray(values.outputs[id]))
  return isOfInstances && Array.isArray(list) ? list.filter((item) => item !== null) : list
}

async function recordFailure(
  step: RunsStep,
  run: LockedRun,
  task: { id: TaskRunId; taskId: string },
  message: string,
): Promise<void> {
  await recordEvent(step.transaction, {
    type: "task_run.failed",
    pipelineId: run.pipelineId,
    runId: run.id,
    taskRunId: task.id,
    data: { taskId: task.taskId, code: "task.failed", message },
  })
}
