"use client"
import { useQuery } from "@tanstack/react-query"
import Link from "next/link"
import { type ReactNode, useState } from "react"
import type { Backfill } from "#lib/contracts/api/backfills.ts"
import { formatMinutes } from "../format/duration.ts"
import { RelativeTime, Time } from "../format/time.tsx"
import { backfillDetailQuery, useCancelBackfill, useChangeBackfill, useRerunFailed } from "../queries/backfills.ts"
import { adviceFor, isNotFound } from "../queries/client.ts"
import { PartitionStrip } from "../status/partition-strip.tsx"
import { StaleNotice } from "../status/stale-notice.tsx"
import { StatusBadge } from "../status/status.tsx"
import { Button, ButtonLink } from "../ui/button.tsx"
import { MetaRow } from "../ui/card.tsx"
import { ConfirmDialog } from "../ui/dialog.tsx"
import { EmptyState } from "../ui/empty-state.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { Lead, PageHeader } from "../ui/page-header.tsx"
import { SkeletonRows } from "../ui/skeleton.tsx"
import { BackfillProgress } from "./backfill-progress.tsx"
import { progressWords, rangeOf, remainingMs, SELECTION_WORDS, slotState } from "./backfill-words.ts"
import { SlotTable } from "./slot-table.tsx"
import { Stepper } from "./stepper.tsx"

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
  const byTime = data.slots.toSorted((a, b) => a.logicalAt.localeCompare(b.logicalAt))
  return (
    <>
      <StaleNotice reading={reading} />
      <Header backfill={data} />
      <section aria-label="Progress" className="flex-none border-line border-t px-6 pt-4 pb-3 max-sm:px-4">
        <Progress backfill={data} />
        <PartitionStrip
          label={`${byTime.length} partitions`}
          cells={byTime.map((slot) => ({ key: slot.partitionKey, state: slotState(slot) }))}
        />
      </section>
      <SlotTable slots={data.slots} mode="progress" />
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
          {backfill.counts.failed > 0 && <RerunButton backfill={backfill} />}
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

function Progress({ backfill }: { backfill: Backfill }) {
  const left = remainingMs(backfill)
  return (
    <div className="mb-3">
      <div className="mb-1.5 flex items-baseline gap-2">
        <b>{progressWords(backfill)}</b>
        {left !== null && <span className="text-t2">about {formatMinutes(left)} left</span>}
        {backfill.counts.skip > 0 && <span className="ml-auto text-t3">{backfill.counts.skip} left as they were</span>}
      </div>
      <BackfillProgress backfill={backfill} className="w-full" />
    </div>
  )
}

function PauseButton({ backfill }: { backfill: Backfill }) {
  const change = useChangeBackfill(backfill.id ?? "")
  const isPaused = backfill.state === "paused"
  return (
    <Button
      icon={isPaused ? "play" : "pause"}
      variant={isPaused ? "primary" : "default"}
      disabled={change.isPending}
      onClick={() => change.mutate({ isPaused: !isPaused })}
    >
      {isPaused ? "Resume" : "Pause"}
    </Button>
  )
}

/** How many run at a time; may be changed at any moment. */
function AtOnce({ backfill }: { backfill: Backfill }) {
  const change = useChangeBackfill(backfill.id ?? "")
  return (
    <Stepper
      label="At once"
      value={change.variables?.concurrency && change.isPending ? change.variables.concurrency : backfill.concurrency}
      onChange={(concurrency) => change.mutate({ concurrency })}
    />
  )
}

function RerunButton({ backfill }: { backfill: Backfill }) {
  const [isOpen, setOpen] = useState(false)
  const rerun = useRerunFailed(backfill.id ?? "")
  const { failed } = backfill.counts
  const partitions = failed === 1 ? "1 failed partition" : `${failed} failed partitions`
  return (
    <>
      <Button icon="retry" variant="primary" onClick={() => setOpen(true)}>
        Run {partitions} again
      </Button>
      <ConfirmDialog
        isOpen={isOpen}
        onOpenChange={setOpen}
        title={`Run ${partitions} again`}
        confirmLabel="Run again"
        isDanger={false}
        onConfirm={() => rerun.mutateAsync()}
      >
        <ul className="list-disc pl-4 text-t2">
          <li>Each gets a new run with the newest version of the code, {backfill.concurrency} at a time.</li>
          <li>The {backfill.counts.done} partitions that are loaded are not touched.</li>
          <li>The failed runs stay as they are, to be read.</li>
        </ul>
      </ConfirmDialog>
    </>
  )
}

function CancelButton({ backfill }: { backfill: Backfill }) {
  const [isOpen, setOpen] = useState(false)
  const cancel = useCancelBackfill()
  const { create, done, failed, running } = backfill.counts
  return (
    <>
      <Button icon="stop" onClick={() => setOpen(true)}>
        Cancel
      </Button>
      <ConfirmDialog
        isOpen={isOpen}
        onOpenChange={setOpen}
        title={`Cancel backfill ${backfill.id}`}
        confirmLabel="Cancel backfill"
        onConfirm={() => cancel.mutateAsync(backfill.id ?? "")}
      >
        <ul className="list-disc pl-4 text-t2">
          <li>{create - done - failed - running} partitions that have not started stay as they are.</li>
          <li>{running} running loads are cancelled; what they had not published is dropped.</li>
          <li>{done} partitions that are loaded keep their new data.</li>
        </ul>
      </ConfirmDialog>
    </>
  )
}
