"use client"
import type { PipelineSummary } from "#lib/contracts/api/pipelines.ts"
import { plural } from "../format/count.ts"
import { formatDuration } from "../format/duration.ts"
import { RelativeTime, UpcomingTime } from "../format/time.tsx"
import { RunBars } from "../runs/run-bars.tsx"
import { Status } from "../status/status.tsx"
import { Chip } from "../ui/badge.tsx"
import { type Column, DataTable } from "../ui/data-table.tsx"
import { StateIcon } from "../ui/icon.tsx"
import { Link } from "../ui/link.tsx"
import { PipelineActions } from "./pipeline-actions.tsx"

const COLUMNS: readonly Column<PipelineSummary>[] = [
  { id: "state", header: "Last run", width: "138px", cell: (one) => <LastRun pipeline={one} /> },
  { id: "id", header: "Pipeline", cell: (one) => <Name pipeline={one} /> },
  {
    id: "owner",
    header: "Owner and tags",
    width: "19%",
    className: "max-xl:hidden",
    cell: (one) => (
      <>
        <span className="block truncate">{one.owner ?? <span className="text-t3">no owner</span>}</span>
        <span className="flex gap-1 overflow-hidden">
          {one.tags.map((tag) => (
            <Chip key={tag}>{tag}</Chip>
          ))}
        </span>
      </>
    ),
  },
  {
    id: "schedule",
    header: "Schedule and next run",
    width: "20%",
    className: "max-md:hidden",
    cell: (one) => <Schedule pipeline={one} />,
  },
  {
    id: "runs",
    header: "Last 30 runs",
    width: "212px",
    className: "max-lg:hidden",
    cell: (one) => <RunBars runs={one.recentRuns} />,
  },
  {
    id: "actions",
    header: <span className="sr-only">Actions</span>,
    width: "152px",
    className: "max-sm:hidden",
    isNumber: true,
    cell: (one) => <PipelineActions pipeline={one} />,
  },
]

/** Pipelines, one row each: how the last run went, when the next comes, and the two actions. */
export function PipelineTable({ pipelines, isDimmed }: { pipelines: readonly PipelineSummary[]; isDimmed: boolean }) {
  return (
    <DataTable
      label="Pipelines"
      columns={COLUMNS}
      rows={pipelines}
      rowKey={(one) => one.id}
      rowHeight={50}
      isDimmed={isDimmed}
    />
  )
}

function LastRun({ pipeline }: { pipeline: PipelineSummary }) {
  const run = pipeline.recentRuns.at(-1)
  if (!run) return <span className="text-t3">never ran</span>
  return (
    <>
      <Status state={run.state} />
      <small className="block truncate pl-5 text-t3">
        {run.state === "success" || run.state === "failed" ? (
          formatDuration(run.durationMs)
        ) : (
          <RelativeTime at={run.startedAt} />
        )}
      </small>
    </>
  )
}

function Name({ pipeline }: { pipeline: PipelineSummary }) {
  return (
    <>
      <span className="flex items-center gap-1.5">
        <Link
          data-row-link=""
          href={`/pipelines/${encodeURIComponent(pipeline.id)}`}
          className="min-w-0 truncate font-strong hover:text-accent-t"
        >
          {pipeline.id}
        </Link>
        {pipeline.problems.length > 0 && (
          <span title={pipeline.problems[0]?.message} className="inline-flex">
            <StateIcon name="at_risk" />
            <span className="sr-only">has a problem in the workspace</span>
          </span>
        )}
      </span>
      <small className="block truncate text-t3" title={pipeline.description}>
        {pipeline.isDefined ? pipeline.description || plural(pipeline.tasksTotal, "task") : "gone from the workspace"}
      </small>
    </>
  )
}

function Schedule({ pipeline }: { pipeline: PipelineSummary }) {
  if (!pipeline.schedule) return <span className="text-t3">by hand</span>
  return (
    <>
      <span
        className="block truncate"
        title={[pipeline.schedule.text, pipeline.schedule.cron].filter(Boolean).join("\n")}
      >
        {pipeline.schedule.text}
      </span>
      <small className="block truncate text-t3">
        {pipeline.isPaused ? (
          <span className="inline-flex items-center gap-1">
            <StateIcon name="deferred" size={11} /> paused
          </span>
        ) : pipeline.nextRunAt ? (
          <>
            next <UpcomingTime at={pipeline.nextRunAt} />
          </>
        ) : pipeline.schedule.cron === "" ? (
          "next when it arrives"
        ) : (
          "no further run"
        )}
      </small>
    </>
  )
}
