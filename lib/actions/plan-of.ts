import { type PlannedTask, planTasks } from "../domain/task-plan.ts"
import type { PipelineVersion } from "../store/versions.ts"

/** A version's plan of some tasks, of all where none is named: who waited for another waits no longer for it. */
export function planOf({ manifest, plan }: PipelineVersion, taskIds: readonly string[]): readonly PlannedTask[] {
  if (taskIds.length === 0) return plan
  const chosen = new Set(taskIds)
  const tasks = manifest.tasks
    .filter((task) => chosen.has(task.id))
    .map((task) => ({ ...task, upstream: task.upstream.filter((id) => chosen.has(id)) }))
  // Places stay those of the version: whatever joins a run with its definition goes by them.
  const place = new Map(manifest.tasks.map((task, index) => [task.id, index]))
  const planned = planTasks(tasks, manifest)
  return planned.map((task) => ({
    ...task,
    position: place.get(task.taskId)!,
    downstream: task.downstream.map((index) => place.get(planned[index]!.taskId)!),
  }))
}
