import { markTaskRun } from "#lib/actions/mark-task-run.ts"
import { markTaskSchema } from "#lib/contracts/api/runs.ts"
import type { TaskRunId } from "#lib/domain/ids.ts"
import { readAttempt, readTaskRun } from "#lib/store/read/task-runs.ts"
import type { Api } from "../api.ts"
import { AttemptDetail, idParams, RunEffect, TaskRun } from "../schemas.ts"

const tag = "Task runs"

/** Task runs and their attempts. */
export function taskRunRoutes(api: Api): void {
  api.json(
    {
      method: "get",
      path: "/task-runs/{id}",
      permission: "runs.read",
      tag,
      summary: "A task run with its attempts and outputs",
      params: idParams,
      answer: TaskRun,
    },
    ({ store, params }) => readTaskRun(store.pool, params.id),
  )

  api.json(
    {
      method: "post",
      path: "/task-runs/{id}/mark",
      permission: "runs.operate",
      tag,
      summary: "Set the outcome of a task run by hand",
      params: idParams,
      body: markTaskSchema,
      answer: RunEffect,
    },
    ({ store, params, body, actor }) =>
      markTaskRun(store, { taskRunId: params.id as TaskRunId, ...body, actor: actor.name }),
  )

  api.json(
    {
      method: "get",
      path: "/attempts/{id}",
      permission: "runs.read",
      tag,
      summary: "An attempt",
      params: idParams,
      answer: AttemptDetail,
    },
    ({ store, params }) => readAttempt(store.pool, params.id),
  )
}
