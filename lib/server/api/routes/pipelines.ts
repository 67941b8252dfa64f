import { z } from "@hono/zod-openapi"
import { setPipelinePaused } from "#lib/actions/set-pipeline-paused.ts"
import { pageOf, pageQuerySchema } from "#lib/contracts/api/common.ts"
import { nextRunsQuerySchema, updatePipelineSchema } from "#lib/contracts/api/pipelines.ts"
import { readNextRuns } from "#lib/store/read/next-runs.ts"
import { listPipelines, readPipeline } from "#lib/store/read/pipelines.ts"
import { listVersions, readVersionDetail } from "#lib/store/read/versions.ts"
import type { Api } from "../api.ts"
import {
  NextRuns,
  namePageQuery,
  nameParams,
  PipelineDetail,
  PipelineSummary,
  VersionDetail,
  VersionSummary,
} from "../schemas.ts"

const tag = "Pipelines"

/** Pipelines and their versions. */
export function pipelineRoutes(api: Api): void {
  api.json(
    {
      method: "get",
      path: "/pipelines",
      permission: "pipelines.read",
      tag,
      summary: "Pipelines by name, with their last 30 runs",
      query: namePageQuery,
      answer: pageOf(PipelineSummary),
    },
    ({ store, query }) => listPipelines(store.pool, query),
  )

  api.json(
    {
      method: "get",
      path: "/pipelines/{id}",
      permission: "pipelines.read",
      tag,
      summary: "A pipeline with its manifest",
      params: nameParams,
      answer: PipelineDetail,
    },
    ({ store, params, now }) => readPipeline(store.pool, params.id, now),
  )

  api.json(
    {
      method: "patch",
      path: "/pipelines/{id}",
      permission: "pipelines.operate",
      tag,
      summary: "Pause or resume a pipeline's schedule",
      params: nameParams,
      body: updatePipelineSchema,
      answer: PipelineDetail,
    },
    async ({ store, params, body, actor, now }) => {
      await setPipelinePaused(store, { pipelineId: params.id, isPaused: body.isPaused, actor: actor.name })
      return readPipeline(store.pool, params.id, now)
    },
  )

  api.json(
    {
      method: "get",
      path: "/pipelines/{id}/next-runs",
      permission: "pipelines.read",
      tag,
      summary: "What a pipeline's schedules start next, with remarks on clock changes and days off",
      params: nameParams,
      query: nextRunsQuerySchema,
      answer: NextRuns,
    },
    ({ store, params, query, now }) =>
      readNextRuns(store.pool, {
        pipelineId: params.id,
        count: query.count,
        from: query.from ? new Date(query.from) : now,
      }),
  )

  api.json(
    {
      method: "get",
      path: "/pipelines/{id}/versions",
      permission: "pipelines.read",
      tag,
      summary: "Versions of a pipeline, newest first",
      params: nameParams,
      query: pageQuerySchema,
      answer: pageOf(VersionSummary),
    },
    ({ store, params, query }) => listVersions(store.pool, { pipelineId: params.id, ...query }),
  )

  api.json(
    {
      method: "get",
      path: "/pipelines/{id}/versions/{version}",
      permission: "code.read",
      tag,
      summary: "One version with its manifest and files",
      params: nameParams.extend({ version: z.coerce.number().int().min(1).max(2_147_483_647) }),
      answer: VersionDetail,
    },
    ({ store, params }) => readVersionDetail(store.pool, params.id, params.version),
  )
}
