"use client"
import type { Backfill } from "#lib/contracts/api/backfills.ts"
import { RelativeTime } from "../format/time.tsx"
import { Status } from "../status/status.tsx"
import { type Column, DataTable } from "../ui/data-table.tsx"
import { Link } from "../ui/link.tsx"
import { BackfillProgress } from "./backfill-progress.tsx"
import { rangeOf } from "./backfill-words.ts"

const COLUMNS: readonly Column<Backfill>[] = [
  {
    id: "state",
    header: "State",
    width: "128px",
    className: "max-sm:w-[112px]",
    cell: (one) => <Status state={one.state ?? "pending"} />,
  },
  {
    id: "id",
    header: "Backfill",
    width: "96px",
    className: "max-sm:w-[68px]",
    cell: (one) => (
      <Link data-row-link="" href={`/backfills/${one.id}`} className="font-strong hover:text-accent-t">
        {one.id}
      </Link>
    ),
  },
  {
    id: "pipeline",
    header: "Pipeline",
    cell: (one) => (
      <Link href={`/pipelines/${encodeURIComponent(one.pipelineId)}`} className="font-med hover:text-accent-t">
        {one.pipelineId}
      </Link>
    ),
  },
  {
    id: "range",
    header: "Range",
    width: "220px",
    className: "max-xl:hidden",
    cell: (one) => {
      const range = rangeOf(one)
      return <span className="text-t2">{range ? `${range.from} to ${range.to}` : "–"}</span>
    },
  },
  {
    id: "progress",
    header: "Progress",
    width: "200px",
    className: "max-sm:w-[76px]",
    cell: (one) => (
      <span className="flex items-center gap-2">
        <BackfillProgress backfill={one} className="w-24 max-sm:hidden" />
        <span className="whitespace-nowrap text-12 text-t2">
          {one.counts.done + one.counts.failed}
          <span className="text-t3"> / {one.counts.create}</span>
        </span>
      </span>
    ),
  },
  {
    id: "by",
    header: "Started by",
    width: "120px",
    className: "max-xl:hidden",
    cell: (one) => <span className="text-t2">{one.createdBy}</span>,
  },
  {
    id: "at",
    header: "Started",
    width: "130px",
    isNumber: true,
    className: "max-md:hidden",
    cell: (one) => <RelativeTime at={one.createdAt} className="text-t2" />,
  },
]

/** Backfills, newest first. */
export function BackfillTable({ backfills, isDimmed }: { backfills: readonly Backfill[]; isDimmed: boolean }) {
  return (
    <DataTable
      label="Backfills"
      columns={COLUMNS}
      rows={backfills}
      rowKey={(one) => one.id ?? ""}
      isDimmed={isDimmed}
    />
  )
}
