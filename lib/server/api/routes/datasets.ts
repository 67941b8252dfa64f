import { pageOf } from "#lib/contracts/api/common.ts"
import { checkResultQuerySchema } from "#lib/contracts/api/datasets.ts"
import { listCatalogue, readCatalogueEntry } from "#lib/server/catalogue/describe-datasets.ts"
import { listCheckResults } from "#lib/store/read/check-results.ts"
import type { Api } from "../api.ts"
import { CheckResult, DatasetDetail, DatasetSummary, namePageQuery, nameParams } from "../schemas.ts"

const tag = "Datasets"

/** Datasets and the results of their checks. */
export function datasetRoutes(api: Api): void {
  api.json(
    {
      method: "get",
      path: "/datasets",
      permission: "datasets.read",
      tag,
      summary: "Datasets by name: what they are, and their scores",
      query: namePageQuery,
      answer: pageOf(DatasetSummary),
    },
    ({ store, query }) => listCatalogue(store.pool, query),
  )

  api.json(
    {
      method: "get",
      path: "/datasets/{id}",
      permission: "datasets.read",
      tag,
      summary: "A dataset with its columns, tests, SQL, partitions, loads, checks and scores",
      params: nameParams,
      answer: DatasetDetail,
    },
    ({ store, params }) => readCatalogueEntry(store.pool, params.id),
  )

  api.json(
    {
      method: "get",
      path: "/check-results",
      permission: "datasets.read",
      tag,
      summary: "Results of checks, newest first",
      query: checkResultQuerySchema,
      answer: pageOf(CheckResult),
    },
    ({ store, query }) => listCheckResults(store.pool, query),
  )
}
