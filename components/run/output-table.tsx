"use client"
import { useMemo } from "react"
import type { RunDetail } from "#lib/contracts/api/runs.ts"
import { type Column, DataTable } from "../ui/data-table.tsx"
import { EmptyState } from "../ui/empty-state.tsx"

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
