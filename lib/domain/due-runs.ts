import { partitionInterval } from "./partition.ts"
import { intervalFor, nextTick, previousTick, type Schedule, ticksBetween } from "./schedule.ts"

/** A run that is due: it covers [intervalStart, intervalEnd); its logical time is the tick. */
export interface DueRun {
  logicalAt: Date
  intervalStart: Date
  intervalEnd: Date
}

export interface DueRuns {
  runs: DueRun[]
  /** When to look again: when the first run after those is due. In the past while a catch-up is cut short by `limit`. */
  nextRunAt: Date | null
}

/** A tick younger than this counts as noticed in time: the loop looks each second, or when a process is busy a little later. */
const GRACE_MS = 60_000
const MONTH_MS = 31 * 86_400_000

/**
 * The runs that `now` makes due, oldest first. What was missed in a pause or an outage follows the schedule's `catchup`:
 * `latest` gives one run for the newest missed interval, `all` one for each (at most `limit` a call), `none` only ticks
 * younger than `graceMs`, the time that a loop may take to notice a tick which nothing missed.
 *
 * Only intervals between the schedule's start and end count. Without a start, the first tick after now is the first run.
 * Ticks follow from the schedule and `lastLogicalAt`, so a clock that is stepped back makes no run twice.
 */
export function dueRuns(input: {
  schedule: Schedule
  lastLogicalAt: Date | null
  now: Date
  limit?: number
  graceMs?: number
}): DueRuns {
  const { schedule, lastLogicalAt, limit = 100, graceMs = GRACE_MS } = input
  // A run that waits for its delay is not due yet: seen from its tick, the clock is behind by that much.
  const now = shifted(input.now, -schedule.delayMs)
  const after = later(lastLogicalAt ?? (schedule.startAt === null ? now : earliest(schedule)), lowerBound(schedule))
  const ticks = missedTicks(schedule, after, now, { limit, graceMs })
  // `none` and `latest` pass over ticks for good; the next one lies after now, unless the clock went back.
  const handled = ticks.at(-1) ?? (schedule.catchup === "all" ? after : later(after, now))
  const next = nextDueTick(schedule, handled)
  return { runs: ticks.map((tick) => dueRun(schedule, tick)), nextRunAt: next && shifted(next, schedule.delayMs) }
}

/** The first tick after `after` whose interval lies between the schedule's start and end; null where none follows. */
export function nextDueTick(schedule: Schedule, after: Date): Date | null {
  const tick = nextTick(schedule, later(after, lowerBound(schedule)))
  return tick !== null && isBeforeEnd(schedule, tick) ? tick : null
}

export function dueRun(schedule: Schedule, tick: Date): DueRun {
  const interval = intervalFor(schedule, tick)
  return { logicalAt: tick, intervalStart: interval.start, intervalEnd: interval.end }
}

function missedTicks(schedule: Schedule, from: Date, now: Date, bounds: { limit: number; graceMs: number }): Date[] {
  if (schedule.catchup !== "latest") {
    const oldest = schedule.catchup === "all" ? from : later(from, shifted(now, -bounds.graceMs))
    return ticksBetween(schedule, oldest, now, bounds.limit).filter((tick) => isBeforeEnd(schedule, tick))
  }
  let tick = previousTick(schedule, sooner(shifted(now, 1), upperBound(schedule)))
  while (tick !== null && tick > from && !isBeforeEnd(schedule, tick)) tick = previousTick(schedule, tick)
  return tick !== null && tick > from ? [tick] : []
}

/** Every tick after this has an interval that starts at or after the schedule's start. */
function lowerBound(schedule: Schedule): Date {
  const { startAt, interval, offsetMs, timezone } = schedule
  if (startAt === null) return earliest(schedule)
  const start = shifted(new Date(startAt), offsetMs)
  if (interval === "none") return shifted(start, -1)
  if (typeof interval === "number") return shifted(start, interval - 1)
  // The start's own tick opens the first interval; its run is that of the tick after it. Without one, nothing ever runs.
  if (interval === "previous") return nextTick(schedule, shifted(start, -1)) ?? start
  const unit = partitionInterval(interval, timezone, new Date(startAt))
  const first = unit.start.getTime() === Date.parse(startAt) ? unit : partitionInterval(interval, timezone, unit.end)
  return shifted(first.end, offsetMs - 1)
}

/** No tick at or after this has an interval that ends by the schedule's end. */
function upperBound(schedule: Schedule): Date {
  const { endAt, offsetMs, interval } = schedule
  if (endAt === null) return new Date(8.64e15)
  const isUnit = typeof interval === "string" && interval !== "previous" && interval !== "none"
  return shifted(new Date(endAt), offsetMs + (isUnit ? MONTH_MS : 0) + 1)
}

function isBeforeEnd(schedule: Schedule, tick: Date): boolean {
  return schedule.endAt === null || intervalFor(schedule, tick).end <= new Date(schedule.endAt)
}

/** Before every tick of a schedule with a start. */
function earliest({ startAt }: Schedule): Date {
  return startAt === null ? new Date(0) : shifted(new Date(startAt), -1)
}
function shifted(date: Date, ms: number): Date {
  return new Date(date.getTime() + ms)
}
function later(one: Date, other: Date): Date {
  return one > other ? one : other
}
function sooner(one: Date, other: Date): Date {
  return one < other ? one : other
}
