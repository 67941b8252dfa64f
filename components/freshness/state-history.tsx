"use client"
import type { FreshnessDetail } from "#lib/contracts/api/freshness.ts"
import { ElapsedText, Time } from "../format/time.tsx"
import { Mark } from "../ui/badge.tsx"
import { type Column, DataTable } from "../ui/data-table.tsx"
import { STANDING_LOOK } from "./freshness-words.ts"

type Stretch = NonNullable<FreshnessDetail["freshness"]>["history"][number]

const COLUMNS: readonly Column<Stretch>[] = [
  {
    id: "state",
    header: "State",
    width: "120px",
    cell: ({ state }) => <Mark glyph={STANDING_LOOK[state].glyph}>{STANDING_LOOK[state].label}</Mark>,
  },
  { id: "from", header: "From", width: "140px", cell: ({ from }) => <Time at={from} /> },
  {
    id: "length",
    header: "For",
    width: "104px",
    isNumber: true,
    className: "max-sm:hidden",
    cell: ({ from, to }) => <ElapsedText since={from} until={to} />,
  },
  {
    id: "message",
    header: "Why",
    cell: ({ message }) => (
      <span className="text-t2" title={message}>
        {message}
      </span>
    ),
  },
]

/** The states of a dataset, newest first. */
export function StateHistory({ history }: { history: readonly Stretch[] }) {
  return (
    <DataTable
      label="States of freshness"
      columns={COLUMNS}
      rows={history}
      rowKey={({ from, state }) => `${from} ${state}`}
      className="min-h-48"
    />
  )
}
