import {
  type BusinessCalendar,
  type CalendarPeriod,
  DAY_MS,
  isWorkingDay,
  nearestWorkingDay,
  nthWorkingDay,
  periodAround,
  startOfDay,
} from "./business-calendar.ts"
import type { WallRule } from "./wall-rule.ts"

/** What becomes of a cron's times on a day that is not worked. */
export const HOLIDAY_POLICIES = ["skip", "next", "previous"] as const
export type HolidayPolicy = (typeof HOLIDAY_POLICIES)[number]

/** Periods looked at before a rule counts as one that never fires: 60 years of years, five of months. */
const MAX_PERIODS = 60
/** Days that a filtered cron is followed without a hit before it counts as one that never fires. */
const MAX_MISSES = 1_000

/** Times of day (ms after midnight, ascending) on each working day, or on the nth of each period (-1: the last). */
export function workingDayRule(rule: {
  which: "every" | number
  of: CalendarPeriod
  times: readonly number[]
  calendar: BusinessCalendar
}): WallRule {
  const { which, of, times, calendar } = rule
  // The day of a period that fires, where it has one, beginning with the period around `midnight`.
  const days = function* (midnight: number, step: 1 | -1): Generator<number> {
    if (which === "every") {
      for (let day: number | null = midnight; day !== null; ) {
        day = nearestWorkingDay(calendar, day, step)
        if (day === null) return
        yield day
        day += step * DAY_MS
      }
      return
    }
    let period = periodAround(of, midnight)
    for (let count = 0; count < MAX_PERIODS; count++) {
      const day = nthWorkingDay(calendar, period, which)
      if (day !== null) yield day
      period = periodAround(of, step === 1 ? period.end : period.start - DAY_MS)
    }
  }
  return {
    next(after) {
      for (const day of days(startOfDay(after), 1)) {
        const time = times.find((each) => day + each > after)
        if (time !== undefined) return day + time
      }
      return null
    },
    previous(before) {
      for (const day of days(startOfDay(before), -1)) {
        const time = times.findLast((each) => day + each < before)
        if (time !== undefined) return day + time
      }
      return null
    },
    followsElapsedTime: false,
  }
}

/** A rule's times on working days only; those of other days are left out, or moved to the nearest working day. */
export function filteredRule(rule: WallRule, calendar: BusinessCalendar, policy: HolidayPolicy): WallRule {
  if (policy === "skip") return onWorkingDays(rule, calendar)
  return movedRule(rule, calendar, policy === "next" ? 1 : -1)
}

function onWorkingDays(rule: WallRule, calendar: BusinessCalendar): WallRule {
  return {
    next(after) {
      let wall = rule.next(after)
      for (let misses = 0; wall !== null && misses < MAX_MISSES; misses++) {
        const day = startOfDay(wall)
        if (isWorkingDay(calendar, day)) return wall
        wall = rule.next(day + DAY_MS - 1)
      }
      return null
    },
    previous(before) {
      let wall = rule.previous(before)
      for (let misses = 0; wall !== null && misses < MAX_MISSES; misses++) {
        const day = startOfDay(wall)
        if (isWorkingDay(calendar, day)) return wall
        wall = rule.previous(day)
      }
      return null
    },
    followsElapsedTime: rule.followsElapsedTime,
  }
}

/**
 * Moves each time to the same time of day on the nearest working day in one direction. All that lands on a working day comes
 * from it and the days off beside it, so both walks go from working day to working day, and two times that meet are one.
 */
function movedRule(rule: WallRule, calendar: BusinessCalendar, direction: 1 | -1): WallRule {
  /** Midnight of the working day that a time moves to. */
  const target = (wall: number) => nearestWorkingDay(calendar, startOfDay(wall), direction)
  const landingOn = (day: number): number[] => {
    let [from, to] = [day, day + DAY_MS]
    if (direction === 1) while (from > day - 400 * DAY_MS && !isWorkingDay(calendar, from - DAY_MS)) from -= DAY_MS
    else while (to < day + 400 * DAY_MS && !isWorkingDay(calendar, to)) to += DAY_MS
    const walls = new Set<number>()
    for (let wall = rule.next(from - 1); wall !== null && wall < to; wall = rule.next(wall)) {
      walls.add(day + (wall - startOfDay(wall)))
    }
    return [...walls].sort((a, b) => a - b)
  }
  return {
    next(after) {
      let day = nearestWorkingDay(calendar, startOfDay(after), 1)
      for (let misses = 0; day !== null && misses < MAX_MISSES; misses++) {
        const wall = landingOn(day).find((each) => each > after)
        if (wall !== undefined) return wall
        // Nothing lands here any more: the next working day, or where the rule's next time lands if that is later.
        const following = nearestWorkingDay(calendar, day + DAY_MS, 1)
        const coming = rule.next(day + DAY_MS - 1)
        if (following === null || coming === null) return null
        day = Math.max(following, target(coming) ?? following)
      }
      return null
    },
    previous(before) {
      let day = nearestWorkingDay(calendar, startOfDay(before), -1)
      for (let misses = 0; day !== null && misses < MAX_MISSES; misses++) {
        const wall = landingOn(day).findLast((each) => each < before)
        if (wall !== undefined) return wall
        const preceding = nearestWorkingDay(calendar, day - DAY_MS, -1)
        const coming = rule.previous(day)
        if (preceding === null || coming === null) return null
        day = Math.min(preceding, target(coming) ?? preceding)
      }
      return null
    },
    followsElapsedTime: false,
  }
}
