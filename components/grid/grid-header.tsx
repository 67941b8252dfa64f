"use client"
import { memo } from "react"
import type { GridRun } from "#lib/contracts/api/pipeline-views.ts"
import { isFinalRunState } from "#lib/domain/run-state.ts"
import { formatDuration } from "../format/duration.ts"
import { dayIn, formatInstant } from "../format/instant.ts"
import { statusOf } from "../status/status-map.ts"
import { cn } from "../ui/cn.ts"
import { StateIcon } from "../ui/icon.tsx"
import { ACTIVE_CELL } from "./grid-row.tsx"
import { BARS, CELL, DATES, HEADER } from "./grid-size.ts"

/** The runs as bars of their durations, above their columns, with the median as a line and dates where the day changes. */
export const GridHeader = memo(function GridHeader({
  runs,
  first,
  last,
  width,
  longestMs,
  medianMs,
  now,
  zone,
  active,
  selectedColumn,
}: {
  runs: readonly GridRun[]
  /** Columns [first, last) are drawn. */
  first: number
  last: number
  /** Of names and all runs, in pixels. */
  width: number
  longestMs: number
  medianMs: number | null
  /** For the bars of runs that go on. */
  now: number
  zone: string
  active: number | null
  selectedColumn: number | null
}) {
  const heightOf = (ms: number) => Math.max(2, Math.round((ms / Math.max(1, longestMs)) * (BARS - 14)))
  const dates = dateLabels(runs, zone)
  return (
    <div
      role="row"
      aria-rowindex={1}
      data-row={-1}
      className="sticky top-0 z-[2] flex bg-surface"
      style={{ height: HEADER, width }}
    >
      <div
        role="columnheader"
        aria-colindex={1}
        id={active === -1 ? ACTIVE_CELL : undefined}
        className="sticky left-0 z-[3] flex-none bg-surface"
        style={{ width: "var(--names)" }}
      >
        <span className="sr-only">Task</span>
        {medianMs !== null && (
          <span className="absolute right-2 text-11 text-t3" style={{ bottom: heightOf(medianMs) - 4 }}>
            median {formatDuration(medianMs)}
          </span>
        )}
      </div>
      <div role="presentation" className="flex-none" style={{ width: first * CELL }} />
      {runs.slice(first, last).map((run, i) => {
        const column = first + i
        const look = statusOf(run.state)
        const isOpen = !isFinalRunState(run.state)
        const ms = run.durationMs ?? (isOpen && run.startedAt && now > 0 ? now - Date.parse(run.startedAt) : 0)
        return (
          <div
            key={run.id}
            role="columnheader"
            aria-colindex={column + 2}
            aria-label={`Run ${run.id}, ${formatInstant(run.logicalAt, zone)}, ${look.label.toLowerCase()}${ms > 0 ? `, ${formatDuration(ms)}` : ""}`}
            id={active === column ? ACTIVE_CELL : undefined}
            data-column={column}
            data-s={look.glyph}
            className={cn(
              "relative flex flex-none cursor-pointer flex-col items-center justify-end pb-2 hover:bg-hover",
              selectedColumn === column && "bg-selected hover:bg-selected",
              active === column && "group-focus-visible/grid:shadow-[inset_0_0_0_2px_var(--focus)]",
            )}
            style={{ width: CELL }}
          >
            {dates.has(column) && (
              <span
                className={cn(
                  "absolute top-1 left-1 whitespace-nowrap text-11 text-t3",
                  dates.get(column) === "now" && "font-med text-accent-t",
                )}
                style={{ height: DATES }}
              >
                {dates.get(column)}
              </span>
            )}
            {run.state === "failed" && <StateIcon name="failed" className="mb-0.5" />}
            <span
              className={cn(
                "w-3 rounded-[2px]",
                isOpen ? "border-[1.4px] border-c bg-cb" : "bg-c",
                run.state === "success" && "opacity-80",
              )}
              style={{ height: heightOf(ms) }}
            />
          </div>
        )
      })}
      {medianMs !== null && (
        <div
          role="presentation"
          className="pointer-events-none absolute border-line-strong border-t border-dashed"
          style={{ left: "var(--names)", width: runs.length * CELL, bottom: 8 + heightOf(medianMs) }}
        />
      )}
    </div>
  )
})

/** A date where the day changes, no two closer than they are wide; "now" above a run that goes on. */
function dateLabels(runs: readonly GridRun[], zone: string): Map<number, string> {
  const labels = new Map<number, string>()
  let free = 0
  let before = ""
  for (const [column, run] of runs.entries()) {
    const day = dayIn(run.logicalAt, zone)
    if (day === before || column < free) continue
    labels.set(column, formatInstant(run.logicalAt, zone, "day"))
    before = day
    free = column + COLUMNS_A_DATE
  }
  const last = runs.length - 1
  if (runs[last] && !isFinalRunState(runs[last].state)) {
    for (let column = last - COLUMNS_A_DATE + 2; column <= last; column++) labels.delete(column)
    labels.set(last, "now")
  }
  return labels
}
const COLUMNS_A_DATE = 4
