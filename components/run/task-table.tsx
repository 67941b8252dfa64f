"use client"
import { useMemo } from "react"
import type { RunDetail, TaskRun } from "#lib/contracts/api/runs.ts"
import { DurationText, ElapsedText, Time } from "../format/time.tsx"
import { Status } from "../status/status.tsx"
import { type Column, DataTable } from "../ui/data-table.tsx"
import { EmptyState } from "../ui/empty-state.tsx"
import { WaitText } from "../waits/wait-text.tsx"
import { failureMessage } from "./run-words.ts"

/** All tasks of the run as a list; a row selects its task. */
export function TaskTable({
  run,
  selected,
  isNarrow,
  onSelect,
}: {
  run: RunDetail
  selected: string | null
  /** True beside the panel of a task, which says the rest. */
  isNarrow: boolean
  onSelect: (taskId: string) => void
}) {
  const columns = useMemo(
    () => taskColumns(run, onSelect).filter((column) => !isNarrow || !SPARED.has(column.id)),
    [run, isNarrow, onSelect],
  )
  if (run.taskRuns.length === 0) return <EmptyState title="This run has no tasks." />
  return (
    <DataTable
      label={`Tasks of run ${run.id}`}
      columns={columns}
      rows={run.taskRuns}
      rowKey={(task) => task.id}
      isSelected={(task) => task.taskId === selected}
    />
  )
}

/** Columns left out where there is little room. */
const SPARED: ReadonlySet<string> = new Set(["group", "usual", "started"])

function taskColumns(run: RunDetail, onSelect: (taskId: string) => void): Column<TaskRun>[] {
  return [
    { id: "state", header: "State", width: "164px", cell: (task) => <Status state={task.state} /> },
    {
      id: "task",
      header: "Task",
      width: "26%",
      cell: (task) => (
        <button
          type="button"
          data-row-link=""
          className="max-w-full truncate text-left font-med hover:text-accent-t"
          onClick={() => onSelect(task.taskId)}
        >
          {task.taskId}
        </button>
      ),
    },
    {
      id: "group",
      header: "Group",
      width: "130px",
      className: "max-xl:hidden",
      cell: (task) => <span className="text-t2">{task.group}</span>,
    },
    {
      id: "tries",
      header: "Tries",
      width: "72px",
      isNumber: true,
      className: "max-md:hidden",
      cell: triesText,
    },
    {
      id: "started",
      header: "Started",
      width: "88px",
      className: "max-lg:hidden",
      cell: (task) => task.startedAt && <Time at={task.startedAt} style="seconds" className="text-t2" />,
    },
    {
      id: "duration",
      header: "Duration",
      width: "96px",
      isNumber: true,
      cell: (task) => (task.startedAt ? <Length task={task} /> : ""),
    },
    {
      id: "usual",
      header: "Usually",
      width: "96px",
      isNumber: true,
      className: "max-lg:hidden",
      cell: (task) => <DurationText ms={run.taskMediansMs[task.taskId] ?? null} className="text-t3" />,
    },
    {
      id: "why",
      header: "Why",
      className: "max-sm:hidden [td&]:pl-5 [th&]:pl-5",
      cell: (task) => <WhyText task={task} />,
    },
  ]
}

/** Attempts that put the task off are no tries: they use up no retries. */
function triesText(task: TaskRun): string {
  const putOff = task.attempts.filter((attempt) => attempt.state === "deferred").length
  const tries = task.attemptCount - putOff
  return tries === 0 ? "" : `${tries} of ${task.maxAttempts - putOff}`
}

function Length({ task }: { task: TaskRun }) {
  if (task.state === "running") return <ElapsedText since={task.startedAt} until={null} />
  return <DurationText ms={task.durationMs} />
}

function WhyText({ task }: { task: TaskRun }) {
  if (task.state === "deferred" && task.wait) {
    return (
      <span title={task.reason ?? undefined} className="text-t2">
        <WaitText wait={task.wait} />
      </span>
    )
  }
  const isTrouble = task.state === "failed" || task.state === "up_for_retry"
  const text = isTrouble ? failureMessage(task) : task.reason
  return text ? (
    <span title={text} className={isTrouble ? "text-failed-t" : "text-t2"}>
      {text}
    </span>
  ) : null
}
