import type { TaskMap } from "../contracts/manifest.ts"
import type { TaskRunId } from "../domain/ids.ts"
import { freePlaces, instanceReason, judgeInstances } from "../domain/mapping.ts"
import { recordEvent } from "../store/events.ts"
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
import { enqueueTaskRuns } from "../store/queue.ts"
import { readVersion } from "../store/versions.ts"
import type { RunStep } from "./advance-run.ts"
import type { Expanded } from "./expand-tasks.ts"
import { taskRunEvent } from "./task-run-event.ts"

/**
 * Carries the outcome of final instances to their mapped tasks: counts them, gives their places to waiting instances, and
 * ends the tasks whose instances are all final. Other task runs among `finished` are passed over.
 */
export async function settleInstances(step: RunStep, finished: readonly TaskRunId[]): Promise<Expanded> {
  const { shape } = await readVersion(step.transaction, step.run.versionId)
  if (shape.mapped.size === 0) return { ready: 0, final: [] }
  const tasks = await countInstances(step.transaction, step.run.id, finished)
  return settle(
    step,
    tasks.map((task) => ({ task, map: shape.mapped.get(task.taskId)!, places: task.ended })),
  )
}

/** The same for mapped tasks some of whose instances were cleared or marked, counting all of them anew. */
export async function resettleInstances(step: RunStep, taskRunIds: readonly TaskRunId[]): Promise<Expanded> {
  if (taskRunIds.length === 0) return { ready: 0, final: [] }
  const { shape } = await readVersion(step.transaction, step.run.versionId)
  const tasks = await recountInstances(step.transaction, step.run.id, taskRunIds)
  return settle(
    step,
    tasks.map((task) => {
      const map = shape.mapped.get(task.taskId)!
      return { task, map, places: freePlaces(map.concurrency, task.active, task.waiting) }
    }),
  )
}

async function settle(
  step: RunStep,
  tasks: readonly { task: MappedTaskRow; map: TaskMap; places: number }[],
): Promise<Expanded> {
  const settled: Expanded = { ready: 0, final: [] }
  const ends: MappedEnd[] = []
  for (const { task, map, places } of tasks) {
    const outcome = judgeInstances(task, map.tolerance)
    if (outcome !== "wait") ends.push({ id: task.id, state: outcome, reason: await reasonOf(step, task, map) })
    else if (places > 0 && task.nextIndex < task.total) {
      const ready = await releaseInstances(step.transaction, step.run.id, task, places)
      await enqueueTaskRuns(step.boss, step.transaction, ready)
      settled.ready += ready.length
    }
  }
  if (ends.length === 0) return settled
  const ended = await endMapped(step.transaction, ends)
  await announce(
    step.transaction,
    ended.map((task) => taskRunEvent(step.run, task, task.state)),
  )
  for (const task of ended.filter((one) => one.state === "failed")) {
    await recordEvent(step.transaction, {
      type: "task_run.failed",
      pipelineId: step.run.pipelineId,
      runId: step.run.id,
      taskRunId: task.id,
      data: {
        taskId: task.taskId,
        code: "task.failed",
        message: ends.find((end) => end.id === task.id)?.reason ?? "",
      },
    })
  }
  settled.final.push(...ended.map((task) => task.id))
  return settled
}

async function reasonOf(step: RunStep, task: MappedTaskRow, map: TaskMap): Promise<string | null> {
  const reason = instanceReason(task, map.tolerance)
  const first = task.failed > 0 ? await firstInstanceFailure(step.transaction, step.run.id, task.position) : null
  return first ? `${reason} First: ${first.label}: ${first.message}` : reason
}
