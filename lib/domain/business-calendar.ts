/** 0 is Sunday, as in cron. */
export const WEEKDAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"] as const
export type Weekday = (typeof WEEKDAYS)[number]

/** Which days are worked: all but weekends and holidays, and those that are worked all the same. Dates are `2026-12-25`. */
export interface BusinessCalendar {
  weekend: Weekday[]
  holidays: string[]
  /** Days worked although they lie on a weekend or holiday. */
  workdays: string[]
}

export const MONDAY_TO_FRIDAY: BusinessCalendar = { weekend: ["saturday", "sunday"], holidays: [], workdays: [] }

export const DAY_MS = 86_400_000
/** No calendar has a longer stretch without a working day; one that has is treated as having none. */
const MAX_STRETCH = 400

/** Midnight of the day of a wall time (ms as if UTC). */
export function startOfDay(wall: number): number {
  return Math.floor(wall / DAY_MS) * DAY_MS
}

/** Whether the day that starts at `midnight` is worked. */
export function isWorkingDay(calendar: BusinessCalendar, midnight: number): boolean {
  const { weekend, holidays, workdays } = setsOf(calendar)
  const date = new Date(midnight).toISOString().slice(0, 10)
  if (workdays.has(date)) return true
  return !holidays.has(date) && !weekend.has(WEEKDAYS[new Date(midnight).getUTCDay()]!)
}

/** The first working day at or after `midnight`, or (with `step` -1) the last at or before it; null where there is none. */
export function nearestWorkingDay(calendar: BusinessCalendar, midnight: number, step: 1 | -1): number | null {
  for (let days = 0; days <= MAX_STRETCH; days++) {
    const day = midnight + days * step * DAY_MS
    if (isWorkingDay(calendar, day)) return day
  }
  return null
}

export type CalendarPeriod = "week" | "month" | "quarter" | "year"

/** The period [start, end) that holds a day, as midnights. Weeks start on Monday. */
export function periodAround(period: CalendarPeriod, midnight: number): { start: number; end: number } {
  const date = new Date(midnight)
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()]
  switch (period) {
    case "week": {
      const start = midnight - ((date.getUTCDay() + 6) % 7) * DAY_MS
      return { start, end: start + 7 * DAY_MS }
    }
    case "month":
      return { start: Date.UTC(year, month, 1), end: Date.UTC(year, month + 1, 1) }
    case "quarter": {
      const first = month - (month % 3)
      return { start: Date.UTC(year, first, 1), end: Date.UTC(year, first + 3, 1) }
    }
    case "year":
      return { start: Date.UTC(year, 0, 1), end: Date.UTC(year + 1, 0, 1) }
  }
}

/** The nth working day of [start, end): 1 is the first, -1 the last; null where the period has fewer. */
export function nthWorkingDay(
  calendar: BusinessCalendar,
  period: { start: number; end: number },
  nth: number,
): number | null {
  const step = nth > 0 ? 1 : -1
  let left = Math.abs(nth)
  for (
    let day = step === 1 ? period.start : period.end - DAY_MS;
    day >= period.start && day < period.end;
    day += step * DAY_MS
  ) {
    if (isWorkingDay(calendar, day) && --left === 0) return day
  }
  return null
}

interface DateSets {
  weekend: ReadonlySet<string>
  holidays: ReadonlySet<string>
  workdays: ReadonlySet<string>
}
const sets = new WeakMap<BusinessCalendar, DateSets>()

function setsOf(calendar: BusinessCalendar): DateSets {
  const known = sets.get(calendar)
  if (known) return known
  const made = {
    weekend: new Set<string>(calendar.weekend),
    holidays: new Set(calendar.holidays),
    workdays: new Set(calendar.workdays),
  }
  sets.set(calendar, made)
  return made
}
