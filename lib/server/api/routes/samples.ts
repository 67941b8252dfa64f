import {
  historyKeysQuerySchema,
  rowVersionsQuerySchema,
  sampleQuerySchema,
  tableAsOfQuerySchema,
} from "#lib/contracts/api/samples.ts"
import { readHistoryKeys, readRowVersions, readTableAsOf } from "#lib/server/catalogue/read-history.ts"
import { readSample } from "#lib/server/catalogue/read-sample.ts"
import type { Api } from "../api.ts"
import { DatasetSample, HistoryKeys, nameParams, RowVersions, TableAsOf } from "../schemas.ts"

const tag = "Datasets"
const masked = "Columns with a tag pii or sensitive, set or inherited, are masked."

/** Rows of the warehouse, for people who look at a dataset. Bounded in number and time, and masked. */
export function sampleRoutes(api: Api): void {
  const { warehouse } = api.dependencies

  api.json(
    {
      method: "get",
      path: "/datasets/{id}/sample",
      permission: "rows.read",
      tag,
      summary: "A few rows",
      description: masked,
      params: nameParams,
      query: sampleQuerySchema,
      answer: DatasetSample,
    },
    async ({ store, params, query }) =>
      readSample({ pool: store.pool, warehouse: await warehouse(), id: params.id }, query.limit),
  )

  api.json(
    {
      method: "get",
      path: "/datasets/{id}/history/keys",
      permission: "rows.read",
      tag,
      summary: "Keys of a dataset that keeps versions of its rows",
      params: nameParams,
      query: historyKeysQuerySchema,
      answer: HistoryKeys,
    },
    async ({ store, params, query }) =>
      readHistoryKeys({ pool: store.pool, warehouse: await warehouse(), id: params.id }, query.q),
  )

  api.json(
    {
      method: "get",
      path: "/datasets/{id}/history/versions",
      permission: "rows.read",
      tag,
      summary: "The versions of one row, and what changed from each to the next",
      description: masked,
      params: nameParams,
      query: rowVersionsQuerySchema,
      answer: RowVersions,
    },
    async ({ store, params, query }) =>
      readRowVersions({ pool: store.pool, warehouse: await warehouse(), id: params.id }, query.key),
  )

  api.json(
    {
      method: "get",
      path: "/datasets/{id}/history/table",
      permission: "rows.read",
      tag,
      summary: "The table as it was at an instant",
      description: masked,
      params: nameParams,
      query: tableAsOfQuerySchema,
      answer: TableAsOf,
    },
    async ({ store, params, query }) =>
      readTableAsOf({ pool: store.pool, warehouse: await warehouse(), id: params.id }, query.at),
  )
}
