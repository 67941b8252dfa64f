"use client"
import { type KeyboardEvent, useRef, useState } from "react"
import { type AnyState, statusOf } from "../status/status-map.ts"
import { Button } from "../ui/button.tsx"
import { cn } from "../ui/cn.ts"
import { CellIcon } from "../ui/icon.tsx"
import { addMonths, dayFor, weeksOf } from "./calendar-days.ts"

const WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"] as const

/**
 * A month of days with how each stands. The first day that is chosen begins a range, the second ends it; arrow keys go from
 * day to day.
 */
export function RangeCalendar({
  from,
  to,
  states,
  planned,
  onChange,
}: {
  from: string
  to: string
  /** How days stand, by date. */
  states: ReadonlyMap<string, AnyState>
  /** Days that the plan would load. */
  planned: ReadonlySet<string>
  onChange: (range: { from: string; to: string }) => void
}) {
  const [month, setMonth] = useState(to.slice(0, 7))
  const [anchor, setAnchor] = useState<string | null>(null)
  const [cursor, setCursor] = useState(to)
  const table = useRef<HTMLTableElement>(null)
  const name = monthName(month)
  const choose = (day: string) => {
    setCursor(day)
    if (anchor === null) {
      setAnchor(day)
      onChange({ from: day, to: day })
    } else {
      setAnchor(null)
      onChange(day < anchor ? { from: day, to: anchor } : { from: anchor, to: day })
    }
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const day = dayFor(event.key, cursor)
    if (day === null) return
    event.preventDefault()
    setCursor(day)
    setMonth(day.slice(0, 7))
    requestAnimationFrame(() => table.current?.querySelector<HTMLElement>(`[data-day="${day}"]`)?.focus())
  }
  // Of the month that is shown, one day is the keyboard's stop.
  const stop = cursor.startsWith(month) ? cursor : `${month}-01`
  return (
    <div className="mt-2">
      <div className="mb-1 flex items-center gap-1">
        <Button
          size="sm"
          icon="right"
          className="[&>svg]:rotate-180"
          aria-label="Month before"
          onClick={() => setMonth(addMonths(month, -1))}
        />
        <span aria-live="polite" className="flex-1 text-center font-med">
          {name}
        </span>
        <Button size="sm" icon="right" aria-label="Month after" onClick={() => setMonth(addMonths(month, 1))} />
      </div>
      <table
        ref={table}
        aria-label={`Days of ${name}`}
        onKeyDown={onKeyDown}
        className="w-full table-fixed border-collapse"
      >
        <thead>
          <tr>
            {WEEKDAYS.map((day) => (
              <th key={day} scope="col" abbr={day} className="pb-1 font-body text-12 text-t3">
                {day.slice(0, 2)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {weeksOf(month).map((week) => (
            <tr key={week.find(Boolean)}>
              {week.map((day, place) =>
                day === null ? (
                  // biome-ignore lint/suspicious/noArrayIndexKey: an empty place is nothing but its place
                  <td key={place} />
                ) : (
                  <td key={day} className={cn("p-0", day >= from && day <= to && "bg-selected")}>
                    <DayButton
                      day={day}
                      state={states.get(day) ?? null}
                      isChosen={day >= from && day <= to}
                      isPlanned={planned.has(day)}
                      isStop={day === stop}
                      onClick={() => choose(day)}
                    />
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
      <p aria-live="polite" className="mt-1 min-h-[18px] text-12 text-t3">
        {anchor === null ? "Choose the first day, then the last." : "Now choose the last day."}
      </p>
    </div>
  )
}

function DayButton({
  day,
  state,
  isChosen,
  isPlanned,
  isStop,
  onClick,
}: {
  day: string
  state: AnyState | null
  isChosen: boolean
  isPlanned: boolean
  isStop: boolean
  onClick: () => void
}) {
  const words = [dayName(day), state && statusOf(state).label.toLowerCase(), isPlanned && "will run"]
    .filter(Boolean)
    .join(", ")
  return (
    <button
      type="button"
      data-day={day}
      aria-label={words}
      aria-pressed={isChosen}
      tabIndex={isStop ? 0 : -1}
      title={words}
      onClick={onClick}
      className={cn(
        "flex h-[34px] w-full flex-col items-center justify-center rounded-1 leading-4 hover:bg-hover focus-visible:-outline-offset-2",
        isPlanned ? "font-strong" : "text-t2",
      )}
    >
      {Number(day.slice(8))}
      {state ? <CellIcon name={statusOf(state).cell} size={10} /> : <span className="h-2.5" />}
    </button>
  )
}

const DAY = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" })

/** "1 March 2026", which holds the number that is seen, so that people who speak to their computer can name it. */
function dayName(day: string): string {
  return DAY.format(new Date(`${day}T00:00:00Z`))
}

const MONTH = new Intl.DateTimeFormat("en-GB", { month: "long", year: "numeric", timeZone: "UTC" })

function monthName(month: string): string {
  return MONTH.format(new Date(`${month}-01T00:00:00Z`))
}
