import type { BusinessCalendar, CalendarPeriod } from "./business-calendar.ts"
import { filteredRule, type HolidayPolicy, workingDayRule } from "./calendar-rule.ts"
import { cronRule } from "./cron-rule.ts"
import { type PartitionUnit, partitionInterval } from "./partition.ts"
import { type ClockPolicy, DEFAULT_POLICY, nextInstant, previousInstant, type WallRule } from "./wall-rule.ts"

/** When something fires, before zones and policies. Texts are as the manifest has them. */
export type ScheduleRule =
  /** On days that `calendar` does not work, ticks are left out or moved; null: every day counts. */
  | { kind: "cron"; cron: string; calendar: BusinessCalendar | null; onHoliday: HolidayPolicy }
  /** Every `everyMs` of elapsed time, before and after the instant `anchor`. */
  | { kind: "every"; everyMs: number; anchor: string }
  /** Once at each: `2026-05-01T06:00` on the zone's clock, or an instant with offset. */
  | { kind: "at"; times: string[] }
  /** Times of day `06:00` on every working day, or on the nth of each period (negative: from its end). */
  | {
      kind: "working_day"
      which: "every" | number
      of: CalendarPeriod
      times: string[]
      calendar: BusinessCalendar
    }

/** A rule on the wall clock of an IANA zone: all that is needed to know its ticks. */
export interface TickSource extends ClockPolicy {
  rule: ScheduleRule
  timezone: string
}

/** `latest` runs the newest of the intervals that were missed, `all` each of them, `none` waits for the next tick. */
export const CATCHUP_POLICIES = ["latest", "all", "none"] as const
export type CatchupPolicy = (typeof CATCHUP_POLICIES)[number]

/**
 * Which data a tick's run covers: since the previous tick, the latest complete unit of the zone's calendar, a length of time
 * in ms before the tick, or nothing.
 */
export type IntervalRule = "previous" | "none" | PartitionUnit | number

/** One of a pipeline's schedules. */
export interface Schedule extends TickSource {
  /** Names it within its pipeline: what ran is remembered under this. */
  key: string
  /** Only intervals that start at or after this instant count; null: the first tick after it is first seen is the first run. */
  startAt: string | null
  /** Only intervals that end at or before this instant count. */
  endAt: string | null
  catchup: CatchupPolicy
  interval: IntervalRule
  /** How long before the tick the interval ends. */
  offsetMs: number
  /** How long after the tick its run starts. The tick stays the run's logical time. */
  delayMs: number
}

/** A plain cron schedule with all defaults. */
export function cronSchedule(cron: string, timezone: string): Schedule {
  return {
    key: `cron ${cron} ${timezone}`,
    rule: { kind: "cron", cron, calendar: null, onHoliday: "skip" },
    timezone,
    ...DEFAULT_POLICY,
    startAt: null,
    endAt: null,
    catchup: "latest",
    interval: "previous",
    offsetMs: 0,
    delayMs: 0,
  }
}

/** The first tick strictly after `after`, or null where none follows. */
export function nextTick(source: TickSource, after: Date): Date | null {
  return toDate(tickerOf(source).next(after.getTime()))
}

/** The last tick strictly before `before`, or null where there is none. */
export function previousTick(source: TickSource, before: Date): Date | null {
  return toDate(tickerOf(source).previous(before.getTime()))
}

/** Ticks in (from, to], oldest first, at most `limit`. */
export function ticksBetween(source: TickSource, from: Date, to: Date, limit: number): Date[] {
  const ticks: Date[] = []
  for (let tick = nextTick(source, from); tick !== null && tick <= to; tick = nextTick(source, tick)) {
    if (ticks.length >= limit) break
    ticks.push(tick)
  }
  return ticks
}

/** The data interval [start, end) of a tick's run. Where it reaches back to the previous tick, the first tick covers nothing. */
export function intervalFor(
  schedule: TickSource & Pick<Schedule, "interval" | "offsetMs">,
  tick: Date,
): { start: Date; end: Date } {
  const { interval, offsetMs } = schedule
  const before = (date: Date, ms = 0) => new Date(date.getTime() - offsetMs - ms)
  const end = before(tick)
  if (interval === "none") return { start: end, end }
  if (typeof interval === "number") return { start: before(tick, interval), end }
  if (interval === "previous") return { start: before(previousTick(schedule, tick) ?? tick), end }
  // The unit that holds `end` is still open, unless it starts there: the one before it is complete.
  const open = partitionInterval(interval, schedule.timezone, end)
  const complete = partitionInterval(interval, schedule.timezone, new Date(open.start.getTime() - 1))
  return { start: complete.start, end: complete.end }
}

/** The rule's times on a clock without changes; null for rules that follow elapsed time only. @throws TypeError on a bad cron. */
export function wallRuleOf(rule: ScheduleRule): WallRule | null {
  switch (rule.kind) {
    case "cron":
      return rule.calendar === null
        ? cronRule(rule.cron)
        : filteredRule(cronRule(rule.cron), rule.calendar, rule.onHoliday)
    case "working_day":
      return workingDayRule({ ...rule, times: rule.times.map(timeOfDayMs).sort((a, b) => a - b) })
    case "at":
      return listRule(rule.times.filter((time) => !hasOffset(time)).map((time) => Date.parse(`${time}Z`)))
    case "every":
      return null
  }
}

/** `06:00` or `06:00:30` as ms after midnight; NaN for anything else. */
export function timeOfDayMs(text: string): number {
  const [, hours, minutes, seconds = "0"] = /^([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/.exec(text) ?? []
  return (Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)) * 1_000
}

interface Ticker {
  next(after: number): number | null
  previous(before: number): number | null
}

/** Tickers by the source they were made for: manifests are kept in memory, so their schedules are too. */
const tickers = new WeakMap<TickSource, Ticker>()

function tickerOf(source: TickSource): Ticker {
  const known = tickers.get(source)
  if (known) return known
  const made = makeTicker(source)
  tickers.set(source, made)
  return made
}

function makeTicker({ rule, timezone, gap, fold }: TickSource): Ticker {
  if (rule.kind === "every") return intervalTicker(rule.everyMs, Date.parse(rule.anchor))
  const zoned = { rule: wallRuleOf(rule)!, timezone, gap, fold }
  const onClock: Ticker = {
    next: (after) => nextInstant(zoned, after),
    previous: (before) => previousInstant(zoned, before),
  }
  if (rule.kind !== "at") return onClock
  const instants = listRule(rule.times.filter(hasOffset).map((time) => Date.parse(time)))
  return {
    next: (after) => least(onClock.next(after), instants.next(after)),
    previous: (before) => greatest(onClock.previous(before), instants.previous(before)),
  }
}

function intervalTicker(everyMs: number, anchor: number): Ticker {
  return {
    next: (after) => anchor + (Math.floor((after - anchor) / everyMs) + 1) * everyMs,
    previous: (before) => anchor + (Math.ceil((before - anchor) / everyMs) - 1) * everyMs,
  }
}

function listRule(times: readonly number[]): WallRule {
  const sorted = [...times].sort((a, b) => a - b)
  return {
    next: (after) => sorted.find((time) => time > after) ?? null,
    previous: (before) => sorted.findLast((time) => time < before) ?? null,
    followsElapsedTime: false,
  }
}

/** Local times are written `2026-05-01T06:00`; what ends in `Z` or an offset is an instant. */
function hasOffset(time: string): boolean {
  return /(Z|[+-]\d\d:\d\d)$/.test(time)
}

function least(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.min(one, other)
}
function greatest(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other)
}
function toDate(time: number | null): Date | null {
  return time === null ? null : new Date(time)
}
