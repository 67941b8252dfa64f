import { nextTick, type Schedule } from "./schedule.ts"

/**
 * Days of `year` (`2026-03-17`, in `zone`) after `now` on which one of the schedules is due, in order. One tick a day is
 * looked for, however often a schedule fires on that day.
 */
export function scheduledDays(schedules: readonly Schedule[], zone: string, now: Date, year: number): string[] {
  const format = dayFormat(zone)
  const days = new Set<string>()
  for (const schedule of schedules) {
    const first = Math.max(now.getTime(), Date.UTC(year, 0, 1) - 24 * HOUR_MS, time(schedule.startAt, -1) - 1)
    const last = time(schedule.endAt, Number.POSITIVE_INFINITY)
    let tick = nextTick(schedule, new Date(first))
    while (tick !== null && tick.getTime() <= last) {
      const day = format.format(tick)
      if (day > `${year}-12-31`) break
      if (day >= `${year}-01-01`) days.add(day)
      tick = nextTick(schedule, lateOn(day, tick, format))
    }
  }
  return [...days].sort()
}

/** Writes instants as days of a zone, as ISO does (Swedish dates are ISO 8601). */
export function dayFormat(zone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: zone })
}

const HOUR_MS = 3_600_000

/** `tick` moved on by whole hours, as far as its day goes; days have 23 to 25 of them. */
function lateOn(day: string, tick: Date, format: Intl.DateTimeFormat): Date {
  let at = tick.getTime()
  while (format.format(at + HOUR_MS) === day) at += HOUR_MS
  return new Date(at)
}

function time(instant: string | null, otherwise: number): number {
  return instant === null ? otherwise : Date.parse(instant)
}
