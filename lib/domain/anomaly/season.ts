import { tzOffset } from "@date-fns/tz"
import { median } from "./robust-statistics.ts"

/** What repeats: nothing, or the clock's hour, the weekday, or both. */
export const SEASONS = ["none", "weekday", "hour", "hour_of_week"] as const
export type Season = (typeof SEASONS)[number]

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Fewer points in a bucket than this, and the bucket says nothing of the next. */
const MIN_PER_BUCKET = 2

/** Usual distance of one point to the next, in ms; NaN of fewer than two. */
export function cadenceMs(times: readonly number[]): number {
  return median(times.slice(1).map((time, index) => time - times[index]!))
}

/**
 * Seasons that a series may have by how often it is measured, the simple first: weekdays where it is measured about once a
 * day, hours where it is more often. Without two points in most buckets a season is no candidate.
 */
export function possibleSeasons(times: readonly number[], timezone: string): Season[] {
  const cadence = cadenceMs(times)
  const wanted: Season[] =
    cadence <= 12 * HOUR_MS
      ? ["none", "hour", "weekday", "hour_of_week"]
      : cadence <= 2 * DAY_MS
        ? ["none", "weekday"]
        : ["none"]
  return wanted.filter((season) => {
    if (season === "none") return true
    const sizes = [...Map.groupBy(times, (time) => bucketOf(season, time, timezone)).values()].map(
      ({ length }) => length,
    )
    return sizes.length > 1 && median(sizes) >= MIN_PER_BUCKET
  })
}

/** Which part of its season an instant is in, on the wall clock of the zone. */
export function bucketOf(season: Season, time: number, timezone: string): number {
  if (season === "none") return 0
  const wall = new Date(time + (timezone === "UTC" ? 0 : tzOffset(timezone, new Date(time)) * 60_000))
  if (season === "weekday") return wall.getUTCDay()
  if (season === "hour") return wall.getUTCHours()
  return wall.getUTCDay() * 24 + wall.getUTCHours()
}
