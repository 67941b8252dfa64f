"use client"
import type { DatasetDetail } from "#lib/contracts/api/datasets.ts"
import { formatExact } from "../format/count.ts"
import { Time } from "../format/time.tsx"
import { Status } from "../status/status.tsx"
import { type Column, DataTable } from "../ui/data-table.tsx"
import { EmptyState } from "../ui/empty-state.tsx"
import { Link } from "../ui/link.tsx"

type Partition = DatasetDetail["partitions"][number]

const COLUMNS: readonly Column<Partition>[] = [
  { id: "key", header: "Partition", cell: (one) => <span className="font-med">{one.key}</span> },
  { id: "state", header: "State", width: "130px", cell: (one) => <Status state={one.state} /> },
  { id: "rows", header: "Rows", width: "110px", isNumber: true, cell: (one) => formatExact(one.rows) },
  {
    id: "run",
    header: "Run",
    width: "90px",
    isNumber: true,
    className: "max-sm:hidden",
    cell: (one) =>
      one.runId && (
        <Link data-row-link="" href={`/runs/${one.runId}`} className="link">
          {one.runId}
        </Link>
      ),
  },
  {
    id: "reason",
    header: "Why",
    className: "max-md:hidden",
    cell: (one) => <span className="text-t2">{one.reason ?? ""}</span>,
  },
  {
    id: "at",
    header: "Changed",
    width: "130px",
    isNumber: true,
    className: "max-sm:hidden",
    cell: (one) => <Time at={one.updatedAt} className="text-t2" />,
  },
]

/** Each partition with its state, newest key first. */
export function PartitionTable({ partitions }: { partitions: readonly Partition[] }) {
  if (partitions.length === 0) {
    return (
      <EmptyState title="Not partitioned">
        Give the pipeline <code>partition: "day"</code> to load and reload this table by ranges.
      </EmptyState>
    )
  }
  const newest = partitions.toSorted((a, b) => b.key.localeCompare(a.key))
  return <DataTable label="Partitions" columns={COLUMNS} rows={newest} rowKey={(one) => one.key} />
}
