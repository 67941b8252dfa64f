"use client"
import type { MaterializationView, RunDetail } from "#lib/contracts/api/runs.ts"
import { formatExact } from "../format/count.ts"
import { DurationText } from "../format/time.tsx"
import { type Column, DataTable } from "../ui/data-table.tsx"
import { EmptyState } from "../ui/empty-state.tsx"
import { Link } from "../ui/link.tsx"

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

const count = (value: number) => <span className={value === 0 ? "text-t3" : ""}>{formatExact(value)}</span>
const LOAD_COLUMNS: Column<MaterializationView>[] = [
  {
    id: "dataset",
    header: "Dataset",
    width: "22%",
    cell: (load) => (
      <Link
        data-row-link=""
        href={`/datasets/${encodeURIComponent(load.dataset)}`}
        title={load.dataset}
        className="font-med hover:text-accent-t"
      >
        {load.dataset.replace(/^warehouse\./, "")}
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
    width: "15%",
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
    width: "104px",
    isNumber: true,
    className: "max-lg:hidden",
    cell: (load) => <DurationText ms={load.durationSeconds * 1_000} />,
  },
]
