import { type ScopedTask, teardownUpstreams } from "./teardown.ts"
import type { TriggerRule } from "./trigger-rule.ts"

/** What a run needs to know of a task to schedule it, with edges as positions in the manifest's list of tasks. */
export interface PlannedTask {
  position: number
  taskId: string
  triggerRule: TriggerRule
  upstreamTotal: number
  downstream: number[]
  /** Length of the longest chain behind it: what holds up most goes first. */
  priority: number
}

/** Turns a manifest's tasks into rows of a new run. Assumes an acyclic graph in which every upstream exists. */
export function planTasks(declared: readonly (ScopedTask & { triggerRule: TriggerRule })[]): PlannedTask[] {
  const widened = teardownUpstreams(declared)
  const tasks = declared.map((task) => ({ ...task, upstream: widened.get(task.id) ?? task.upstream }))
  const position = new Map(tasks.map((task, index) => [task.id, index]))
  const planned = tasks.map((task, index) => ({
    position: index,
    taskId: task.id,
    triggerRule: task.triggerRule,
    upstreamTotal: task.upstream.length,
    downstream: [] as number[],
    priority: 0,
  }))
  for (const task of tasks) {
    for (const upstream of task.upstream) planned[position.get(upstream)!]!.downstream.push(position.get(task.id)!)
  }
  const waiting = planned.map((task) => task.downstream.length)
  const settled = planned.filter((task) => task.downstream.length === 0)
  for (let index = 0; index < settled.length; index++) {
    const task = settled[index]!
    for (const id of tasks[task.position]!.upstream) {
      const upstream = planned[position.get(id)!]!
      upstream.priority = Math.max(upstream.priority, task.priority + 1)
      if (--waiting[upstream.position]! === 0) settled.push(upstream)
    }
  }
  return planned
}
