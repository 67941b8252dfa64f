import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query"
import type { Page } from "#lib/contracts/api/common.ts"
import type { DatasetVersion, DatasetVersionSummary, Moment } from "#lib/contracts/api/dataset-versions.ts"
import type { DatasetDetail, DatasetSummary } from "#lib/contracts/api/datasets.ts"
import type { DatasetSample, HistoryKeys, RowVersions, TableAsOf } from "#lib/contracts/api/samples.ts"
import { getJson } from "./client.ts"
import { datasetKeys } from "./keys.ts"

/** All datasets; search and facets work on this one list. */
export const datasetListQuery = () =>
  queryOptions({
    queryKey: datasetKeys.list(),
    queryFn: async ({ signal }) => {
      const items: DatasetSummary[] = []
      let cursor: string | null = null
      do {
        const page: Page<DatasetSummary> = await getJson("/datasets", { limit: 500, cursor }, signal)
        items.push(...page.items)
        cursor = page.nextCursor
      } while (cursor)
      return items
    },
  })

/** One dataset with its columns, partitions, checks and loads. */
export const datasetDetailQuery = (id: string) =>
  queryOptions({
    queryKey: datasetKeys.detail(id),
    queryFn: ({ signal }) => getJson<DatasetDetail>(`/datasets/${encodeURIComponent(id)}`, {}, signal),
  })

/** The versions in which it changed, newest first, page by page. */
export const datasetVersionsQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: datasetKeys.changes(id),
    queryFn: ({ pageParam, signal }) =>
      getJson<Page<DatasetVersionSummary>>(
        `/datasets/${encodeURIComponent(id)}/versions`,
        { limit: 50, cursor: pageParam },
        signal,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  })

/** One dataset as of a version. */
export const datasetVersionQuery = (id: string, { pipelineId, version }: Moment) =>
  queryOptions({
    queryKey: datasetKeys.past(id, { pipelineId, version }),
    queryFn: ({ signal }) =>
      getJson<DatasetVersion>(
        `/datasets/${encodeURIComponent(id)}/versions/${version}`,
        { pipeline: pipelineId },
        signal,
      ),
  })

/** A few rows, as the warehouse has them now. */
export const datasetSampleQuery = (id: string) =>
  queryOptions({
    queryKey: datasetKeys.sample(id),
    queryFn: ({ signal }) => getJson<DatasetSample>(`/datasets/${encodeURIComponent(id)}/sample`, {}, signal),
    retry: false,
  })

/** Keys of a dataset that keeps versions of its rows, those that begin with `q`. */
export const historyKeysQuery = (id: string, q: string) =>
  queryOptions({
    queryKey: datasetKeys.historyKeys(id, q),
    queryFn: ({ signal }) => getJson<HistoryKeys>(`/datasets/${encodeURIComponent(id)}/history/keys`, { q }, signal),
    placeholderData: keepPreviousData,
    retry: false,
  })

/** The versions of one row. */
export const rowVersionsQuery = (id: string, key: string) =>
  queryOptions({
    queryKey: datasetKeys.versions(id, key),
    queryFn: ({ signal }) =>
      getJson<RowVersions>(`/datasets/${encodeURIComponent(id)}/history/versions`, { key }, signal),
    retry: false,
  })

/** The table as it was at an instant. */
export const tableAsOfQuery = (id: string, at: string) =>
  queryOptions({
    queryKey: datasetKeys.asOf(id, at),
    queryFn: ({ signal }) => getJson<TableAsOf>(`/datasets/${encodeURIComponent(id)}/history/table`, { at }, signal),
    placeholderData: keepPreviousData,
    retry: false,
  })
