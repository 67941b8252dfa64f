import type { LiveEvent } from "../contracts/api/system.ts"
import type { TaskRunId } from "../domain/ids.ts"
import type { TaskRunState } from "../domain/task-run-state.ts"
import type { LockedRun } from "../store/runs.ts"

/** What screens are told of a task run's new state. */
export function taskRunEvent(run: LockedRun, task: { id: TaskRunId; taskId: string }, state: TaskRunState): LiveEvent {
  return { type: "task_run", id: task.id, runId: run.id, pipelineId: run.pipelineId, taskId: task.taskId, state }
}
