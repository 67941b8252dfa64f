import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query"
import type { Page } from "#lib/contracts/api/common.ts"
import type { CheckResult } from "#lib/contracts/api/datasets.ts"
import type { DatasetQuality, ExpectationKind, FailingRows, ScoreHistory } from "#lib/contracts/api/quality.ts"
import { getJson } from "./client.ts"
import { qualityKeys } from "./keys.ts"

/** All datasets that are checked; search, facets and order work on this one list. */
export const qualityListQuery = () =>
  queryOptions({
    queryKey: qualityKeys.list(),
    queryFn: async ({ signal }) => {
      const items: DatasetQuality[] = []
      let cursor: string | null = null
      do {
        const page: Page<DatasetQuality> = await getJson("/quality", { limit: 500, cursor }, signal)
        items.push(...page.items)
        cursor = page.nextCursor
      } while (cursor)
      return items
    },
  })

/** Checks whose newest result is a failure, page by page, newest first. */
export const failingChecksQuery = () =>
  infiniteQueryOptions({
    queryKey: qualityKeys.failing(),
    queryFn: ({ pageParam, signal }) =>
      getJson<Page<CheckResult>>("/quality/checks", { limit: 200, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  })

/** The newest results of one check of a dataset. */
export const checkHistoryQuery = (dataset: string, name: string) =>
  queryOptions({
    queryKey: qualityKeys.history(dataset, name),
    queryFn: ({ signal }) => getJson<Page<CheckResult>>("/check-results", { dataset, name, limit: 40 }, signal),
  })

/** Some of the rows that a check found failing. */
export const failingRowsQuery = (id: string) =>
  queryOptions({
    queryKey: qualityKeys.rows(id),
    queryFn: ({ signal }) => getJson<FailingRows>(`/check-results/${id}/rows`, {}, signal),
    staleTime: Number.POSITIVE_INFINITY,
  })

/** A dataset's scores over time. */
export const scoreHistoryQuery = (dataset: string) =>
  queryOptions({
    queryKey: qualityKeys.scores(dataset),
    queryFn: ({ signal }) => getJson<ScoreHistory>(`/datasets/${encodeURIComponent(dataset)}/scores`, {}, signal),
  })

/** What may be expected; it changes with Headrace alone. */
export const expectationKindsQuery = () =>
  queryOptions({
    queryKey: ["expectations"],
    queryFn: ({ signal }) => getJson<{ items: ExpectationKind[] }>("/expectations", {}, signal),
    staleTime: Number.POSITIVE_INFINITY,
  })
