"use client"
import { useQuery } from "@tanstack/react-query"
import { adviceFor } from "../queries/client.ts"
import { datasetSampleQuery } from "../queries/datasets.ts"
import { Button } from "../ui/button.tsx"
import { EmptyState } from "../ui/empty-state.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { SkeletonRows } from "../ui/skeleton.tsx"
import { RowsTable } from "./rows-table.tsx"

/** A few rows as they are now, with personal data masked. */
export function SampleTab({ id }: { id: string }) {
  const { data, error, isFetching, refetch } = useQuery(datasetSampleQuery(id))
  if (error && !data) {
    return <ErrorState title="No rows could be read" message={adviceFor(error)} onRetry={() => void refetch()} />
  }
  if (!data) return <SkeletonRows label="Reading rows" />
  if (!data.exists) {
    return (
      <EmptyState title="There is no such table in the warehouse">
        Run what builds it; its rows can be looked at here then.
      </EmptyState>
    )
  }
  if (data.rows.length === 0)
    return <EmptyState title="The table has no rows">It has {data.columns.length} columns.</EmptyState>
  const masked = data.columns.filter(({ maskedBy }) => maskedBy !== null).length
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex min-h-10 flex-none flex-wrap items-center gap-x-4 border-line border-b px-6 py-1 text-t2 max-sm:px-4">
        <span>
          {data.isCut ? `The first ${data.rows.length} rows, in no order` : `All ${data.rows.length} rows`}
          {masked > 0 && `; ${masked} of ${data.columns.length} columns masked`}
        </span>
        <Button size="sm" icon="retry" className="ml-auto" disabled={isFetching} onClick={() => void refetch()}>
          Read again
        </Button>
      </div>
      <RowsTable label="Sample rows" columns={data.columns} rows={data.rows} />
    </div>
  )
}
