"use client"
import { useInfiniteQuery } from "@tanstack/react-query"
import { useMemo, useState } from "react"
import type { RunDetail, TaskRun } from "#lib/contracts/api/runs.ts"
import { DurationText, ElapsedText, Time } from "../format/time.tsx"
import { type InstanceFilter, instanceListQuery } from "../queries/instances.ts"
import { Status } from "../status/status.tsx"
import { cn } from "../ui/cn.ts"
import { type Column, DataTable } from "../ui/data-table.tsx"
import { EmptyState } from "../ui/empty-state.tsx"
import { Icon } from "../ui/icon.tsx"
import { Segmented } from "../ui/segmented.tsx"
import { WaitText } from "../waits/wait-text.tsx"
import { instanceWords, taskRunName } from "./instance-words.ts"
import { failureMessage } from "./run-words.ts"

/** All tasks of the run as a list; a row selects its task. A mapped task unfolds into its instances. */
export function TaskTable({
  run,
  selected,
  selectedIndex,
  isNarrow,
  onSelect,
}: {
  run: RunDetail
  selected: string | null
  /** The selected instance of the selected task; null for the task itself. */
  selectedIndex: number | null
  /** True beside the panel of a task, which says the rest. */
  isNarrow: boolean
  onSelect: (taskId: string, mapIndex: number | null) => void
}) {
  const [open, setOpen] = useState<{ taskId: string; filter: InstanceFilter } | null>(null)
  const task = run.taskRuns.find((one) => one.taskId === open?.taskId)
  const list = useInfiniteQuery({
    ...instanceListQuery(run.id, open?.taskId ?? "", open?.filter ?? "all"),
    enabled: task?.instances != null,
  })
  const instances = task?.instances ? list.data?.pages.flatMap((page) => page.items) : undefined
  const rows = useMemo(
    () => run.taskRuns.flatMap((one) => (one.taskId === open?.taskId && instances ? [one, ...instances] : [one])),
    [run.taskRuns, open?.taskId, instances],
  )
  const columns = useMemo(
    () =>
      taskColumns(run, onSelect, { open: open?.taskId ?? null, setOpen }).filter(
        (column) => !isNarrow || !SPARED.has(column.id),
      ),
    [run, isNarrow, onSelect, open?.taskId],
  )
  if (run.taskRuns.length === 0) return <EmptyState title="This run has no tasks." />
  return (
    <>
      {open && task?.instances && (
        <div className="flex flex-none items-center gap-2.5 px-6 pb-2 max-sm:px-4">
          <span className="text-t2">
            {open.taskId}: {instanceWords(task.instances)}
          </span>
          <Segmented
            label="Instances shown"
            value={open.filter}
            onValueChange={(filter) => setOpen({ ...open, filter })}
            options={[
              { value: "all", label: "All" },
              { value: "failed", label: "Failed" },
            ]}
          />
        </div>
      )}
      <DataTable
        label={`Tasks of run ${run.id}`}
        columns={columns}
        rows={rows}
        rowKey={(one) => one.id}
        isSelected={(one) => one.taskId === selected && one.mapIndex === (selectedIndex ?? -1)}
        onReachEnd={list.hasNextPage && !list.isFetchingNextPage ? () => void list.fetchNextPage() : undefined}
      />
    </>
  )
}

/** Columns left out where there is little room. */
const SPARED: ReadonlySet<string> = new Set(["group", "usual", "started"])

function taskColumns(
  run: RunDetail,
  onSelect: (taskId: string, mapIndex: number | null) => void,
  fold: { open: string | null; setOpen: (open: { taskId: string; filter: InstanceFilter } | null) => void },
): Column<TaskRun>[] {
  return [
    { id: "state", header: "State", width: "164px", cell: (task) => <Status state={task.state} /> },
    {
      id: "task",
      header: "Task",
      width: "26%",
      cell: (task) => (
        <span className={cn("flex items-center gap-1", task.mapIndex >= 0 && "pl-6")}>
          {task.instances && <FoldButton task={task} fold={fold} />}
          <button
            type="button"
            data-row-link=""
            className="min-w-0 truncate text-left font-med hover:text-accent-t"
            onClick={() => onSelect(task.taskId, task.mapIndex < 0 ? null : task.mapIndex)}
          >
            {taskRunName(task)}
          </button>
          {task.instances && <span className="truncate text-t3">{instanceWords(task.instances)}</span>}
        </span>
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

function FoldButton({ task, fold }: { task: TaskRun; fold: Parameters<typeof taskColumns>[2] }) {
  const isOpen = fold.open === task.taskId
  return (
    <button
      type="button"
      aria-expanded={isOpen}
      aria-label={`Instances of ${task.taskId}`}
      className="flex-none rounded-1 p-0.5 text-t3 hover:text-t1"
      onClick={() => fold.setOpen(isOpen ? null : { taskId: task.taskId, filter: "all" })}
    >
      <Icon name={isOpen ? "minus" : "plus"} size={12} />
    </button>
  )
}

function Length({ task }: { task: TaskRun }) {
  if (task.state === "running" || task.state === "mapped") return <ElapsedText since={task.startedAt} until={null} />
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
