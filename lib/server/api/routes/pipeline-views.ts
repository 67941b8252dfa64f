import { z } from "@hono/zod-openapi"
import { calendarQuerySchema, gridQuerySchema } from "#lib/contracts/api/pipeline-views.ts"
import { readCalendar } from "#lib/store/read/calendar.ts"
import { readGrid } from "#lib/store/read/grid.ts"
import { readTaskHistory } from "#lib/store/read/task-history.ts"
import type { Api } from "../api.ts"
import { nameParams, PipelineCalendar, PipelineGrid, TaskHistory } from "../schemas.ts"

const tag = "Pipelines"

/** A pipeline's runs side by side: as a grid, as a year, and one task through them. */
export function pipelineViewRoutes(api: Api): void {
  api.json(
    {
      method: "get",
      path: "/pipelines/{id}/grid",
      permission: "runs.read",
      tag,
      summary: "States of all tasks in the newest runs, one text a run",
      params: nameParams,
      query: gridQuerySchema,
      answer: PipelineGrid,
    },
    ({ store, params, query }) => readGrid(store.pool, params.id, query),
  )

  api.json(
    {
      method: "get",
      path: "/pipelines/{id}/calendar",
      permission: "runs.read",
      tag,
      summary: "A year of runs, by days of the pipeline's zone",
      params: nameParams,
      query: calendarQuerySchema,
      answer: PipelineCalendar,
    },
    ({ store, params, query, now }) => readCalendar(store.pool, params.id, { year: query.year, now }),
  )

  api.json(
    {
      method: "get",
      path: "/pipelines/{id}/tasks/{taskId}/history",
      permission: "runs.read",
      tag,
      summary: "What became of a task in its newest runs",
      params: nameParams.extend({ taskId: z.string().min(1).max(300) }),
      query: z.object({ limit: z.coerce.number().int().min(1).max(200).default(50) }),
      answer: TaskHistory,
    },
    async ({ store, params, query }) => ({
      items: await readTaskHistory(store.pool, { pipelineId: params.id, taskId: params.taskId, limit: query.limit }),
    }),
  )
}
