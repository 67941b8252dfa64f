import { offsetMs, wallTime } from "#lib/domain/zone.ts"

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const MORNING_HOUR = 9

/** A time to snooze until, as it is offered. */
export interface SnoozeChoice {
  label: string
  until: string
}

/** What snoozing offers at `now`: an hour, four, and 9 o'clock tomorrow as clocks in `zone` show it. */
export function snoozeChoices(now: number, zone: string): SnoozeChoice[] {
  return [
    { label: "For 1 hour", until: toInstant(now + HOUR_MS) },
    { label: "For 4 hours", until: toInstant(now + 4 * HOUR_MS) },
    { label: "Until tomorrow 09:00", until: toInstant(tomorrowMorning(now, zone)) },
  ]
}

function tomorrowMorning(now: number, zone: string): number {
  const today = Math.floor(wallTime(zone, now) / DAY_MS) * DAY_MS
  const wall = today + DAY_MS + MORNING_HOUR * HOUR_MS
  // The clock may change in the night: the offset that counts is the morning's.
  return wall - offsetMs(zone, wall - offsetMs(zone, now))
}

function toInstant(at: number): string {
  return new Date(at).toISOString()
}
