import assert from "node:assert/strict"
import { nextRunState, type RunEvent } from "#lib/domain/run-state.ts"
import { nextTaskRunState, type TaskRunEvent } from "#lib/domain/task-run-state.ts"
import type { Run, TaskRun } from "./world.ts"

/** The only way a task run's state changes; the table must allow it. */
export function moveTaskRun(taskRun: TaskRun, event: TaskRunEvent): void {
  const next = nextTaskRunState(taskRun.state, event)
  if (next === null) assert.fail(`task run ${taskRun.id} is ${taskRun.state}: no ${event}`)
  taskRun.state = next
  taskRun.run.isTouched = true
}

/** The same for runs. */
export function moveRun(run: Run, event: RunEvent): void {
  const next = nextRunState(run.state, event)
  if (next === null) assert.fail(`run ${run.id} is ${run.state}: no ${event}`)
  run.state = next
  run.isTouched = true
}
