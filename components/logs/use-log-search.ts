"use client"
import { useInfiniteQuery } from "@tanstack/react-query"
import { useDeferredValue } from "react"
import type { LogPage } from "#lib/contracts/api/runs.ts"
import { getJson } from "../queries/client.ts"
import type { LogLevel } from "./use-log.ts"

/** Matches fetched at once; enough to step through, and their count is exact however many there are. */
const STEP = 500

export interface LogSearch {
  /** Matches in the whole log; null while unknown or without a query. */
  count: number | null
  /** Numbers of the matching lines, as far as they were fetched. */
  lines: readonly number[]
  isSearching: boolean
  fetchMore(): void
}

/** Searches the whole log on the server. `version` changes when a live log grew by enough to search again. */
export function useLogSearch(attemptId: string, text: string, level: LogLevel | null, version: number): LogSearch {
  const q = useDeferredValue(text.trim())
  const search = useInfiniteQuery({
    queryKey: ["log-search", attemptId, q, level, version],
    queryFn: ({ pageParam, signal }) =>
      getJson<LogPage>(`/attempts/${attemptId}/logs`, { q, level, from: pageParam, limit: STEP }, signal),
    initialPageParam: 1,
    getNextPageParam: (page) => (page.lines.length < STEP ? undefined : page.lines.at(-1)!.line + 1),
    enabled: q !== "",
    placeholderData: (before) => before,
    staleTime: Number.POSITIVE_INFINITY,
  })
  const pages = q === "" ? [] : (search.data?.pages ?? [])
  return {
    count: pages[0]?.matches ?? null,
    lines: pages.flatMap((page) => page.lines.map((line) => line.line)),
    isSearching: q !== "" && search.isFetching,
    fetchMore: () => {
      if (search.hasNextPage && !search.isFetchingNextPage) void search.fetchNextPage()
    },
  }
}
