import { Cron } from "croner"

/** A cron expression of five fields (or `@daily` and the like) read on the wall clock of an IANA zone. */
export interface Schedule {
  cron: string
  timezone: string
}

export type CatchupPolicy = "latest" | "all" | "none"

/** A run that is due: it covers [intervalStart, intervalEnd) and starts at its end, which is its logical time. */
export interface DueRun {
  logicalAt: Date
  intervalStart: Date
  intervalEnd: Date
}

export interface DueRuns {
  runs: DueRun[]
  /** When to look again: the first tick after those in `runs`. In the past while a catch-up is cut short by `limit`. */
  nextRunAt: Date | null
}

/**
 * The runs that `now` makes due, oldest first. What was missed in a pause or an outage follows `catchup`: `latest`
 * gives one run for the newest missed interval, `all` one for each (at most `limit` a call), `none` only ticks younger
 * than `graceMs`, the time that a loop may take to notice a tick which nothing missed.
 *
 * Only intervals that start at or after `startDate` count. Without one, the first tick after now is the first run.
 * Ticks follow from the schedule and `lastLogicalAt`, so a clock that is stepped back makes no run twice.
 */
export function dueRuns(input: {
  schedule: Schedule
  catchup: CatchupPolicy
  startDate: Date | null
  lastLogicalAt: Date | null
  now: Date
  limit?: number
  graceMs?: number
}): DueRuns {
  const { schedule, catchup, now, limit = 100, graceMs = 60_000 } = input
  const after = lastHandled(input)
  if (after === null) return { runs: [], nextRunAt: null }
  const ticks = missedTicks(schedule, catchup, after, now, { limit, graceMs })
  // `none` and `latest` pass over ticks for good; the next one lies after now, unless the clock went back.
  const handled = ticks.at(-1) ?? (catchup === "all" ? after : later(after, now))
  return { runs: ticks.map((tick) => dueRun(schedule, tick)), nextRunAt: nextTick(schedule, handled) }
}

/** What is wrong with a schedule, in one sentence that says what to write instead, or null. */
export function validateCron(
  cron: string,
  timezone: string,
): { rule: "bad_cron" | "bad_timezone"; message: string } | null {
  if (!isTimezone(timezone)) {
    return {
      rule: "bad_timezone",
      message: `"${timezone}" is no time zone; write an IANA name such as "Europe/Berlin" or "UTC".`,
    }
  }
  try {
    if (nextTick({ cron, timezone }, new Date()) !== null) return null
    return { rule: "bad_cron", message: `The schedule "${cron}" never fires; choose a date that exists.` }
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^CronPattern: /, "") : String(error)
    return {
      rule: "bad_cron",
      message: `"${cron}" is no cron expression (${reason.replace(/\.$/, "")}); write five fields: minute hour day month weekday.`,
    }
  }
}

/**
 * The first tick strictly after `after`, or null where none follows.
 *
 * Wall-clock changes follow Vixie cron: a time without wildcards (`30 2 * * *`) that the clock skips fires at the first
 * instant after the gap, and one that comes twice fires the first time only; patterns with a wildcard or a step in
 * minute or hour (every 15 minutes) follow elapsed time: nothing in a gap, both passes of a repeated hour.
 */
export function nextTick(schedule: Schedule, after: Date): Date | null {
  return cronOf(schedule).nextRun(after)
}

/** The last tick strictly before `before`, or null where there is none. */
export function previousTick(schedule: Schedule, before: Date): Date | null {
  return cronOf(schedule).previousRuns(1, before)[0] ?? null
}

/** Ticks in (from, to], oldest first, at most `limit`. */
export function ticksBetween(schedule: Schedule, from: Date, to: Date, limit: number): Date[] {
  const ticks: Date[] = []
  for (let tick = nextTick(schedule, from); tick !== null && tick <= to; tick = nextTick(schedule, tick)) {
    if (ticks.length >= limit) break
    ticks.push(tick)
  }
  return ticks
}

/** The data interval [previous tick, tick) that the run of `tick` covers. The schedule's first tick covers nothing. */
export function intervalFor(schedule: Schedule, tick: Date): { start: Date; end: Date } {
  return { start: previousTick(schedule, tick) ?? tick, end: tick }
}

/** Whether this runtime's time zone data knows the name. */
export function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name })
    // Offsets such as "+02:00" pass too, but a schedule wants a zone with its rules.
    return /^[A-Za-z]/.test(name)
  } catch {
    return false
  }
}

function dueRun(schedule: Schedule, tick: Date): DueRun {
  const interval = intervalFor(schedule, tick)
  return { logicalAt: tick, intervalStart: interval.start, intervalEnd: interval.end }
}

/** The instant after which ticks are due: the last run, or the first tick at or after the start date. */
function lastHandled(input: {
  schedule: Schedule
  startDate: Date | null
  lastLogicalAt: Date | null
  now: Date
}): Date | null {
  const { schedule, startDate, lastLogicalAt, now } = input
  // The start date's own tick opens the first interval; its run is that of the tick after it.
  const firstStart = startDate === null ? null : nextTick(schedule, new Date(startDate.getTime() - 1_000))
  if (startDate !== null && firstStart === null) return null
  if (lastLogicalAt === null) return firstStart ?? now
  return firstStart === null ? lastLogicalAt : later(firstStart, lastLogicalAt)
}

function missedTicks(
  schedule: Schedule,
  catchup: CatchupPolicy,
  after: Date,
  now: Date,
  bounds: { limit: number; graceMs: number },
): Date[] {
  if (catchup === "all") return ticksBetween(schedule, after, now, bounds.limit)
  if (catchup === "none") {
    return ticksBetween(schedule, later(after, new Date(now.getTime() - bounds.graceMs)), now, bounds.limit)
  }
  // Ticks are whole seconds: the last one up to and including now is the last before the next second.
  const latest = previousTick(schedule, new Date(Math.floor(now.getTime() / 1_000) * 1_000 + 1_000))
  return latest !== null && latest > after && latest <= now ? [latest] : []
}

function later(one: Date, other: Date): Date {
  return one > other ? one : other
}

/** Parsed expressions. 500: more than the pipelines of one workspace, and small. */
const parsed = new Map<string, Cron>()

function cronOf({ cron, timezone }: Schedule): Cron {
  const key = `${timezone} ${cron}`
  const known = parsed.get(key)
  if (known) return known
  const made = new Cron(cron, { timezone, mode: "5-part", fixedTimeRule: "no-wildcard", paused: true })
  if (parsed.size >= 500) parsed.clear()
  parsed.set(key, made)
  return made
}
