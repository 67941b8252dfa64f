import type { CalendarDay, PipelineCalendar } from "#lib/contracts/api/pipeline-views.ts"

/** One day of the year. */
export interface CalendarCell {
  /** `2026-03-17`. */
  day: string
  /** Its runs; null where none was due that day. */
  runs: CalendarDay | null
  isScheduled: boolean
  isToday: boolean
}

/** A year in weeks from Monday to Sunday; null stands for days of the neighbouring years. */
export interface CalendarYear {
  weeks: (CalendarCell | null)[][]
  /** Name of each month above the week that holds its first day. */
  months: { week: number; name: string }[]
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
export const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
const DAY_MS = 86_400_000

/** The days of a year as a calendar shows them. Works on dates without a zone: they are of the pipeline's zone already. */
export function calendarYear(
  calendar: Pick<PipelineCalendar, "year" | "days" | "scheduled">,
  today: string,
): CalendarYear {
  const runs = new Map(calendar.days.map((day) => [day.day, day]))
  const scheduled = new Set(calendar.scheduled)
  const first = Date.UTC(calendar.year, 0, 1)
  const last = Date.UTC(calendar.year, 11, 31)
  const lead = (new Date(first).getUTCDay() + 6) % 7
  const weeks: CalendarYear["weeks"] = []
  const months: CalendarYear["months"] = []
  for (let at = first; at <= last; at += DAY_MS) {
    const date = new Date(at)
    const place = lead + Math.round((at - first) / DAY_MS)
    const week = Math.floor(place / 7)
    weeks[week] ??= new Array<CalendarCell | null>(7).fill(null)
    const day = date.toISOString().slice(0, 10)
    weeks[week][place % 7] = {
      day,
      runs: runs.get(day) ?? null,
      isScheduled: scheduled.has(day),
      isToday: day === today,
    }
    if (date.getUTCDate() === 1) months.push({ week, name: MONTHS[date.getUTCMonth()]! })
  }
  return { weeks, months }
}

/** The day that an arrow key leads to, a week to the sides and a day up and down; stays within the year. */
export function dayAfterKey(day: string, key: string): string | null {
  const step = { ArrowLeft: -7, ArrowRight: 7, ArrowUp: -1, ArrowDown: 1 }[key]
  const year = day.slice(0, 4)
  if (key === "Home") return `${year}-01-01`
  if (key === "End") return `${year}-12-31`
  if (step === undefined) return null
  const next = new Date(Date.parse(day) + step * DAY_MS).toISOString().slice(0, 10)
  return next.startsWith(year) ? next : day
}
