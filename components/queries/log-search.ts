import { infiniteQueryOptions } from "@tanstack/react-query"
import type { LogSearchPage, LogSearchQuery } from "#lib/contracts/api/log-search.ts"
import { getJson } from "./client.ts"

/** Below this a search would find nearly every line. */
export const MIN_SEARCH_LENGTH = 2

/** Attempts whose logs have a text, newest first; each page reads further back. Logs of a moment ago are found by asking again. */
export const logSearchQuery = (query: Omit<LogSearchQuery, "cursor" | "limit">) =>
  infiniteQueryOptions({
    queryKey: ["logs", "search", query] as const,
    queryFn: ({ pageParam, signal }) => getJson<LogSearchPage>("/logs/search", { ...query, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    enabled: query.q.trim().length >= MIN_SEARCH_LENGTH,
    // Half a second of reading a page: what was searched is not searched again for looking at it.
    staleTime: 60_000,
    retry: false,
  })
