"use client"
import { useQuery } from "@tanstack/react-query"
import { CheckTable } from "../datasets/check-table.tsx"
import { adviceFor } from "../queries/client.ts"
import { EmptyState } from "../ui/empty-state.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { Link } from "../ui/link.tsx"
import { SkeletonRows } from "../ui/skeleton.tsx"
import { runChecksQuery } from "./check-results-query.ts"

/** Results of the checks that this run did, by dataset, those with failures first. */
export function RunChecks({ runId }: { runId: string }) {
  const { data, error, refetch } = useQuery(runChecksQuery(runId))
  if (!data) {
    return error ? (
      <ErrorState
        title="The check results could not be read"
        message={adviceFor(error)}
        onRetry={() => void refetch()}
      />
    ) : (
      <SkeletonRows label="Reading check results" />
    )
  }
  if (data.length === 0) {
    return (
      <EmptyState title="No check ran">
        Tasks made with <code>checks(…)</code> leave their results here: what was checked, how many rows failed, and
        why.
      </EmptyState>
    )
  }
  const datasets = Map.groupBy(data, (check) => check.dataset)
  const ordered = [...datasets].toSorted(([, a], [, b]) => failing(b) - failing(a))
  return (
    <div className="min-h-0 flex-1 overflow-auto pb-4">
      {ordered.map(([dataset, checks]) => (
        <section key={dataset} aria-label={dataset}>
          <h2 className="flex items-center gap-2 px-6 pt-4 pb-1 max-sm:px-4">
            <Link href={`/datasets/${encodeURIComponent(dataset)}`} className="hover:text-accent-t">
              {dataset}
            </Link>
            <span className="font-body text-t3">
              {failing(checks) === 0 ? `${checks.length} pass` : `${failing(checks)} of ${checks.length} failed`}
            </span>
          </h2>
          <CheckTable checks={checks} />
        </section>
      ))}
    </div>
  )
}

function failing(checks: readonly { passed: boolean }[]): number {
  return checks.filter((check) => !check.passed).length
}
