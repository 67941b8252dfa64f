import type { RunId } from "./ids.ts"
import type { TaskRunState } from "./task-run-state.ts"

/** A task that waits for its past: for itself in the previous run of the series, and perhaps for what is behind it there. */
export interface PastGate {
  withDownstream: boolean
}

/** The tasks that a gate looks at, as they stand in the previous run: the task itself first. */
export interface PreviousRun {
  runId: RunId
  tasks: readonly { taskId: string; state: TaskRunState }[]
}

/** What a task run waits for. */
export interface PastBlocker {
  runId: RunId
  taskId: string
  state: TaskRunState
}

/**
 * What keeps a task run from going, or null. The first run of a series has no past and passes; so does a task that the
 * previous run did not have. Ended well are success and skipped, whether by itself or because a person marked it; an earlier
 * run that is cleared blocks again those that have not gone yet.
 */
export function pastBlocker(previous: PreviousRun | null): PastBlocker | null {
  const open = previous?.tasks.find(({ state }) => state !== "success" && state !== "skipped")
  return previous && open ? { runId: previous.runId, ...open } : null
}

/** Why it waits, for people. */
export function pastReason({ runId, taskId, state }: PastBlocker): string {
  return `Waits for its past: task ${taskId} of the previous run ${runId} is ${state}.`
}
