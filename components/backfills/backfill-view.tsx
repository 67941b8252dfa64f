"use client"
import { useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import type { Backfill } from "#lib/contracts/api/backfills.ts"
import { RelativeTime, Time } from "../format/time.tsx"
import { backfillDetailQuery } from "../queries/backfills.ts"
import { adviceFor, isNotFound } from "../queries/client.ts"
import { StaleNotice } from "../status/stale-notice.tsx"
import { StatusBadge } from "../status/status.tsx"
import { ButtonLink } from "../ui/button.tsx"
import { MetaRow } from "../ui/card.tsx"
import { EmptyState } from "../ui/empty-state.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { StateIcon } from "../ui/icon.tsx"
import { Link } from "../ui/link.tsx"
import { Lead, PageHeader } from "../ui/page-header.tsx"
import { SkeletonRows } from "../ui/skeleton.tsx"
import { AtOnce, CancelButton, PauseButton, Priority, priorityWords, RerunButton } from "./backfill-actions.tsx"
import { BackfillPartitions } from "./backfill-partitions.tsx"
import { rangeOf, SELECTION_WORDS } from "./backfill-words.ts"

/** One backfill while and after it runs. */
export function BackfillView({ id }: { id: string }) {
  const reading = useQuery({
    ...backfillDetailQuery(id),
    refetchInterval: (query) => (query.state.data?.state === "running" ? 10_000 : false),
  })
  const { data, error, isError, refetch } = reading
  if (isError && !data) {
    return (
      <>
        <PageHeader title={`Backfill ${id}`} />
        {isNotFound(error) ? (
          <EmptyState
            title="There is no such backfill"
            action={
              <ButtonLink>
                <Link href="/backfills">All backfills</Link>
              </ButtonLink>
            }
          />
        ) : (
          <ErrorState
            title="The backfill could not be read"
            message={adviceFor(error)}
            onRetry={() => void refetch()}
          />
        )}
      </>
    )
  }
  if (!data) {
    return (
      <>
        <PageHeader title={`Backfill ${id}`} />
        <SkeletonRows label="Reading the backfill" />
      </>
    )
  }
  return (
    <>
      <StaleNotice reading={reading} />
      <Header backfill={data} />
      {data.pauseReason && (
        <p
          role="status"
          data-s="at_risk"
          className="flex flex-none items-center gap-2 bg-cb px-6 py-1.5 text-ct max-sm:px-4"
        >
          <StateIcon name="at_risk" />
          <span>Paused itself: {data.pauseReason} Mend the pipeline, then resume; what is loaded stays.</span>
        </p>
      )}
      <BackfillPartitions backfill={data} />
    </>
  )
}

function Header({ backfill }: { backfill: Backfill }) {
  const range = rangeOf(backfill)
  const isLive = backfill.state === "running" || backfill.state === "paused"
  return (
    <PageHeader
      title={`Backfill ${backfill.id}`}
      beside={backfill.state && <StatusBadge state={backfill.state} />}
      actions={
        <>
          <ButtonLink>
            <Link href={`/runs?backfill=${backfill.id}`}>Its runs</Link>
          </ButtonLink>
          {isLive && <PauseButton backfill={backfill} />}
          {isLive && <CancelButton backfill={backfill} />}
          {backfill.counts.failed + backfill.counts.cancelled > 0 && <RerunButton backfill={backfill} />}
        </>
      }
    >
      <Lead>
        {range ? `${range.from} to ${range.to} of ` : ""}
        <Link className="link" href={`/pipelines/${encodeURIComponent(backfill.pipelineId)}`}>
          {backfill.pipelineId}
        </Link>
      </Lead>
      <MetaRow
        items={[
          ["Which", SELECTION_WORDS[backfill.selection] ?? backfill.selection],
          ["Order", `${backfill.order} first`],
          ...(backfill.tasks.length > 0 ? ([["Tasks", backfill.tasks.join(", ")]] as [string, ReactNode][]) : []),
          ...(backfill.perRun > 1
            ? ([["Per run", `up to ${backfill.perRun} partitions`]] as [string, ReactNode][])
            : []),
          ["Priority", isLive ? <Priority key="priority" backfill={backfill} /> : priorityWords(backfill.priority)],
          ...paramItems(backfill),
          ["At once", isLive ? <AtOnce key="width" backfill={backfill} /> : backfill.concurrency],
          ["Started by", backfill.createdBy],
          ["Started", <Time key="at" at={backfill.createdAt} />],
          ...(backfill.finishedAt
            ? ([["Ended", <RelativeTime key="end" at={backfill.finishedAt} />]] as [string, ReactNode][])
            : []),
        ]}
      />
    </PageHeader>
  )
}

function paramItems({ params }: Backfill): [string, ReactNode][] {
  const texts = Object.entries(params).map(([name, value]) => `${name} ${JSON.stringify(value)}`)
  return texts.length === 0 ? [] : [["Params", texts.join(", ")]]
}
