"use client"
import { useInfiniteQuery } from "@tanstack/react-query"
import { useQueryStates } from "nuqs"
import type { LogSearchPage } from "#lib/contracts/api/log-search.ts"
import { formatExact, plural } from "../format/count.ts"
import { useNow } from "../format/now.ts"
import { Time } from "../format/time.tsx"
import { adviceFor } from "../queries/client.ts"
import { logSearchQuery, MIN_SEARCH_LENGTH } from "../queries/log-search.ts"
import { Button } from "../ui/button.tsx"
import { EmptyState } from "../ui/empty-state.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { PageHeader } from "../ui/page-header.tsx"
import { SkeletonRows } from "../ui/skeleton.tsx"
import { useDebounced } from "../ui/use-debounced.ts"
import { HitGroup } from "./hit-group.tsx"
import { searchParsers, toSearchQuery } from "./search-filter.ts"
import { SearchToolbar } from "./search-toolbar.tsx"

/** Finds a text in the logs of all tasks, newest first, and says how far back it looked. */
export function LogSearchView() {
  const [filter, setFilter] = useQueryStates(searchParsers, { history: "replace" })
  const q = useDebounced(filter.q, 400)
  const now = useNow(60_000)
  const query = toSearchQuery({ ...filter, q }, now)
  // Before the clock is known there is no range.
  const found = useInfiniteQuery(logSearchQuery(now === 0 ? { ...query, q: "" } : query))
  const pages = found.data?.pages ?? []
  const hits = pages.flatMap(({ items }) => items)
  const isAsked = query.q.length >= MIN_SEARCH_LENGTH
  return (
    <>
      <PageHeader title="Log search" />
      <SearchToolbar filter={filter} onChange={(change) => void setFilter(change)} />
      <div className="min-h-0 flex-1 overflow-auto border-line border-t">
        {!isAsked ? (
          <EmptyState title="Search the logs of all tasks">
            Part of a line, or of what a failure said: an error, a table, an id. Two characters at least; upper and
            lower case are the same.
          </EmptyState>
        ) : found.isError && pages.length === 0 ? (
          <ErrorState
            title="The logs could not be searched"
            message={adviceFor(found.error)}
            onRetry={() => void found.refetch()}
          />
        ) : found.isPending ? (
          <SkeletonRows label="Searching logs" rows={8} />
        ) : (
          <>
            {hits.length === 0 && (
              <EmptyState title="No line has this text">
                {found.hasNextPage
                  ? "Not in what was searched so far."
                  : "Try another word, a lower level, or a longer time."}
              </EmptyState>
            )}
            <ol aria-label="Found">
              {hits.map((hit) => (
                <li key={hit.attemptId}>
                  <HitGroup hit={hit} query={query.q} />
                </li>
              ))}
            </ol>
            <Searched pages={pages} />
            {found.isError && <ErrorState title="The search broke off" message={adviceFor(found.error)} />}
            {found.hasNextPage && (
              <div className="px-6 pb-6 max-sm:px-4">
                <Button disabled={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
                  {found.isFetchingNextPage ? "Searching…" : "Search further back"}
                </Button>
              </div>
            )}
          </>
        )}
      </div>
    </>
  )
}

/** What was looked at so far. */
function Searched({ pages }: { pages: readonly LogSearchPage[] }) {
  const sum = (key: "lines" | "attempts") => pages.reduce((total, { searched }) => total + searched[key], 0)
  const backTo = pages.findLast(({ searched }) => searched.backTo !== null)?.searched.backTo ?? null
  return (
    <p role="status" className="px-6 py-3 text-t2 max-sm:px-4">
      Searched {formatExact(sum("lines"))} {sum("lines") === 1 ? "line" : "lines"} in{" "}
      {plural(sum("attempts"), "attempt")}
      {backTo && (
        <>
          {" "}
          back to <Time at={backTo} />
        </>
      )}
      {pages.at(-1)?.nextCursor === null && ", all of this time"}.
    </p>
  )
}
