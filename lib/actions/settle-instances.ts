import type { TaskMap } from "../contracts/manifest.ts"
import type { TaskRunId } from "../domain/ids.ts"
import { freePlaces, instanceReason, judgeInstances } from "../domain/mapping.ts"
import { recordEvents } from "../store/events.ts"
import {
  countInstances,
  endMapped,
  firstInstanceFailure,
  type MappedEnd,
  type MappedTaskRow,
  recountInstances,
  releaseInstances,
} from "../store/mapped-tasks.ts"
import { announce } from "../store/notify.ts"
import { admitTaskRuns } from "./admit-task-runs.ts"
import { type FinalTaskRun, type RunsStep, shapeOfRun } from "./runs-step.ts"
import { taskRunEvent } from "./task-run-event.ts"

/**
 * Carries the outcome of final instances to their mapped tasks: counts them, gives their places to waiting instances, and
 * ends the tasks whose instances are all final, which it returns. Other task runs among `finished` are passed over.
 */
export async function settleInstances(step: RunsStep, finished: readonly TaskRunId[]): Promise<FinalTaskRun[]> {
  const shapes = await Promise.all([...step.runs.keys()].map((id) => shapeOfRun(step, id)))
  if (shapes.every((shape) => shape.mapped.size === 0)) return []
  const tasks = await countInstances(step.transaction, finished)
  return settle(step, tasks, (task) => task.ended)
}

/** The same for mapped tasks some of whose instances were cleared or marked, counting all of them anew. */
export async function resettleInstances(step: RunsStep, taskRunIds: readonly TaskRunId[]): Promise<FinalTaskRun[]> {
  if (taskRunIds.length === 0) return []
  const tasks = await recountInstances(step.transaction, taskRunIds)
  return settle(step, tasks, (task, map) => freePlaces(map.maxActive, task.active, task.waiting))
}

async function settle<Task extends MappedTaskRow>(
  step: RunsStep,
  tasks: readonly Task[],
  placesOf: (task: Task, map: TaskMap) => number,
): Promise<FinalTaskRun[]> {
  const ends: MappedEnd[] = []
  for (const task of tasks) {
    const map = (await shapeOfRun(step, task.runId)).mapped.get(task.taskId)!
    const outcome = judgeInstances(task, map.tolerance)
    const places = placesOf(task, map)
    if (outcome !== "wait") ends.push({ id: task.id, state: outcome, reason: await reasonOf(step, task, map) })
    else if (places > 0 && task.nextIndex < task.total) {
      await admitTaskRuns(step.transaction, step.boss, await releaseInstances(step.transaction, task, places))
    }
  }
  if (ends.length === 0) return []
  const ended = (await endMapped(step.transaction, ends)).map((task) => ({
    ...task,
    run: step.runs.get(task.runId)!,
    reason: ends.find((end) => end.id === task.id)?.reason ?? "",
  }))
  await announce(
    step.transaction,
    ended.map((task) => taskRunEvent(task.run, task, task.state)),
  )
  await recordEvents(
    step.transaction,
    ended
      .filter((task) => task.state === "failed")
      .map(({ id, runId, run, taskId, reason }) => ({
        type: "task_run.failed",
        pipelineId: run.pipelineId,
        runId,
        taskRunId: id,
        data: { taskId, code: "task.failed", message: reason },
      })),
  )
  return ended
}

async function reasonOf(step: RunsStep, task: MappedTaskRow, map: TaskMap): Promise<string | null> {
  const reason = instanceReason(task, map.tolerance)
  const first = task.failed > 0 ? await firstInstanceFailure(step.transaction, task.runId, task.position) : null
  if (!first) return reason
  return `${reason} First: ${first.label}: ${first.message}${/[.!?]$/.test(first.message) ? "" : "."}`
}
