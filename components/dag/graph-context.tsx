"use client"
import { createContext, useCallback, useContext, useSyncExternalStore } from "react"
import type { FocusStore, GraphFocus } from "./focus-store.ts"
import type { Direction } from "./next-node.ts"
import { countStates, type StateCounts } from "./roll-up.ts"
import type { TaskStatus, TaskStatusStore } from "./task-status-store.ts"

/** What nodes and edges read. Its identity lasts as long as the graph, so that nothing repaints through it. */
export interface GraphApi {
  statuses: TaskStatusStore
  focus: FocusStore
  /** Usual duration by task id, for what has not run yet. */
  mediansMs: Readonly<Record<string, number>>
  select(taskId: string | null): void
  hover(taskIds: readonly string[] | null): void
  toggle(group: string): void
  move(nodeId: string, direction: Direction): void
}

const Graph = createContext<GraphApi | null>(null)
export const GraphProvider = Graph.Provider

/** The graph around a node. Throws outside one. */
export function useGraph(): GraphApi {
  const graph = useContext(Graph)
  if (!graph) throw new Error("useGraph needs a GraphProvider around it")
  return graph
}

/** This task's status in the run shown; null without a run. Repaints only when this task changed. */
export function useTaskStatus(taskId: string): TaskStatus | null {
  const { statuses } = useGraph()
  const subscribe = useCallback((listener: () => void) => statuses.subscribe(taskId, listener), [statuses, taskId])
  return useSyncExternalStore(
    subscribe,
    () => statuses.get(taskId),
    () => null,
  )
}

/** How many of these tasks are in each state; repaints only when a count changed. */
export function useStateCounts(taskIds: readonly string[]): StateCounts {
  const { statuses } = useGraph()
  const subscribe = useCallback(
    (listener: () => void) => {
      const stops = taskIds.map((id) => statuses.subscribe(id, listener))
      return () => {
        for (const stop of stops) stop()
      }
    },
    [statuses, taskIds],
  )
  const key = useSyncExternalStore(
    subscribe,
    // Text, because a snapshot is compared by identity.
    () => JSON.stringify(countStates(taskIds.flatMap((id) => statuses.get(id)?.state ?? []))),
    () => "{}",
  )
  return JSON.parse(key) as StateCounts
}

/** A fact about what is selected or highlighted; repaints only when the answer changed. */
export function useFocus<Answer extends string | boolean | null>(read: (focus: GraphFocus) => Answer): Answer {
  const { focus } = useGraph()
  return useSyncExternalStore(
    focus.subscribe,
    () => read(focus.get()),
    () => read(focus.get()),
  )
}
