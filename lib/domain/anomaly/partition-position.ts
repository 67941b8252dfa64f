import { type PartitionUnit, partitionInterval, startOfLocalDay } from "../partition.ts"
import { splitPartitionKey } from "../partition-scheme.ts"

/** Where a partition is in time. */
export interface PartitionPosition {
  start: Date
  end: Date
  /** The fixed key beside it, which makes a series of its own. */
  staticKey: string | null
}

/** The partition that a key names; null for keys without time, for ranges, and for what is no key. */
export function partitionPosition(key: string, timezone: string): PartitionPosition | null {
  const { time, key: staticKey } = splitPartitionKey(key)
  if (time === null || time.includes("..")) return null
  const found = unitAndStart(time, timezone)
  if (found === null || Number.isNaN(found.start.getTime())) return null
  const { start, end } = partitionInterval(found.unit, timezone, found.start)
  return { start, end, staticKey }
}

function unitAndStart(time: string, timezone: string): { unit: PartitionUnit; start: Date } | null {
  if (/^\d{4}-\d\d-\d\d$/.test(time)) return { unit: "day", start: startOfLocalDay(timezone, time) }
  if (/^\d{4}-\d\d$/.test(time)) return { unit: "month", start: startOfLocalDay(timezone, `${time}-01`) }
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d(Z|[+-]\d\d:\d\d)$/.test(time)) return { unit: "hour", start: new Date(time) }
  const week = /^(\d{4})-W(\d\d)$/.exec(time)
  if (!week) return null
  // ISO 8601: the week of 4 January is the first.
  const fourth = Date.UTC(Number(week[1]), 0, 4)
  const monday = fourth - ((new Date(fourth).getUTCDay() + 6) % 7) * 86_400_000 + (Number(week[2]) - 1) * 7 * 86_400_000
  return { unit: "week", start: startOfLocalDay(timezone, new Date(monday).toISOString().slice(0, 10)) }
}
