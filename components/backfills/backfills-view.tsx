"use client"
import { useQuery } from "@tanstack/react-query"
import { backfillListQuery } from "../queries/backfills.ts"
import { adviceFor } from "../queries/client.ts"
import { StaleNotice } from "../status/stale-notice.tsx"
import { ButtonLink } from "../ui/button.tsx"
import { EmptyState } from "../ui/empty-state.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { Icon } from "../ui/icon.tsx"
import { Link } from "../ui/link.tsx"
import { PageHeader } from "../ui/page-header.tsx"
import { SkeletonRows } from "../ui/skeleton.tsx"
import { BackfillTable } from "./backfill-table.tsx"

/** Every range that was or is being loaded again. */
export function BackfillsView() {
  const reading = useQuery(backfillListQuery())
  const { data, error, isError, refetch } = reading
  const start = (
    <ButtonLink variant="primary">
      <Link href="/backfills/new">
        <Icon name="plus" className="-ml-0.5" />
        New backfill
      </Link>
    </ButtonLink>
  )
  return (
    <>
      <StaleNotice reading={reading} />
      <PageHeader
        title="Backfills"
        beside={data && data.length > 0 && <span className="text-t3">{data.length}</span>}
        actions={data?.length === 0 ? undefined : start}
      />
      {isError && !data ? (
        <ErrorState title="The backfills could not be read" message={adviceFor(error)} onRetry={() => void refetch()} />
      ) : !data ? (
        <SkeletonRows label="Reading backfills" />
      ) : data.length > 0 ? (
        <BackfillTable backfills={data} isDimmed={isError} />
      ) : (
        <EmptyState title="No backfill yet" action={start}>
          A backfill loads a range of partitions again, or for the first time. It shows what it would do before it does
          anything, and leaves alone what is right.
        </EmptyState>
      )}
    </>
  )
}
