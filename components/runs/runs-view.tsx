"use client"
import { useInfiniteQuery, useQuery } from "@tanstack/react-query"
import { parseAsArrayOf, parseAsString, useQueryState, useQueryStates } from "nuqs"
import { useCallback, useMemo } from "react"
import { useNow } from "../format/now.ts"
import { adviceFor } from "../queries/client.ts"
import { pipelineListQuery } from "../queries/pipelines.ts"
import { runListQuery } from "../queries/runs.ts"
import { StaleNotice } from "../status/stale-notice.tsx"
import { Button } from "../ui/button.tsx"
import { EmptyState } from "../ui/empty-state.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { PageHeader } from "../ui/page-header.tsx"
import { SkeletonRows } from "../ui/skeleton.tsx"
import { useDebounced } from "../ui/use-debounced.ts"
import { BulkBar } from "./bulk-bar.tsx"
import { isFiltered, runFilterParsers, toRunQuery } from "./run-filter.ts"
import { RunTable } from "./run-table.tsx"
import { RunToolbar } from "./run-toolbar.tsx"

const chosenParser = parseAsArrayOf(parseAsString).withDefault([])

/** Every run, narrowed by what the address says. */
export function RunsView() {
  const [filter, setFilter] = useQueryStates(runFilterParsers, { history: "replace" })
  const now = useNow(60_000)
  const q = useDebounced(filter.q)
  const runs = useInfiniteQuery(runListQuery(toRunQuery({ ...filter, q }, now)))
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = runs
  const readMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])
  const items = runs.data?.pages.flatMap((page) => page.items)
  const [chosenIds, setChosenIds] = useQueryState("chosen", chosenParser)
  const selection = useMemo(
    () => ({
      ids: new Set(chosenIds),
      onChange: (ids: ReadonlySet<string>) => void setChosenIds(ids.size > 0 ? [...ids] : null),
    }),
    [chosenIds, setChosenIds],
  )
  // What a filter hides is not acted on.
  const chosen = items?.filter((run) => selection.ids.has(run.id)) ?? []

  return (
    <>
      <StaleNotice reading={runs} />
      <PageHeader
        title="Runs"
        beside={items && <span className="text-t3">{runs.hasNextPage ? `newest ${items.length}` : items.length}</span>}
      />
      <RunToolbar filter={filter} onChange={(change) => void setFilter(change)} />
      {runs.isError && !items ? (
        <ErrorState
          title="The runs could not be read"
          message={adviceFor(runs.error)}
          onRetry={() => void runs.refetch()}
        />
      ) : !items ? (
        <SkeletonRows label="Reading runs" rows={16} />
      ) : items.length > 0 ? (
        <>
          <BulkBar runs={chosen} onDone={() => void setChosenIds(null)} onClear={() => void setChosenIds(null)} />
          <RunTable
            runs={items}
            selection={selection}
            isDimmed={runs.isPlaceholderData || runs.isError}
            onReachEnd={readMore}
            isReadingMore={isFetchingNextPage}
          />
        </>
      ) : isFiltered(filter) ? (
        <EmptyState title="No run matches" action={<Button onClick={() => void setFilter(null)}>Show all runs</Button>}>
          No run fits this search and these filters.
        </EmptyState>
      ) : (
        <NoRuns />
      )}
    </>
  )
}

function NoRuns() {
  const pipelines = useQuery(pipelineListQuery()).data
  return (
    <EmptyState title="Nothing has run yet">
      {pipelines?.length === 0
        ? "There is no pipeline yet. Save one in the workspace and it appears under Pipelines."
        : "Runs appear here as soon as a schedule or a person starts one."}
    </EmptyState>
  )
}
