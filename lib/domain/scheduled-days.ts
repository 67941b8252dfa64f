import { nextTick, type Schedule } from "./schedule.ts"

/**
 * Days of `year` (`2026-03-17`, in the schedule's zone) on which it is due, from `nextRunAt` on and after `now`. One tick a
 * day is looked for, however often it runs on that day.
 */
export function scheduledDays(schedule: Schedule, nextRunAt: Date, now: Date, year: number): string[] {
  const format = dayFormat(schedule.timezone)
  const days: string[] = []
  const start = new Date(Math.max(now.getTime(), Date.UTC(year, 0, 1) - 24 * HOUR_MS))
  let tick: Date | null = nextRunAt >= start ? nextRunAt : nextTick(schedule, start)
  while (tick !== null) {
    const day = format.format(tick)
    if (day > `${year}-12-31`) break
    if (day >= `${year}-01-01` && day !== days.at(-1)) days.push(day)
    tick = nextTick(schedule, lateOn(day, tick, format))
  }
  return days
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
