import type { Json } from "../contracts/json.ts"
import type { TaskMap } from "../contracts/manifest.ts"
import { type ReferenceValues, referencedTasks, resolveValue } from "../contracts/references.ts"
import { AppError } from "../domain/errors.ts"
import type { TaskRunId } from "../domain/ids.ts"
import { crossProduct, type Expansion, freePlaces, planExpansion } from "../domain/mapping.ts"
import { recordEvent } from "../store/events.ts"
import { endMapped, expandTaskRun } from "../store/mapped-tasks.ts"
import { announce } from "../store/notify.ts"
import { readOutputs } from "../store/outputs.ts"
import { enqueueTaskRuns } from "../store/queue.ts"
import { readRunValues } from "../store/run-values.ts"
import { type PipelineVersion, readVersion } from "../store/versions.ts"
import type { RunStep } from "./advance-run.ts"
import { taskRunEvent } from "./task-run-event.ts"

/** What became of mapped tasks whose trigger rule was met. */
export interface Expanded {
  /** Instances put on the queue. */
  ready: number
  /** Tasks that are final at once: their list is empty, or is none. */
  final: TaskRunId[]
}

/**
 * Expands mapped tasks whose trigger rule is met: reads each list, inserts one instance for each item, and enqueues as many
 * as may run at a time, in the transaction that released the task. An empty list skips the task; what is no list, or is too
 * long, fails it.
 */
export async function expandTasks(
  step: RunStep,
  released: readonly { id: TaskRunId; taskId: string }[],
): Promise<Expanded> {
  const expanded: Expanded = { ready: 0, final: [] }
  if (released.length === 0) return expanded
  const version = await readVersion(step.transaction, step.run.versionId)
  for (const task of released) {
    const map = version.shape.mapped.get(task.taskId)!
    const plan = await planOf(step, version, map)
    if (plan.kind === "expand") {
      const places = freePlaces(map.concurrency, 0, plan.instances.length)
      const ready = await expandTaskRun(step.transaction, step.run.id, task.id, plan.instances, places)
      await enqueueTaskRuns(step.boss, step.transaction, ready ?? [])
      await announce(step.transaction, [taskRunEvent(step.run, task, "mapped")])
      expanded.ready += ready?.length ?? 0
      continue
    }
    const state = plan.kind === "skip" ? "skipped" : "failed"
    await endMapped(step.transaction, [{ id: task.id, state, reason: plan.reason }])
    await announce(step.transaction, [taskRunEvent(step.run, task, state)])
    if (state === "failed") await recordFailure(step, task, plan.reason)
    expanded.final.push(task.id)
  }
  return expanded
}

async function planOf(step: RunStep, version: PipelineVersion, map: TaskMap): Promise<Expansion<Json>> {
  const values = await readRunValues(step.transaction, step.run.id)
  const needed = referencedTasks([map.over, map.label] as Json)
  try {
    const outputs = needed.length > 0 ? await readOutputs(step.transaction, step.run.id, needed) : {}
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

async function recordFailure(step: RunStep, task: { id: TaskRunId; taskId: string }, message: string): Promise<void> {
  await recordEvent(step.transaction, {
    type: "task_run.failed",
    pipelineId: step.run.pipelineId,
    runId: step.run.id,
    taskRunId: task.id,
    data: { taskId: task.taskId, code: "task.failed", message },
  })
}
