import { keepPreviousData, queryOptions } from "@tanstack/react-query"
import type {
  ColumnImpact,
  ColumnQuery,
  ColumnRef,
  ColumnTrail,
  LineageGraph,
  LineageQuery,
} from "#lib/contracts/api/lineage.ts"
import { getJson } from "./client.ts"
import { lineageKeys } from "./keys.ts"

/** Datasets around one, or all of them. The old ones stay while others are read. */
export const lineageGraphQuery = (query: Partial<LineageQuery>) =>
  queryOptions({
    queryKey: lineageKeys.graph(query),
    queryFn: ({ signal }) => getJson<LineageGraph>("/lineage", query, signal),
    placeholderData: keepPreviousData,
  })

/** Where a column's values come from and where they go. */
export const columnTrailQuery = (query: ColumnQuery) =>
  queryOptions({
    queryKey: lineageKeys.trail(query),
    queryFn: ({ signal }) => getJson<ColumnTrail>("/lineage/columns", query, signal),
  })

/** What breaks if a column goes. */
export const columnImpactQuery = ({ dataset, column }: ColumnRef) =>
  queryOptions({
    queryKey: lineageKeys.impact(dataset, column),
    queryFn: ({ signal }) =>
      getJson<ColumnImpact>(`/datasets/${encodeURIComponent(dataset)}/impact`, { column }, signal),
  })
