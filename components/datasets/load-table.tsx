"use client"
import type { DatasetDetail } from "#lib/contracts/api/datasets.ts"
import { formatExact } from "../format/count.ts"
import { DurationText, Time } from "../format/time.tsx"
import { type Column, DataTable } from "../ui/data-table.tsx"
import { EmptyState } from "../ui/empty-state.tsx"
import { Link } from "../ui/link.tsx"

type Load = DatasetDetail["materializations"][number]

const rows = (value: number, isBad = false) =>
  value === 0 ? (
    <span className="text-t3">0</span>
  ) : (
    <span className={isBad ? "text-failed-t" : ""}>{formatExact(value)}</span>
  )

const COLUMNS: readonly Column<Load>[] = [
  {
    id: "at",
    header: "Loaded",
    width: "120px",
    cell: (load) => (
      <Link data-row-link="" href={`/runs/${load.runId}`} className="font-med hover:text-accent-t">
        <Time at={load.at} />
      </Link>
    ),
  },
  { id: "run", header: "Run", width: "80px", cell: (load) => <span className="text-t2">{load.runId}</span> },
  {
    id: "task",
    header: "Task",
    className: "max-md:hidden",
    cell: (load) => <span className="text-t2">{load.taskId}</span>,
  },
  {
    id: "partition",
    header: "Partition",
    width: "112px",
    className: "max-2xl:hidden",
    cell: (load) => load.partitionKey ?? <span className="text-t3">whole</span>,
  },
  { id: "in", header: "Inserted", width: "92px", isNumber: true, cell: (load) => rows(load.rowsInserted) },
  {
    id: "up",
    header: "Updated",
    width: "92px",
    isNumber: true,
    className: "max-sm:hidden",
    cell: (load) => rows(load.rowsUpdated),
  },
  {
    id: "del",
    header: "Deleted",
    width: "92px",
    isNumber: true,
    className: "max-md:hidden",
    cell: (load) => rows(load.rowsDeleted),
  },
  {
    id: "rej",
    header: "Rejected",
    width: "92px",
    isNumber: true,
    className: "max-md:hidden",
    cell: (load) => rows(load.rowsRejected, true),
  },
  {
    id: "took",
    header: "Took",
    width: "92px",
    isNumber: true,
    className: "max-sm:hidden",
    cell: (load) => <DurationText ms={load.durationSeconds * 1_000} />,
  },
]

/** Each time the dataset was written, newest first; the newest hundred. */
export function LoadTable({ loads }: { loads: readonly Load[] }) {
  if (loads.length === 0) {
    return <EmptyState title="Not loaded yet">Each load appears here with its rows and its time.</EmptyState>
  }
  return (
    <DataTable
      label="Loads"
      columns={COLUMNS}
      rows={loads}
      rowKey={(load) => `${load.runId} ${load.taskId} ${load.partitionKey} ${load.at}`}
    />
  )
}
