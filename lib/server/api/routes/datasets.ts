import { z } from "@hono/zod-openapi"
import { pageOf } from "#lib/contracts/api/common.ts"
import { datasetVersionsQuerySchema } from "#lib/contracts/api/dataset-versions.ts"
import { checkResultQuerySchema } from "#lib/contracts/api/datasets.ts"
import { asOfQuerySchema } from "#lib/contracts/api/lineage.ts"
import { listDatasetVersions, readDatasetVersion } from "#lib/server/catalogue/dataset-versions.ts"
import { listCatalogue, readCatalogueEntry } from "#lib/server/catalogue/describe-datasets.ts"
import { listCheckResults } from "#lib/store/read/check-results.ts"
import type { Api } from "../api.ts"
import {
  CheckResult,
  DatasetDetail,
  DatasetSummary,
  DatasetVersion,
  DatasetVersionSummary,
  namePageQuery,
  nameParams,
} from "../schemas.ts"

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
      path: "/datasets/{id}/versions",
      permission: "datasets.read",
      tag,
      summary: "Versions in which a dataset's document or lineage changed, newest first",
      description:
        "Of the pipelines that build it, or that read it where none does. Empty for what no project describes and no query makes.",
      params: nameParams,
      query: datasetVersionsQuerySchema,
      answer: pageOf(DatasetVersionSummary),
    },
    ({ store, params, query }) => listDatasetVersions(store.pool, params.id, query),
  )

  api.json(
    {
      method: "get",
      path: "/datasets/{id}/versions/{version}",
      permission: "datasets.read",
      tag,
      summary: "A dataset as of a version: document, columns, SQL and what it is made from",
      description: "`pipeline` names whose version it is, where that is another than the one that builds the dataset.",
      params: nameParams.extend({ version: z.coerce.number().int().min(1).max(2_147_483_647) }),
      query: asOfQuerySchema,
      answer: DatasetVersion,
    },
    ({ store, params, query }) => readDatasetVersion(store.pool, { ...params, ...query }),
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
