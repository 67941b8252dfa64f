"use client"
import type { CheckResult } from "#lib/contracts/api/datasets.ts"
import { datasetParts } from "../datasets/filter-datasets.ts"
import { formatExact } from "../format/count.ts"
import { Time } from "../format/time.tsx"
import { Mark } from "../ui/badge.tsx"
import { type Column, DataTable } from "../ui/data-table.tsx"
import { checkLook } from "./check-words.ts"

/** Checks with their newest results; one that is picked opens beside the list. */
export function CheckList({
  checks,
  picked,
  onPick,
  hasDatasets = false,
  isDimmed = false,
  onReachEnd,
}: {
  checks: readonly CheckResult[]
  picked: string | null
  onPick: (id: string) => void
  /** They are of several datasets. */
  hasDatasets?: boolean
  isDimmed?: boolean
  onReachEnd?: (() => void) | undefined
}) {
  const columns: Column<CheckResult>[] = [
    { id: "result", header: "Result", width: "104px", cell: (check) => <Result check={check} /> },
    {
      id: "check",
      header: "Check",
      cell: (check) => (
        <button
          type="button"
          data-row-link=""
          onClick={() => onPick(check.id)}
          className="block w-full truncate text-left font-med hover:text-accent-t"
          title={check.name}
        >
          {check.sentence ?? check.name}
        </button>
      ),
    },
    ...(hasDatasets
      ? [
          {
            id: "dataset",
            header: "Dataset",
            width: "22%",
            className: "max-md:hidden",
            cell: (check: CheckResult) => (
              <span className="text-t2" title={check.dataset}>
                {datasetParts(check.dataset).name}
              </span>
            ),
          },
        ]
      : [
          {
            id: "dimension",
            header: "Dimension",
            width: "116px",
            className: "max-xl:hidden",
            cell: (check: CheckResult) => <span className="text-t2">{check.dimension}</span>,
          },
        ]),
    {
      id: "found",
      header: "What it found",
      width: "32%",
      className: "max-sm:hidden",
      cell: (check) => (
        <span className="block truncate text-t2" title={check.message}>
          {check.message}
        </span>
      ),
    },
    {
      id: "at",
      header: "Checked",
      width: "124px",
      className: "max-2xl:hidden",
      cell: (check) => (
        <span className="text-t2">
          <Time at={check.at} />
        </span>
      ),
    },
    {
      id: "failed",
      header: "Rows failed",
      width: "104px",
      isNumber: true,
      cell: (check) => (
        <span title={`of ${formatExact(check.rowsChecked)}`} className={check.rowsFailed === 0 ? "text-t3" : undefined}>
          {formatExact(check.rowsFailed)}
        </span>
      ),
    },
  ]
  return (
    <DataTable
      label="Checks"
      columns={columns}
      rows={checks}
      rowKey={(check) => check.id}
      isSelected={(check) => check.id === picked}
      isDimmed={isDimmed}
      onReachEnd={onReachEnd}
    />
  )
}

/** Icon and word; what passes is quiet. */
export function Result({ check }: { check: Pick<CheckResult, "state" | "severity" | "details" | "passed"> }) {
  const { label, glyph } = checkLook(check)
  return (
    <Mark glyph={glyph} className={check.passed ? "font-body text-t2" : ""}>
      {label}
    </Mark>
  )
}
