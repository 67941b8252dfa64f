"use client"
import { type KeyboardEvent, useMemo, useRef, useState } from "react"
import type { PipelineCalendar } from "#lib/contracts/api/pipeline-views.ts"
import type { RunState } from "#lib/domain/run-state.ts"
import { formatDuration } from "../format/duration.ts"
import { formatInstant } from "../format/instant.ts"
import { statusOf } from "../status/status-map.ts"
import { cn } from "../ui/cn.ts"
import { CellIcon } from "../ui/icon.tsx"
import { type CalendarCell, calendarYear, dayAfterKey, WEEKDAYS } from "./calendar-model.ts"

const CELL = 20
const ACTIVE = "calendar-active-day"

/** A year of days, the worst of each. Arrow keys move by days and weeks, Enter opens a day. */
export function CalendarGrid({
  calendar,
  today,
  selected,
  onSelect,
}: {
  calendar: PipelineCalendar
  today: string
  selected: string | null
  onSelect: (day: string) => void
}) {
  const { weeks, months } = useMemo(() => calendarYear(calendar, today), [calendar, today])
  const newest = calendar.days.at(-1)?.day ?? `${calendar.year}-01-01`
  const [moved, setMoved] = useState<string | null>(null)
  const active = moved?.startsWith(String(calendar.year)) ? moved : (selected ?? newest)
  const hover = useRef<HTMLOutputElement>(null)
  const say = (words: string) => {
    // Written past React: pointing at days must not draw the year again.
    if (hover.current) hover.current.textContent = words
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault()
      onSelect(active)
      return
    }
    const next = dayAfterKey(active, event.key)
    if (next === null) return
    event.preventDefault()
    setMoved(next)
    document.getElementById(ACTIVE)?.scrollIntoView({ block: "nearest", inline: "nearest" })
  }
  return (
    <div className="min-w-0">
      <div
        role="grid"
        aria-label={`Runs of ${calendar.year} by day. Arrow keys move, Enter lists a day's runs.`}
        aria-activedescendant={ACTIVE}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onPointerLeave={() => say("")}
        className="group/year relative max-w-full overflow-x-auto px-6 pt-1 pb-2 max-sm:px-4"
      >
        <div role="presentation" className="relative h-5" style={{ width: 40 + weeks.length * CELL }}>
          {months.map(({ week, name }) => (
            <span key={name} className="absolute text-11 text-t3" style={{ left: 40 + week * CELL }}>
              {name}
            </span>
          ))}
        </div>
        {WEEKDAYS.map((weekday, row) => (
          <div role="row" key={weekday} className="flex" style={{ width: 40 + weeks.length * CELL }}>
            <span role="rowheader" className="w-10 flex-none text-11 text-t3 leading-5">
              {row % 2 === 0 ? weekday : <span className="sr-only">{weekday}</span>}
            </span>
            {weeks.map((week, column) => {
              const cell = week[row] ?? null
              if (!cell) {
                return (
                  <span
                    // biome-ignore lint/suspicious/noArrayIndexKey: weeks of a year never move
                    key={column}
                    role="gridcell"
                    aria-label="Another year"
                    className="flex-none"
                    style={{ width: CELL }}
                  />
                )
              }
              const isActive = cell.day === active
              return (
                <span
                  key={cell.day}
                  role="gridcell"
                  id={isActive ? ACTIVE : undefined}
                  aria-label={dayWords(cell)}
                  aria-selected={cell.day === selected}
                  onClick={() => {
                    setMoved(cell.day)
                    onSelect(cell.day)
                  }}
                  onKeyDown={undefined}
                  onPointerEnter={() => say(dayWords(cell))}
                  className={cn(
                    "grid flex-none cursor-pointer place-items-center rounded-1 hover:bg-hover",
                    cell.isToday && "bg-selected shadow-[inset_0_0_0_1px_var(--accent)]",
                    cell.day === selected && "bg-selected shadow-[inset_0_0_0_2px_var(--accent)]",
                    isActive && "group-focus-visible/year:shadow-[inset_0_0_0_2px_var(--focus)]",
                  )}
                  style={{ width: CELL, height: CELL }}
                >
                  <CellIcon name={lookOf(cell)} />
                </span>
              )
            })}
          </div>
        ))}
      </div>
      <output ref={hover} className="block min-h-5 px-6 text-12 text-t2 max-md:hidden" />
    </div>
  )
}

function lookOf({ runs, isScheduled }: CalendarCell) {
  if (runs) return statusOf(runs.worst).cell
  return isScheduled ? "scheduled" : "none"
}

/** A day in words: `17 Mar: 95 success, 1 failed, ran 1 h 20 m`. */
function dayWords({ day, runs, isScheduled }: CalendarCell): string {
  const date = formatInstant(`${day}T12:00:00Z`, "UTC", "weekday")
  if (!runs) return `${date}: ${isScheduled ? "scheduled" : "no runs"}`
  const counts = (Object.entries(runs.counts) as [RunState, number][])
    .map(([state, count]) => `${count} ${statusOf(state).label.toLowerCase()}`)
    .join(", ")
  return `${date}: ${counts}${runs.durationMs > 0 ? `, ran ${formatDuration(runs.durationMs)} in all` : ""}`
}
