"use client"
import { useMemo } from "react"
import type { RunSummary } from "#lib/contracts/api/runs.ts"
import { DurationText, ElapsedText, Time } from "../format/time.tsx"
import { Status } from "../status/status.tsx"
import { type Column, DataTable } from "../ui/data-table.tsx"
import { Link } from "../ui/link.tsx"
import { TaskProgress } from "./task-progress.tsx"

const COLUMNS: readonly Column<RunSummary>[] = [
  {
    id: "state",
    header: "State",
    width: "128px",
    className: "max-sm:w-[116px]",
    cell: (run) => <Status state={run.state} />,
  },
  {
    id: "run",
    header: "Run",
    width: "84px",
    className: "max-sm:w-[68px]",
    cell: (run) => (
      <Link data-row-link="" href={`/runs/${run.id}`} className="font-strong hover:text-accent-t">
        {run.id}
      </Link>
    ),
  },
  {
    id: "pipeline",
    header: "Pipeline",
    width: "20%",
    className: "max-sm:w-auto",
    cell: (run) => (
      <Link
        href={`/pipelines/${encodeURIComponent(run.pipelineId)}`}
        title={run.pipelineId}
        className="font-med hover:text-accent-t"
      >
        {run.pipelineId}
      </Link>
    ),
  },
  {
    id: "data",
    header: "Data of",
    width: "112px",
    className: "max-lg:hidden",
    cell: (run) => <DataOf run={run} />,
  },
  {
    id: "trigger",
    header: "Trigger",
    width: "108px",
    className: "max-xl:hidden",
    cell: (run) => (
      <span title={run.triggerReason ?? `by ${run.triggeredBy}`} className="text-t2">
        {TRIGGERS[run.kind]}
      </span>
    ),
  },
  {
    id: "started",
    header: "Started",
    width: "112px",
    className: "max-md:hidden",
    cell: (run) => <Time at={run.startedAt ?? run.createdAt} className="text-t2" />,
  },
  {
    id: "duration",
    header: "Duration",
    width: "92px",
    isNumber: true,
    className: "max-sm:hidden",
    cell: (run) => <Length run={run} />,
  },
  {
    id: "tasks",
    header: "Tasks",
    width: "150px",
    className: "max-lg:hidden [td&]:pl-5 [th&]:pl-5",
    cell: (run) => <TaskProgress run={run} />,
  },
  {
    id: "why",
    header: "What went wrong",
    className: "max-xl:hidden",
    cell: (run) =>
      run.errorMessage && (
        <span title={run.errorMessage} className="text-t2">
          {run.failedTaskId && <b className="text-failed-t">{run.failedTaskId}</b>} {run.errorMessage}
        </span>
      ),
  },
]

const TRIGGERS: Record<RunSummary["kind"], string> = {
  schedule: "Schedule",
  dataset: "Dataset",
  event: "Event",
  manual: "By hand",
  backfill: "Backfill",
}

/** Which runs are chosen. */
export interface RunSelection {
  ids: ReadonlySet<string>
  onChange(ids: ReadonlySet<string>): void
}

/** At most so many are acted on at once. */
const MOST_CHOSEN = 500

function choice({ ids, onChange }: RunSelection, runs: readonly RunSummary[]): Column<RunSummary> {
  const all = runs.length > 0 && runs.slice(0, MOST_CHOSEN).every((run) => ids.has(run.id))
  const toggle = (id: string, isOn: boolean) => {
    const next = new Set(ids)
    if (isOn) next.add(id)
    else next.delete(id)
    if (next.size <= MOST_CHOSEN) onChange(next)
  }
  return {
    id: "choice",
    header: (
      <input
        type="checkbox"
        aria-label="Choose all that are listed"
        checked={all}
        onChange={(event) =>
          onChange(new Set(event.target.checked ? runs.slice(0, MOST_CHOSEN).map((run) => run.id) : []))
        }
      />
    ),
    width: "48px",
    className: "max-sm:hidden",
    cell: (run) => (
      <input
        type="checkbox"
        aria-label={`Choose run ${run.id}`}
        checked={ids.has(run.id)}
        onChange={(event) => toggle(run.id, event.target.checked)}
      />
    ),
  }
}

/** Runs, newest first, one row each; asks for more when its end comes into view. */
export function RunTable({
  runs,
  selection,
  isDimmed = false,
  onReachEnd,
  isReadingMore = false,
}: {
  runs: readonly RunSummary[]
  /** Makes runs choosable for actions on many. */
  selection?: RunSelection
  isDimmed?: boolean
  onReachEnd?: (() => void) | undefined
  isReadingMore?: boolean
}) {
  const columns = useMemo(() => (selection ? [choice(selection, runs), ...COLUMNS] : COLUMNS), [selection, runs])
  return (
    <DataTable
      label="Runs"
      columns={columns}
      rows={runs}
      rowKey={(run) => run.id}
      {...(selection && { isSelected: (run: RunSummary) => selection.ids.has(run.id) })}
      isDimmed={isDimmed}
      onReachEnd={onReachEnd}
      footer={
        isReadingMore && (
          <p role="status" className="px-6 py-2 text-t3">
            Reading older runs…
          </p>
        )
      }
    />
  )
}

function DataOf({ run }: { run: RunSummary }) {
  if (run.partitionKey) {
    return (
      <span title={`${run.intervalStart} to ${run.intervalEnd}`} className="text-t2">
        {run.partitionKey}
      </span>
    )
  }
  return <Time at={run.logicalAt} className="text-t2" />
}

function Length({ run }: { run: RunSummary }) {
  if (run.startedAt && !run.finishedAt) return <ElapsedText since={run.startedAt} until={null} />
  return <DurationText ms={run.durationMs} />
}
