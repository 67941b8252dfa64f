import { queryOptions } from "@tanstack/react-query"
import type { Page } from "#lib/contracts/api/common.ts"
import type { DatasetDetail, DatasetSummary } from "#lib/contracts/api/datasets.ts"
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
