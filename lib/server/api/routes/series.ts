import { callAnomalyFine, undoAnomalyFine } from "#lib/actions/call-anomaly-fine.ts"
import { pageOf } from "#lib/contracts/api/common.ts"
import { anomalyQuerySchema, callFineSchema, seriesQuerySchema } from "#lib/contracts/api/series.ts"
import { listAnomalies, readAnomaly } from "#lib/store/read/anomalies.ts"
import { readDatasetSchema } from "#lib/store/read/dataset-schema.ts"
import { listSeries, readSeries } from "#lib/store/read/series.ts"
import type { Api } from "../api.ts"
import { Anomaly, DatasetSchema, idParams, nameParams, Series, SeriesList } from "../schemas.ts"

const tag = "Anomalies"

/** What was measured of datasets, what of it is unusual, and what people say of that. */
export function seriesRoutes(api: Api): void {
  api.json(
    {
      method: "get",
      path: "/datasets/{id}/measurements",
      permission: "quality.read",
      tag,
      summary: "What is measured of a dataset",
      params: nameParams,
      answer: SeriesList,
    },
    ({ store, params }) => listSeries(store.pool, params.id),
  )

  api.json(
    {
      method: "get",
      path: "/datasets/{id}/series",
      permission: "quality.read",
      tag,
      summary: "One series of measurements, with the band each was judged by and the next one",
      description:
        "`kind` is `table` for what is measured of the table as a whole, `partitions` for what each partition brought, `key` for partitions without time; `key` names the fixed key of the last two.",
      params: nameParams,
      query: seriesQuerySchema,
      answer: Series,
    },
    ({ store, params, query }) => readSeries(store.pool, params.id, query),
  )

  api.json(
    {
      method: "get",
      path: "/datasets/{id}/schema",
      permission: "quality.read",
      tag: "Datasets",
      summary: "A dataset's columns against its contract, and how they changed",
      params: nameParams,
      answer: DatasetSchema,
    },
    ({ store, params }) => readDatasetSchema(store.pool, params.id),
  )

  api.json(
    {
      method: "get",
      path: "/anomalies",
      permission: "quality.read",
      tag,
      summary: "Measurements outside of their expected band, newest first",
      query: anomalyQuerySchema,
      answer: pageOf(Anomaly),
    },
    ({ store, query }) => listAnomalies(store.pool, query),
  )

  api.json(
    {
      method: "get",
      path: "/anomalies/{id}",
      permission: "quality.read",
      tag,
      summary: "One anomaly",
      params: idParams,
      answer: Anomaly,
    },
    ({ store, params }) => readAnomaly(store.pool, params.id),
  )

  api.json(
    {
      method: "post",
      path: "/anomalies/{id}/fine",
      permission: "quality.operate",
      tag,
      summary: "Say that an anomaly is fine",
      description:
        "`point`: such values happen, and the band reaches as far from now on. `shift`: from here on the level is another. Later measurements are judged again with that.",
      params: idParams,
      body: callFineSchema,
      answer: Anomaly,
    },
    async ({ store, params, body, actor }) => {
      await callAnomalyFine(store, params.id, { ...body, actor: actor.name })
      return readAnomaly(store.pool, params.id)
    },
  )

  api.json(
    {
      method: "post",
      path: "/anomalies/{id}/undo",
      permission: "quality.operate",
      tag,
      summary: "Take back that an anomaly is fine",
      params: idParams,
      answer: Anomaly,
    },
    async ({ store, params, actor }) => {
      await undoAnomalyFine(store, params.id, actor.name)
      return readAnomaly(store.pool, params.id)
    },
  )
}
