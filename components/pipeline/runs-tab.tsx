"use client"
import { useInfiniteQuery } from "@tanstack/react-query"
import { useCallback } from "react"
import { adviceFor } from "../queries/client.ts"
import { runListQuery } from "../queries/runs.ts"
import { RunTable } from "../runs/run-table.tsx"
import { Button } from "../ui/button.tsx"
import { EmptyState } from "../ui/empty-state.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { SkeletonRows } from "../ui/skeleton.tsx"

/** The pipeline's runs, newest first, page by page. */
export function RunsTab({ pipelineId, onRun }: { pipelineId: string; onRun: () => void }) {
  const runs = useInfiniteQuery(runListQuery({ pipelineId }))
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = runs
  const readMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])
  const items = runs.data?.pages.flatMap((page) => page.items)
  if (!items) {
    return runs.error ? (
      <ErrorState
        title="The runs could not be read"
        message={adviceFor(runs.error)}
        onRetry={() => void runs.refetch()}
      />
    ) : (
      <SkeletonRows label="Reading runs" />
    )
  }
  if (items.length === 0) {
    return (
      <EmptyState title="It has not run yet" action={<Button onClick={onRun}>Run now</Button>}>
        Runs appear here as soon as the schedule or a person starts one.
      </EmptyState>
    )
  }
  return <RunTable runs={items} isDimmed={runs.isError} onReachEnd={readMore} isReadingMore={isFetchingNextPage} />
}
