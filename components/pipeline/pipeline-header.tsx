"use client"
import type { ReactNode } from "react"
import type { PipelineDetail } from "#lib/contracts/api/pipelines.ts"
import type { RunDetail } from "#lib/contracts/api/runs.ts"
import { PipelineDeadlines } from "../deadlines/deadline-notes.tsx"
import { formatShare } from "../format/count.ts"
import { RelativeTime, UpcomingTime } from "../format/time.tsx"
import { useSetPaused } from "../queries/pipelines.ts"
import { RunBars } from "../runs/run-bars.tsx"
import { StatusBadge } from "../status/status.tsx"
import { Chip } from "../ui/badge.tsx"
import { Button, ButtonLink } from "../ui/button.tsx"
import { MetaRow } from "../ui/card.tsx"
import { Icon } from "../ui/icon.tsx"
import { Kbd } from "../ui/kbd.tsx"
import { Link } from "../ui/link.tsx"
import { PageHeader } from "../ui/page-header.tsx"
import { pipelineWords } from "./pipeline-words.ts"

/** How the pipeline is, when it runs next, whose it is, how it went lately; and what can be done. */
export function PipelineHeader({
  pipeline,
  latest,
  onRun,
}: {
  pipeline: PipelineDetail
  latest: RunDetail | null
  onRun: () => void
}) {
  const words = pipelineWords(pipeline, latest)
  const setPaused = useSetPaused()
  const { isPaused, isDefined } = pipeline
  return (
    <PageHeader
      title={pipeline.id}
      beside={
        <>
          {words ? <StatusBadge state={words.state} label={words.label} /> : <Chip>Never ran</Chip>}
          {isPaused && <StatusBadge state="paused" />}
          {!isDefined && <Chip>Gone from the workspace</Chip>}
        </>
      }
      actions={
        <>
          {pipeline.schedule && isDefined && (
            <Button
              icon={isPaused ? "play" : "pause"}
              disabled={setPaused.isPending}
              title={isPaused ? "Scheduled runs start again" : "No scheduled run starts until it is resumed"}
              onClick={() => setPaused.mutate({ id: pipeline.id, isPaused: !isPaused })}
            >
              {isPaused ? "Resume" : "Pause"}
            </Button>
          )}
          {isDefined && pipeline.manifest?.partition && (
            <ButtonLink>
              <Link href={backfillHref(pipeline.id)} title="Load a range of partitions again">
                <Icon name="backfills" className="-ml-0.5 text-t3" />
                Backfill
                <Kbd className="-mr-1 max-md:hidden">B</Kbd>
              </Link>
            </ButtonLink>
          )}
          <Button
            icon="runs"
            hint="R"
            disabled={!isDefined}
            title={isDefined ? undefined : "It is gone from the workspace, so it cannot run"}
            onClick={onRun}
          >
            Run now
          </Button>
        </>
      }
    >
      <PipelineDeadlines pipelineId={pipeline.id} />
      <MetaRow
        items={[
          [
            "Schedule",
            pipeline.schedule ? (
              <span key="schedule" className="max-w-[640px] truncate" title={pipeline.schedule.text}>
                {pipeline.schedule.text}
              </span>
            ) : (
              "By hand only"
            ),
          ],
          ["Next run", <NextRun key="next" pipeline={pipeline} />],
          ["Owner", pipeline.owner ?? "nobody yet"],
          ...(pipeline.tags.length > 0
            ? [["Tags", pipeline.tags.map((tag) => <Chip key={tag}>{tag}</Chip>)] as const]
            : []),
          [
            pipeline.recentRuns.length > 1 ? `Last ${pipeline.recentRuns.length} runs` : "Last runs",
            <span key="runs" className="flex items-center gap-2">
              <RunBars runs={pipeline.recentRuns} slots={Math.max(1, pipeline.recentRuns.length)} />
              <b title="Share of successful runs among those that ended">{formatShare(pipeline.successRate)}</b>
            </span>,
          ],
        ].map(([label, value]) => [label, value] as [ReactNode, ReactNode])}
      />
    </PageHeader>
  )
}

/** Where a backfill of this pipeline is planned. */
export function backfillHref(pipelineId: string): string {
  return `/backfills/new?pipeline=${encodeURIComponent(pipelineId)}`
}

function NextRun({ pipeline }: { pipeline: PipelineDetail }) {
  if (pipeline.isPaused) return <>none while paused</>
  if (!pipeline.nextRunAt) {
    // Triggers have no time: the words beside "Schedule" say what they wait for.
    const isTriggered = pipeline.schedule !== null && pipeline.schedule.cron === ""
    return <>{isTriggered ? "when it arrives" : pipeline.schedule ? "none" : "when someone starts it"}</>
  }
  return (
    <span className="flex gap-1">
      <UpcomingTime at={pipeline.nextRunAt} />
      <span className="text-t3">
        <RelativeTime at={pipeline.nextRunAt} />
      </span>
    </span>
  )
}
