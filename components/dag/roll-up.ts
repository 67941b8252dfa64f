import { TASK_RUN_SEVERITY } from "#lib/domain/severity.ts"
import type { TaskRunState } from "#lib/domain/task-run-state.ts"

export type StateCounts = Partial<Record<TaskRunState, number>>

/** How many of these tasks are in each state. */
export function countStates(states: Iterable<TaskRunState>): StateCounts {
  const counts: StateCounts = {}
  for (const state of states) counts[state] = (counts[state] ?? 0) + 1
  return counts
}

/** The one state that stands for a group: its worst, or pending while nothing is known. */
export function rollUp(counts: StateCounts): TaskRunState {
  return TASK_RUN_SEVERITY.find((state) => counts[state]) ?? "pending"
}

/** The states present, in the order in which they are drawn: done first, then what is under way, then the rest. */
export function inDrawingOrder(counts: StateCounts): [TaskRunState, number][] {
  const order = [
    "success",
    "running",
    "mapped",
    "up_for_retry",
    "deferred",
    "failed",
    "upstream_failed",
    "ready",
  ] as const
  const rest = ["pending", "skipped", "cancelled"] as const
  return [...order, ...rest].flatMap((state) => (counts[state] ? [[state, counts[state]] as const] : [])) as [
    TaskRunState,
    number,
  ][]
}
