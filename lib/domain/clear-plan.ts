import { invert, reachable } from "./dag.ts"
import { isFinalTaskRunState, type TaskRunState } from "./task-run-state.ts"
import { type ScopedTask, withSetupsAndTeardowns } from "./teardown.ts"

/** A task as a run has it. */
export interface ClearableTask {
  taskId: string
  state: TaskRunState
  /** How many instances of a mapped task failed or were cancelled; null for a task without instances. */
  failedInstances: number | null
}

export interface ClearPlan {
  /** Tasks that run again as a whole; a mapped one reads its list again. In the order of `states`. */
  whole: string[]
  /** Mapped tasks of which only some instances run again. */
  partial: string[]
}

/**
 * What runs again when `taskIds` are cleared, or, where there are none, everything that failed. Only what is final is
 * cleared: what runs goes on. A task between a setup and its tear-down takes both along.
 *
 * Of a mapped task that failed only the failed instances run again, and those alone that `someInstances` asks for; not so
 * where something before it runs again too, as its list may then be another.
 */
export function planClear(
  tasks: readonly ScopedTask[],
  states: readonly ClearableTask[],
  request: {
    taskIds: readonly string[]
    includeDownstream: boolean
    onlyFailed: boolean
    /** Instances of the one task in `taskIds` are named. */
    someInstances: boolean
  },
): ClearPlan {
  const byId = new Map(states.map((row) => [row.taskId, row]))
  const onlyFailed = request.onlyFailed || request.taskIds.length === 0
  const named = request.taskIds.length > 0 ? request.taskIds : states.map((row) => row.taskId)
  const roots = onlyFailed ? named.filter((id) => hasFailed(byId.get(id))) : named
  const upstream = new Map(tasks.map((task) => [task.id, task.upstream]))
  const reached = request.includeDownstream ? reachable(invert(upstream), roots) : roots
  const wanted = withSetupsAndTeardowns(tasks, reached)
  const cleared = new Set(
    states.filter((row) => wanted.has(row.taskId) && isFinalTaskRunState(row.state)).map((row) => row.taskId),
  )
  const isPartial = (id: string) => {
    const row = byId.get(id)
    if (!row || row.failedInstances === null || row.state === "upstream_failed") return false
    if (!request.someInstances && !(onlyFailed && row.failedInstances > 0)) return false
    return ![...reachable(upstream, [id])].some((before) => before !== id && cleared.has(before))
  }
  const partial = roots.filter(isPartial)
  return {
    whole: states.map((row) => row.taskId).filter((id) => cleared.has(id) && !partial.includes(id)),
    partial,
  }
}

function hasFailed(row: ClearableTask | undefined): boolean {
  if (!row) return false
  const isFailed = row.state === "failed" || row.state === "upstream_failed" || row.state === "cancelled"
  return isFailed || (row.state === "mapped" && (row.failedInstances ?? 0) > 0)
}
