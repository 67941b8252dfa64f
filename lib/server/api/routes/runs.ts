import type { z } from "@hono/zod-openapi"
import { actOnRuns } from "#lib/actions/act-on-runs.ts"
import { cancelRun } from "#lib/actions/cancel-run.ts"
import { clearRun } from "#lib/actions/clear-run.ts"
import { markRun } from "#lib/actions/mark-run.ts"
import { moveRunToNewest } from "#lib/actions/move-run.ts"
import { triggerRun } from "#lib/actions/trigger-run.ts"
import { undoMark } from "#lib/actions/undo-mark.ts"
import { pageOf, pageQuerySchema } from "#lib/contracts/api/common.ts"
import {
  bulkActionSchema,
  clearRunSchema,
  createRunSchema,
  markRunSchema,
  repinRunSchema,
  retryRunSchema,
  runListQuerySchema,
  taskRunListQuerySchema,
  undoMarkSchema,
} from "#lib/contracts/api/runs.ts"
import type { RunId } from "#lib/domain/ids.ts"
import { listRuns } from "#lib/store/read/list-runs.ts"
import { readRun } from "#lib/store/read/read-run.ts"
import { listRunEvents } from "#lib/store/read/run-events.ts"
import { listTaskRuns } from "#lib/store/read/task-runs.ts"
import type { Api } from "../api.ts"
import { BulkResult, idParams, RunDetail, RunEffect, RunEvent, RunSummary, TaskRun } from "../schemas.ts"

const tag = "Runs"

/** Runs: list, start, look at, stop and run again. */
export function runRoutes(api: Api): void {
  api.json(
    {
      method: "get",
      path: "/runs",
      permission: "runs.read",
      tag,
      summary: "Runs, newest first",
      query: runListQuerySchema,
      answer: pageOf(RunSummary),
    },
    ({ store, query }) => listRuns(store.pool, query),
  )

  api.json(
    {
      method: "post",
      path: "/runs",
      permission: "runs.operate",
      tag,
      summary: "Start a run",
      description:
        "A manual run is unique by pipeline and logical time: asked for twice, the second answer is the first one's run.",
      body: createRunSchema,
      answer: RunDetail,
      creates: () => true,
    },
    async ({ store, body, actor, now }) => {
      const { runId } = await triggerRun(store, { ...toRequest(body, now), kind: "manual", actor: actor.name })
      return readRun(store.pool, runId)
    },
  )

  api.json(
    {
      method: "get",
      path: "/runs/{id}",
      permission: "runs.read",
      tag,
      summary: "A run with its task runs",
      params: idParams,
      answer: RunDetail,
    },
    ({ store, params }) => readRun(store.pool, params.id),
  )

  api.json(
    {
      method: "get",
      path: "/runs/{id}/task-runs",
      permission: "runs.read",
      tag,
      summary: "Task runs of a run, page by page, the instances of mapped tasks among them",
      description:
        "In the order of tasks and items. With `taskId` the instances of that mapped task alone; `mapIndex=-1` gives the task itself.",
      params: idParams,
      query: taskRunListQuerySchema,
      answer: pageOf(TaskRun),
    },
    ({ store, params, query }) => listTaskRuns(store.pool, params.id, query),
  )

  api.json(
    {
      method: "get",
      path: "/runs/{id}/events",
      permission: "runs.read",
      tag,
      summary: "What happened to a run and who did it, oldest first",
      params: idParams,
      query: pageQuerySchema,
      answer: pageOf(RunEvent),
    },
    ({ store, params, query }) => listRunEvents(store.pool, { runId: params.id, ...query }),
  )

  api.json(
    {
      method: "post",
      path: "/runs/{id}/cancel",
      permission: "runs.operate",
      tag,
      summary: "Cancel a run",
      description: "What waits is cancelled at once; what runs is told to stop. Cancelling twice is fine.",
      params: idParams,
      answer: RunDetail,
    },
    async ({ store, params, actor }) => {
      await cancelRun(store, { runId: params.id as RunId, actor: actor.name })
      return readRun(store.pool, params.id)
    },
  )

  api.json(
    {
      method: "post",
      path: "/runs/{id}/retry",
      permission: "runs.operate",
      tag,
      summary: "Run the failed tasks of a run again, and what they blocked",
      params: idParams,
      body: retryRunSchema,
      answer: RunEffect,
    },
    ({ store, params, body, actor }) =>
      clearRun(store, {
        runId: params.id as RunId,
        taskIds: [],
        includeDownstream: true,
        version: body.version,
        dryRun: body.dryRun,
        actor: actor.name,
      }),
  )

  api.json(
    {
      method: "post",
      path: "/runs/{id}/clear",
      permission: "runs.operate",
      tag,
      summary: "Run named tasks of a run again, with or without what follows them",
      params: idParams,
      body: clearRunSchema,
      answer: RunEffect,
    },
    ({ store, params, body: { mapIndexes, ...body }, actor }) =>
      clearRun(store, { runId: params.id as RunId, ...body, ...(mapIndexes && { mapIndexes }), actor: actor.name }),
  )

  api.json(
    {
      method: "post",
      path: "/runs/{id}/mark",
      permission: "runs.operate",
      tag,
      summary: "Set the outcome of tasks of a run, or of the whole run, by hand",
      params: idParams,
      body: markRunSchema,
      answer: RunEffect,
    },
    ({ store, params, body, actor }) => markRun(store, { runId: params.id as RunId, ...body, actor: actor.name }),
  )

  api.json(
    {
      method: "post",
      path: "/runs/{id}/mark/undo",
      permission: "runs.operate",
      tag,
      summary: "Take a mark back, as long as nothing that it concerns has moved on",
      params: idParams,
      body: undoMarkSchema,
      answer: RunEffect,
    },
    ({ store, params, body, actor }) => undoMark(store, { runId: params.id as RunId, ...body, actor: actor.name }),
  )

  api.json(
    {
      method: "post",
      path: "/runs/{id}/repin",
      permission: "runs.operate",
      tag,
      summary: "Move an ended run to the newest version of the code, without running again what is done",
      params: idParams,
      body: repinRunSchema,
      answer: RunEffect,
    },
    ({ store, params, body, actor }) =>
      moveRunToNewest(store, { runId: params.id as RunId, ...body, actor: actor.name }),
  )

  api.json(
    {
      method: "post",
      path: "/runs/bulk",
      permission: "runs.operate",
      tag,
      summary: "Do the same to many runs",
      description:
        "One transaction a run: what cannot be done to one of them is said for that one and stops none of the others.",
      body: bulkActionSchema,
      answer: BulkResult,
    },
    ({ store, body, actor }) => actOnRuns(store, { ...body, runIds: body.runIds as RunId[], actor: actor.name }),
  )
}

function toRequest(body: z.output<typeof createRunSchema>, now: Date) {
  return {
    pipelineId: body.pipelineId,
    params: body.params,
    logicalAt: body.logicalAt ? new Date(body.logicalAt) : now,
    ...(body.intervalStart ? { intervalStart: new Date(body.intervalStart) } : {}),
    ...(body.intervalEnd ? { intervalEnd: new Date(body.intervalEnd) } : {}),
    ...(body.staticKey ? { staticKey: body.staticKey } : {}),
    ...(body.note ? { note: body.note } : {}),
  }
}
