import { dayIn, formatInstant } from "../format/instant.ts"

/**
 * A data interval in words, in `zone`: "Mon 16 Mar, 00:00 to 24:00" within one day, both ends in full otherwise, and the
 * instant alone where it is empty. The end is exclusive, so midnight is said as 24:00 of the day it ends.
 */
export function intervalWords(start: string, end: string, zone: string, now: number = Date.now()): string {
  const from = formatInstant(start, zone, "time", now)
  if (start === end) return `${formatInstant(start, zone, "weekday", now)}, ${from}`
  const isMidnight = formatInstant(end, zone, "time", now) === "00:00"
  // A millisecond before the end lies on the last day that the interval holds.
  const lastDay = dayIn(Date.parse(end) - 1, zone)
  const to = isMidnight ? "24:00" : formatInstant(end, zone, "time", now)
  const day = formatInstant(start, zone, "weekday", now)
  if (dayIn(start, zone) === lastDay) return `${day}, ${from} to ${to}`
  const last = formatInstant(isMidnight ? Date.parse(end) - 1 : end, zone, "weekday", now)
  return `${day}, ${from} to ${last}, ${to}`
}
