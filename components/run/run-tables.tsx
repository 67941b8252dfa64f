"use client"
import { useQuery } from "@tanstack/react-query"
import Link from "next/link"
import { useMemo } from "react"
import type { MaterializationView, RunDetail, TaskRun } from "#lib/contracts/api/runs.ts"
import { CheckTable } from "../datasets/check-table.tsx"
import { formatExact } from "../format/count.ts"
import { DurationText, ElapsedText, Time } from "../format/time.tsx"
import { adviceFor } from "../queries/client.ts"
import { Status } from "../status/status.tsx"
import { type Column, DataTable } from "../ui/data-table.tsx"
import { EmptyState } from "../ui/empty-state.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { SkeletonRows } from "../ui/skeleton.tsx"
import { runChecksQuery } from "./check-results-query.ts"
import { failureMessage } from "./run-words.ts"

/** All tasks of the run as a list; a row selects its task. */
export function TaskTable({
  run,
  selected,
  onSelect,
}: {
  run: RunDetail
  selected: string | null
  onSelect: (taskId: string) => void
}) {
  const columns = useMemo<Column<TaskRun>[]>(
    () => [
      { id: "state", header: "State", width: "150px", cell: (task) => <Status state={task.state} /> },
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
        cell: (task) => (task.attemptCount === 0 ? "" : `${task.attemptCount} of ${task.maxAttempts}`),
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
    ],
    [run.taskMediansMs, onSelect],
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

function Length({ task }: { task: TaskRun }) {
  if (task.state === "running") return <ElapsedText since={task.startedAt} until={null} />
  return <DurationText ms={task.durationMs} />
}

function WhyText({ task }: { task: TaskRun }) {
  const isTrouble = task.state === "failed" || task.state === "up_for_retry"
  const text = isTrouble ? failureMessage(task) : task.reason
  return text ? (
    <span title={text} className={isTrouble ? "text-failed-t" : "text-t2"}>
      {text}
    </span>
  ) : null
}

interface OutputRow {
  taskId: string
  name: string
  text: string
}

/** How many named values the tasks of a run left behind. */
export function outputCount(run: RunDetail): number {
  return run.taskRuns.reduce((sum, task) => sum + Object.keys(task.outputs).length, 0)
}

const OUTPUT_COLUMNS: Column<OutputRow>[] = [
  { id: "task", header: "Task", width: "26%", cell: (row) => <span className="font-med">{row.taskId}</span> },
  { id: "name", header: "Output", width: "22%", cell: (row) => <code>{row.name}</code> },
  {
    id: "value",
    header: "Value",
    cell: (row) => (
      <code title={row.text.slice(0, 2_000)} className="text-t2">
        {row.text.slice(0, 400)}
      </code>
    ),
  },
]

/** The values that tasks handed on, as they were recorded. */
export function OutputTable({ run }: { run: RunDetail }) {
  const rows = useMemo(
    () =>
      run.taskRuns.flatMap((task) =>
        Object.entries(task.outputs).map(([name, value]) => ({
          taskId: task.taskId,
          name,
          text: typeof value === "string" ? value : JSON.stringify(value),
        })),
      ),
    [run.taskRuns],
  )
  if (rows.length === 0) {
    return (
      <EmptyState title="No outputs">
        What a task returns, such as a count of rows, stands here once it succeeded, and later tasks can use it by
        reference.
      </EmptyState>
    )
  }
  return (
    <DataTable
      label={`Outputs of run ${run.id}`}
      columns={OUTPUT_COLUMNS}
      rows={rows}
      rowKey={(row) => `${row.taskId} ${row.name}`}
    />
  )
}

const count = (value: number) => <span className={value === 0 ? "text-t3" : ""}>{formatExact(value)}</span>
const LOAD_COLUMNS: Column<MaterializationView>[] = [
  {
    id: "dataset",
    header: "Dataset",
    width: "26%",
    cell: (load) => (
      <Link
        data-row-link=""
        prefetch={false}
        href={`/datasets/${encodeURIComponent(load.dataset)}`}
        className="font-med hover:text-accent-t"
      >
        {load.dataset}
      </Link>
    ),
  },
  { id: "task", header: "Task", className: "max-lg:hidden", cell: (load) => load.taskId },
  {
    id: "partition",
    header: "Partition",
    width: "108px",
    className: "max-md:hidden",
    cell: (load) => <span className="text-t2">{load.partitionKey ?? "–"}</span>,
  },
  { id: "inserted", header: "Inserted", width: "92px", isNumber: true, cell: (load) => count(load.rowsInserted) },
  { id: "updated", header: "Updated", width: "92px", isNumber: true, cell: (load) => count(load.rowsUpdated) },
  {
    id: "deleted",
    header: "Deleted",
    width: "84px",
    isNumber: true,
    className: "max-md:hidden",
    cell: (load) => count(load.rowsDeleted),
  },
  {
    id: "rejected",
    header: "Rejected",
    width: "84px",
    isNumber: true,
    cell: (load) =>
      load.rowsRejected > 0 ? <b className="text-failed-t">{formatExact(load.rowsRejected)}</b> : count(0),
  },
  {
    id: "total",
    header: "In table",
    width: "100px",
    isNumber: true,
    className: "max-sm:hidden",
    cell: (load) => <span className="text-t2">{formatExact(load.rowsTotal)}</span>,
  },
  {
    id: "watermark",
    header: "Watermark",
    width: "17%",
    className: "max-xl:hidden [td&]:pl-5 [th&]:pl-5",
    cell: (load) =>
      load.watermarkAfter && (
        <span className="text-t2" title={`${load.watermarkBefore ?? "none"} → ${load.watermarkAfter}`}>
          {load.watermarkAfter}
        </span>
      ),
  },
  {
    id: "duration",
    header: "Took",
    width: "80px",
    isNumber: true,
    className: "max-lg:hidden",
    cell: (load) => <DurationText ms={load.durationSeconds * 1_000} />,
  },
]

/** What the run wrote, table by table. */
export function LoadsTable({ run }: { run: RunDetail }) {
  if (run.materializations.length === 0) {
    return (
      <EmptyState title="No rows written">
        When a task writes a table, its rows inserted, updated, deleted and rejected stand here.
      </EmptyState>
    )
  }
  return (
    <DataTable
      label={`Rows written by run ${run.id}`}
      columns={LOAD_COLUMNS}
      rows={run.materializations}
      rowKey={(load) => `${load.taskId} ${load.dataset} ${load.partitionKey} ${load.at}`}
    />
  )
}

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
