import type { RunState } from "./run-state.ts"
import type { TaskRunState } from "./task-run-state.ts"

/** States of task runs, worst news first: what a person must see of several that are shown as one. */
export const TASK_RUN_SEVERITY = [
  "failed",
  "up_for_retry",
  "running",
  "mapped",
  "deferred",
  "ready",
  "upstream_failed",
  "cancelled",
  "pending",
  "success",
  "skipped",
] as const satisfies readonly TaskRunState[]

/** States of runs, worst news first. */
export const RUN_SEVERITY = [
  "failed",
  "cancelling",
  "running",
  "queued",
  "cancelled",
  "success",
] as const satisfies readonly RunState[]

/**
 * One letter for a task run's state, `a` for the worst: the least of several letters is the state that stands for all of
 * them, which a database and a browser find without a table.
 */
export function stateCode(state: TaskRunState): string {
  return String.fromCharCode(FIRST_CODE + TASK_RUN_SEVERITY.indexOf(state))
}

/** The state that {@link stateCode} wrote; null for {@link NO_STATE} and whatever else is none. */
export function stateOfCode(code: string): TaskRunState | null {
  return TASK_RUN_SEVERITY[code.charCodeAt(0) - FIRST_CODE] ?? null
}

/** Stands where a run does not have the task. Greater than every code, so it never hides one. */
export const NO_STATE = "~"
const FIRST_CODE = 97
