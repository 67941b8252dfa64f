"use client"
import type { Backfill } from "#lib/contracts/api/backfills.ts"
import { formatExact } from "../format/count.ts"
import { formatDuration } from "../format/duration.ts"
import { Time } from "../format/time.tsx"
import { Status } from "../status/status.tsx"
import { type Column, DataTable } from "../ui/data-table.tsx"
import { Icon } from "../ui/icon.tsx"
import { Link } from "../ui/link.tsx"
import { lastStateOf, slotState } from "./backfill-words.ts"

type Slot = Backfill["slots"][number]

const PARTITION: Column<Slot> = {
  id: "partition",
  header: "Partition",
  // An hour of a zone with its key: 2026-03-08T01:00-05:00|asia.
  width: "210px",
  cell: (slot) => (
    <span
      className={slot.action === "skip" ? "text-t3" : "font-med"}
      title={slot.logicalAt === slot.intervalEnd ? "" : `${slot.logicalAt} to ${slot.intervalEnd}`}
    >
      {slot.partitionKey}
    </span>
  ),
}
const REASON: Column<Slot> = {
  id: "reason",
  header: "Reason",
  cell: (slot) => <span className={slot.action === "skip" ? "text-t3" : "text-t2"}>{sentence(slot.reason)}</span>,
}

const PREVIEW: readonly Column<Slot>[] = [
  PARTITION,
  {
    id: "last",
    header: "Last state",
    width: "130px",
    cell: (slot) => <Status state={lastStateOf(slot)} className={slot.action === "skip" ? "font-body text-t2" : ""} />,
  },
  {
    id: "plan",
    header: "Plan",
    width: "100px",
    cell: (slot) =>
      slot.action === "skip" ? (
        <span className="text-t3">Skip</span>
      ) : (
        <b className="inline-flex items-center gap-1 text-accent-t">
          <Icon name="plus" size={14} />
          Create
        </b>
      ),
  },
  {
    id: "rows",
    header: "Rows last time",
    width: "120px",
    isNumber: true,
    className: "max-md:hidden",
    cell: (slot) => <span className="text-t2">{formatExact(slot.lastRows)}</span>,
  },
  {
    id: "took",
    header: "Took",
    width: "90px",
    isNumber: true,
    className: "max-md:hidden",
    cell: (slot) => <span className="text-t2">{formatDuration(slot.lastDurationMs)}</span>,
  },
  REASON,
]

const PROGRESS: readonly Column<Slot>[] = [
  PARTITION,
  { id: "state", header: "State", width: "130px", cell: (slot) => <Status state={slotState(slot)} /> },
  {
    id: "run",
    header: "Run",
    width: "90px",
    cell: (slot) =>
      slot.runId ? (
        <span>
          <Link data-row-link="" href={`/runs/${slot.runId}`} className="link">
            {slot.runId}
          </Link>
          {(slot.tries ?? 0) > 1 && <span className="text-t3"> try {slot.tries}</span>}
        </span>
      ) : (
        <span className="text-t3">–</span>
      ),
  },
  {
    id: "data",
    header: "Data up to",
    width: "150px",
    className: "max-md:hidden",
    cell: (slot) => <Time at={slot.intervalEnd} className="text-t2" />,
  },
  REASON,
]

/** One row a partition: in a preview its last state and what the plan does with it, later its run. */
export function SlotTable({
  slots,
  mode,
  onReachEnd,
  isDimmed = false,
}: {
  slots: readonly Slot[]
  mode: "preview" | "progress"
  onReachEnd?: () => void
  isDimmed?: boolean
}) {
  return (
    <DataTable
      label={mode === "preview" ? "Plan" : "Partitions"}
      columns={mode === "preview" ? PREVIEW : PROGRESS}
      rows={slots}
      rowKey={(slot) => slot.partitionKey}
      rowHeight={28}
      onReachEnd={onReachEnd}
      isDimmed={isDimmed}
      className="border-line border-t"
    />
  )
}

function sentence(reason: string): string {
  return reason.charAt(0).toUpperCase() + reason.slice(1)
}
