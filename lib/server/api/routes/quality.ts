import { currentCheckQuerySchema } from "#lib/contracts/api/quality.ts"
import { describeExpectations } from "#lib/contracts/expectations/describe.ts"
import { readFailingRows } from "#lib/store/read/check-results.ts"
import { listCurrentChecks, listQuality, readScoreHistory } from "#lib/store/read/quality.ts"
import type { Api } from "../api.ts"
import {
  CurrentCheckPage,
  DatasetQualityPage,
  ExpectationKinds,
  FailingRows,
  idParams,
  namePageQuery,
  nameParams,
  ScoreHistory,
} from "../schemas.ts"

const tag = "Quality"

/** How good datasets are, which checks fail, and what may be expected. */
export function qualityRoutes(api: Api): void {
  api.json(
    {
      method: "get",
      path: "/quality",
      permission: "quality.read",
      tag,
      summary: "Datasets with their scores by dimension and what fails, by name",
      query: namePageQuery,
      answer: DatasetQualityPage,
    },
    ({ store, query }) => listQuality(store.pool, query),
  )

  api.json(
    {
      method: "get",
      path: "/quality/checks",
      permission: "quality.read",
      tag,
      summary: "The newest result of each check that fails, or of all, newest first",
      query: currentCheckQuerySchema,
      answer: CurrentCheckPage,
    },
    ({ store, query }) => listCurrentChecks(store.pool, query),
  )

  api.json(
    {
      method: "get",
      path: "/datasets/{id}/scores",
      permission: "quality.read",
      tag,
      summary: "Scores of a dataset over time by dimension, and their weights",
      params: nameParams,
      answer: ScoreHistory,
    },
    ({ store, params }) => readScoreHistory(store.pool, params.id),
  )

  api.json(
    {
      method: "get",
      path: "/check-results/{id}/rows",
      permission: "rows.read",
      tag,
      summary: "Some of the rows that a check found failing",
      description: "Keys and the values that the check is about, at most 5 rows. Sensitive columns are masked.",
      params: idParams,
      answer: FailingRows,
    },
    async ({ store, params }) => ({ rows: await readFailingRows(store.pool, params.id) }),
  )

  api.json(
    {
      method: "get",
      path: "/expectations",
      permission: "quality.read",
      tag,
      summary: "Kinds of expectations with their options and examples",
      answer: ExpectationKinds,
    },
    async () => ({ items: describeExpectations() }),
  )
}
