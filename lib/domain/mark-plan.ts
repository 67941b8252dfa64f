import { invert, reachable, type UpstreamMap } from "./dag.ts"
import { isFinalTaskRunState, nextTaskRunState, type TaskRunState } from "./task-run-state.ts"

export type MarkState = "success" | "failed" | "skipped"

interface MarkableTask {
  taskId: string
  state: TaskRunState
}

export type MarkPlan<Task> =
  | {
      kind: "mark"
      marked: Task[]
      /** Blocked by what is marked, and may run now. */
      follow: Task[]
    }
  /** These would have to stop first. */
  | { kind: "busy"; tasks: Task[] }
  | { kind: "nothing" }

/**
 * Which tasks of a run a mark sets, and which run thereby. Without names it is about the whole run: `success` and `skipped`
 * set all that did not end well, `failed` all that has not ended. What stands as wanted already is left out.
 */
export function planMark<Task extends MarkableTask>(
  tasks: readonly Task[],
  upstream: UpstreamMap,
  wanted: { taskIds: readonly string[]; includeDownstream: boolean; state: MarkState },
): MarkPlan<Task> {
  const downstream = invert(upstream)
  const named = wanted.includeDownstream ? reachable(downstream, wanted.taskIds) : new Set(wanted.taskIds)
  const isWanted = ({ taskId, state }: Task) => {
    if (state === wanted.state) return false
    if (named.size > 0) return named.has(taskId)
    return wanted.state === "failed" ? !isFinalTaskRunState(state) : state !== "success" && state !== "skipped"
  }
  const marked = tasks.filter(isWanted)
  const busy = marked.filter((task) => nextTaskRunState(task.state, `mark_${wanted.state}`) === null)
  if (busy.length > 0) return { kind: "busy", tasks: busy }
  if (marked.length === 0) return { kind: "nothing" }
  if (wanted.state === "failed") return { kind: "mark", marked, follow: [] }
  const ids = new Set(marked.map((task) => task.taskId))
  const behind = reachable(downstream, ids)
  const follow = tasks.filter(
    (task) => task.state === "upstream_failed" && !ids.has(task.taskId) && behind.has(task.taskId),
  )
  return { kind: "mark", marked, follow }
}
