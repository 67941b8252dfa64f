import type { LimitShare } from "./admission.ts"
import { MAX_TASK_PRIORITY } from "./priority.ts"
import { type ScopedTask, teardownUpstreams } from "./teardown.ts"
import type { TriggerRule } from "./trigger-rule.ts"

/** What a run needs to know of a task to schedule it, with edges as positions in the manifest's list of tasks. */
export interface PlannedTask {
  position: number
  taskId: string
  triggerRule: TriggerRule
  upstreamTotal: number
  downstream: number[]
  /** Its weight and that of the heaviest chain behind it, at most MAX_TASK_PRIORITY: what holds up most goes first. */
  priority: number
  /** Limits it is subject to, in the order of their ids; null for none. */
  limits: LimitShare[] | null
}

/** A limit that tasks share under a key of the author's, across pipelines. */
export interface ConcurrencyOption {
  key: string
  limit: number
}

export interface PlannableTask extends ScopedTask {
  triggerRule: TriggerRule
  priority?: number
  pool?: string | null
  poolSlots?: number
  concurrency?: ConcurrencyOption | null
}

/** What a pipeline says about all of its tasks. */
export interface PlannablePipeline {
  id: string
  maxActiveTasks: number | null
  concurrency: ConcurrencyOption | null
}

/** Turns a manifest's tasks into rows of a new run. Assumes an acyclic graph in which every upstream exists. */
export function planTasks(
  declared: readonly PlannableTask[],
  pipeline: PlannablePipeline | null = null,
): PlannedTask[] {
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
    limits: limitsOf(task, pipeline),
  }))
  for (const task of tasks) {
    for (const upstream of task.upstream) planned[position.get(upstream)!]!.downstream.push(position.get(task.id)!)
  }
  const waiting = planned.map((task) => task.downstream.length)
  const settled = planned.filter((task) => task.downstream.length === 0)
  for (let index = 0; index < settled.length; index++) {
    const task = settled[index]!
    const { upstream, priority = 1 } = tasks[task.position]!
    // All behind it is settled, and `priority` holds the heaviest chain of it.
    task.priority = Math.min(MAX_TASK_PRIORITY, task.priority + priority)
    for (const id of upstream) {
      const before = planned[position.get(id)!]!
      before.priority = Math.max(before.priority, task.priority)
      if (--waiting[before.position]! === 0) settled.push(before)
    }
  }
  return planned
}

/** Names of limits as they stand in the database. */
export const limitId = {
  pool: (name: string) => `pool/${name}`,
  pipeline: (id: string) => `pipeline/${id}`,
  key: (key: string) => `key/${key}`,
}

function limitsOf(task: PlannableTask, pipeline: PlannablePipeline | null): LimitShare[] | null {
  const shares = new Map<string, number>()
  if (task.pool) shares.set(limitId.pool(task.pool), task.poolSlots ?? 1)
  if (pipeline?.maxActiveTasks) shares.set(limitId.pipeline(pipeline.id), 1)
  for (const option of [task.concurrency, pipeline?.concurrency]) if (option) shares.set(limitId.key(option.key), 1)
  if (shares.size === 0) return null
  return [...shares].map(([id, slots]) => ({ id, slots })).sort((a, b) => (a.id < b.id ? -1 : 1))
}
