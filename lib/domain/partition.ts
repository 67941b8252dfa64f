import { tzOffset } from "@date-fns/tz"
import { AppError } from "./errors.ts"

export const PARTITION_UNITS = ["hour", "day", "week", "month"] as const
export type PartitionUnit = (typeof PARTITION_UNITS)[number]

/** One partition: the instants [start, end) of an hour, day, ISO week or month on the wall clock of a zone. */
export interface Partition {
  key: string
  start: Date
  end: Date
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/**
 * The partition that holds `instant`. Partitions of a unit tile time: no gap, no overlap, also where the wall clock
 * changes (a day of 23 or 25 hours; an hour cut short in zones that change by half an hour).
 */
export function partitionInterval(unit: PartitionUnit, timezone: string, instant: Date): Partition {
  const time = instant.getTime()
  const { start, end } = unit === "hour" ? hourAround(timezone, time) : calendarAround(unit, timezone, time)
  return { key: partitionKey(unit, timezone, new Date(start)), start: new Date(start), end: new Date(end) }
}

/**
 * The partitions that share an instant with [from, to), oldest first.
 * @throws AppError `backfill.invalid` where there are more than `limit`.
 */
export function partitionsBetween(
  unit: PartitionUnit,
  timezone: string,
  from: Date,
  to: Date,
  limit = 100_000,
): Partition[] {
  const partitions: Partition[] = []
  for (let at = from; at < to; at = partitions.at(-1)!.end) {
    if (partitions.length >= limit) {
      throw new AppError("backfill.invalid", `The range holds more than ${limit} partitions; choose a shorter one.`, {
        kind: "config",
      })
    }
    partitions.push(partitionInterval(unit, timezone, at))
  }
  return partitions
}

/**
 * The name of the partition that starts at `start`: `2026-03-08T01:00-05:00`, `2026-03-08`, `2026-W10`, `2026-03`.
 * Hours carry their offset, because the hour that the clock repeats in autumn comes twice.
 */
export function partitionKey(unit: PartitionUnit, timezone: string, start: Date): string {
  const offset = offsetMs(timezone, start.getTime())
  const wall = new Date(start.getTime() + offset)
  const day = wall.toISOString().slice(0, 10)
  switch (unit) {
    case "hour":
      return `${wall.toISOString().slice(0, 16)}${offsetText(offset)}`
    case "day":
      return day
    case "week":
      return isoWeek(wall)
    case "month":
      return day.slice(0, 7)
  }
}

/** The first instant of a date (`2026-03-08`) on the wall clock of a zone. */
export function startOfLocalDay(timezone: string, date: string): Date {
  return new Date(wallToInstant(timezone, Date.parse(`${date}T00:00:00Z`)))
}

function calendarAround(unit: "day" | "week" | "month", timezone: string, time: number) {
  const wall = new Date(time + offsetMs(timezone, time))
  const [year, month, date] = [wall.getUTCFullYear(), wall.getUTCMonth(), wall.getUTCDate()]
  const weekday = (wall.getUTCDay() + 6) % 7
  const [first, next] = {
    day: [Date.UTC(year, month, date), Date.UTC(year, month, date + 1)],
    week: [Date.UTC(year, month, date - weekday), Date.UTC(year, month, date - weekday + 7)],
    month: [Date.UTC(year, month, 1), Date.UTC(year, month + 1, 1)],
  }[unit] as [number, number]
  return { start: wallToInstant(timezone, first), end: wallToInstant(timezone, next) }
}

function hourAround(timezone: string, time: number) {
  const offset = offsetMs(timezone, time)
  const start = Math.floor((time + offset) / HOUR_MS) * HOUR_MS - offset
  const end = start + HOUR_MS
  // Half-hour changes (Lord Howe) fall inside an hour and cut it.
  const startsAfterChange = offsetMs(timezone, start) !== offset
  const endsAtChange = offsetMs(timezone, end - 1) !== offset
  return {
    start: startsAfterChange ? offsetChange(timezone, start, time) : start,
    end: endsAtChange ? offsetChange(timezone, time, end - 1) : end,
  }
}

/** The first instant at which the zone's clock shows `wall` or later: the first pass of a fold, the end of a gap. */
function wallToInstant(timezone: string, wall: number): number {
  const before = offsetMs(timezone, wall - DAY_MS)
  const after = offsetMs(timezone, wall + DAY_MS)
  for (const candidate of [wall - Math.max(before, after), wall - Math.min(before, after)]) {
    if (candidate + offsetMs(timezone, candidate) === wall) return candidate
  }
  return offsetChange(timezone, wall - after, wall - before)
}

/** The instant in (low, high] from which the offset of `high` holds. */
function offsetChange(timezone: string, low: number, high: number): number {
  const target = offsetMs(timezone, high)
  let [below, at] = [low, high]
  while (at - below > 1) {
    const middle = Math.floor((below + at) / 2)
    if (offsetMs(timezone, middle) === target) at = middle
    else below = middle
  }
  return at
}

function offsetMs(timezone: string, time: number): number {
  return tzOffset(timezone, new Date(time)) * 60_000
}

function offsetText(offset: number): string {
  if (offset === 0) return "Z"
  const minutes = Math.abs(offset) / 60_000
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0")
  return `${offset < 0 ? "-" : "+"}${two(minutes / 60)}:${two(minutes % 60)}`
}

/** ISO 8601: week 1 is the one with the year's first Thursday. */
function isoWeek(wall: Date): string {
  const thursday = new Date(wall.getTime() + (3 - ((wall.getUTCDay() + 6) % 7)) * DAY_MS)
  const year = thursday.getUTCFullYear()
  const week = 1 + Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / (7 * DAY_MS))
  return `${year}-W${String(week).padStart(2, "0")}`
}
