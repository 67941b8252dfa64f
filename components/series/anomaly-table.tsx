"use client"
import type { Anomaly } from "#lib/contracts/api/series.ts"
import { unitOf } from "#lib/domain/anomaly/metric.ts"
import { Time } from "../format/time.tsx"
import { Mark } from "../ui/badge.tsx"
import { type Column, DataTable } from "../ui/data-table.tsx"
import { ANOMALY_LOOK } from "./anomaly-card.tsx"
import { exactText, seriesWords } from "./metric-words.ts"

const columnsOf = (onSelect: (anomaly: Anomaly) => void): readonly Column<Anomaly>[] => [
  {
    id: "state",
    header: "State",
    width: "136px",
    cell: ({ state }) => <Mark glyph={ANOMALY_LOOK[state].glyph}>{ANOMALY_LOOK[state].label}</Mark>,
  },
  {
    id: "what",
    header: "What",
    cell: (anomaly) => (
      <button type="button" data-row-link="" className="link max-w-full truncate" onClick={() => onSelect(anomaly)}>
        {seriesWords({ ...anomaly, kind: anomaly.partitionKey === null ? "table" : "partitions", key: "" })}
      </button>
    ),
  },
  {
    id: "partition",
    header: "Partition",
    width: "130px",
    className: "max-md:hidden",
    cell: ({ partitionKey }) => partitionKey ?? <span className="text-t3">–</span>,
  },
  {
    id: "value",
    header: "Value",
    width: "110px",
    isNumber: true,
    cell: ({ metric, value }) => exactText(value, unitOf(metric)),
  },
  {
    id: "expected",
    header: "Expected",
    width: "190px",
    isNumber: true,
    className: "max-sm:hidden",
    cell: ({ metric, lower, upper }) => [lower, upper].map((each) => exactText(each, unitOf(metric))).join(" to "),
  },
  { id: "at", header: "At", width: "140px", className: "max-sm:hidden", cell: ({ at }) => <Time at={at} /> },
]

/** The anomalies of a dataset, newest first; choosing one shows it in its series. */
export function AnomalyTable({
  anomalies,
  selectedId,
  onSelect,
}: {
  anomalies: readonly Anomaly[]
  selectedId: string | null
  onSelect: (anomaly: Anomaly) => void
}) {
  if (anomalies.length === 0) {
    return <p className="px-6 py-4 text-t3 max-sm:px-4">Nothing unusual was found yet.</p>
  }
  return (
    <DataTable
      label="Anomalies"
      columns={columnsOf(onSelect)}
      rows={anomalies}
      rowKey={({ id }) => id}
      isSelected={({ id }) => id === selectedId}
      className="min-h-48"
    />
  )
}
