import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { CronosExpression } from "cronosjs"
import { cronSchedule, nextTick, previousTick, type Schedule } from "./schedule.ts"
import { type ClockPolicy, FOLD_POLICIES, GAP_POLICIES } from "./wall-rule.ts"
import { nextChange } from "./zone.ts"

/**
 * Due times over 2020–2035 beside those of cronosjs, a cron library with an engine of another kind: it computes days and
 * times of day from the expression, where ours steps croner through a clock without changes and places its times itself.
 *
 * Away from clock changes the times must be equal, zones and all. Around them cronosjs has rules of its own (and, like other
 * libraries, gives wrong times where a clock changes by half an hour, and none that end where an hour comes twice), so there
 * it only says which times of the wall clock the expression names; what becomes of each is worked out here from the stated
 * policy and a table of what Intl says that the clock shows at every quarter of an hour.
 */
const FROM = Date.UTC(2020, 0, 1)
const TO = Date.UTC(2036, 0, 1)
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const QUARTER_MS = 15 * MINUTE_MS
/** Around a change: more than any zone ever moved its clock, and both days that it touches. */
const NEAR_MS = 26 * HOUR_MS

/** The four zones of interest, and some with other habits: no change, odd offsets, changes in law, a day put off. */
const ZONES = [
  "America/New_York",
  "Australia/Lord_Howe",
  "America/Santiago",
  "Europe/Berlin",
  "UTC",
  "Asia/Kolkata",
  "Pacific/Chatham",
  "Africa/Casablanca",
  "Africa/Cairo",
]
const SPARSE = [
  "0 0 1 * *",
  "30 2 * * SUN",
  "15 3 15 JAN-MAR,SEP *",
  "0 0 L * *",
  "0 12 * * MON#1",
  "0 6 29 2 *",
  "@weekly",
  "10 30 2 * * 0",
  "30 9 1-7 * *",
]
const DAILY = ["30 2 * * *", "30 1 * * *", "0 0 * * *", "30 1,13 * * *", "0,30 0-4 * * *", "15 45 2 * * *"]
const ELAPSED = ["*/15 * * * *", "0 * * * *", "0 */6 * * *", "0-30/10 2 * * *"]

const POLICIES: ClockPolicy[] = GAP_POLICIES.flatMap((gap) => FOLD_POLICIES.map((fold) => ({ gap, fold })))

describe("away from clock changes, due times equal those of cronosjs", () => {
  for (const timezone of ZONES) {
    test(`in ${timezone}`, () => {
      const changes = changesOf(timezone)
      const isAway = (time: number) => changes.every((change) => Math.abs(change - time) > NEAR_MS)
      for (const cron of SPARSE) {
        assert.deepEqual(
          texts(ticks(cronSchedule(cron, timezone), FROM, TO).filter(isAway)),
          texts(timesOfCronos(cron, timezone, FROM, TO).filter(isAway)),
          cron,
        )
      }
      // Many ticks: one winter and one summer week of every fifth year.
      for (const cron of [...DAILY, ...ELAPSED]) {
        for (let year = 2020; year < 2036; year += 5) {
          for (const from of [Date.UTC(year, 0, 10), Date.UTC(year, 6, 10)]) {
            const to = from + 7 * 24 * HOUR_MS
            assert.deepEqual(
              texts(ticks(cronSchedule(cron, timezone), from, to)),
              texts(timesOfCronos(cron, timezone, from, to)),
              cron,
            )
          }
        }
      }
    })
  }
})

describe("around clock changes, due times are what the policy makes of the times that cronosjs names", () => {
  for (const timezone of ZONES) {
    const changes = changesOf(timezone)
    if (changes.length === 0) continue
    test(`in ${timezone}, ${changes.length} changes`, () => {
      for (const change of changes) {
        const [from, to] = [change - NEAR_MS, change + NEAR_MS]
        const shown = clockTable(timezone, from - 2 * HOUR_MS, to + 2 * HOUR_MS)
        for (const cron of [...DAILY, "30 2 * * SUN", "10 30 2 * * 0"]) {
          for (const policy of POLICIES) {
            assert.deepEqual(
              texts(ticks({ ...cronSchedule(cron, timezone), ...policy }, from, to)),
              texts(timesByPolicy(cron, policy, shown, from, to)),
              `${cron} ${policy.gap} ${policy.fold}`,
            )
          }
        }
        for (const cron of ELAPSED) {
          const expected = texts(timesByPolicy(cron, { gap: "skip", fold: "both" }, shown, from, to))
          assert.deepEqual(texts(ticks(cronSchedule(cron, timezone), from, to)), expected, cron)
        }
      }
    })
  }
})

/** Walked forward and, which must give the same, backward. */
function ticks(schedule: Schedule, from: number, to: number): number[] {
  const found: number[] = []
  for (let at = nextTick(schedule, new Date(from)); at && at.getTime() < to; at = nextTick(schedule, at)) {
    found.push(at.getTime())
  }
  const backward: number[] = []
  for (let at = previousTick(schedule, new Date(to)); at && at.getTime() > from; at = previousTick(schedule, at)) {
    backward.push(at.getTime())
  }
  assert.deepEqual(backward.reverse(), found, schedule.key)
  return found
}

function timesOfCronos(cron: string, timezone: string, from: number, to: number): number[] {
  const expression = CronosExpression.parse(cron, { timezone })
  const times: number[] = []
  for (let at = expression.nextDate(new Date(from)); at && at.getTime() < to; at = expression.nextDate(at)) {
    times.push(at.getTime())
  }
  return times
}

/** Instants by what the clock shows: none in a gap, two in a fold. */
interface ClockTable {
  /** Starts of quarters of an hour, by the wall time that the clock shows then. */
  instants: Map<number, number[]>
  first: number
  last: number
}

function timesByPolicy(cron: string, policy: ClockPolicy, shown: ClockTable, from: number, to: number): number[] {
  const times = new Set<number>()
  for (const wall of timesOfCronos(cron, "UTC", shown.first - 1, shown.last)) {
    const quarter = Math.floor(wall / QUARTER_MS) * QUARTER_MS
    const passes = shown.instants.get(quarter) ?? []
    if (passes.length === 0 && policy.gap === "shift") times.add(firstAfter(shown, quarter))
    const kept = policy.fold === "both" ? passes : passes.slice(policy.fold === "first" ? 0 : -1).slice(0, 1)
    for (const instant of kept) times.add(instant + (wall - quarter))
  }
  return [...times].filter((time) => time > from && time < to).sort((a, b) => a - b)
}

/** The first instant at which the clock shows more than a time that it never shows. */
function firstAfter(shown: ClockTable, wall: number): number {
  for (let later = wall; ; later += QUARTER_MS) {
    const [instant] = shown.instants.get(later) ?? []
    if (instant !== undefined) return instant
  }
}

function clockTable(timezone: string, from: number, to: number): ClockTable {
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone: timezone, dateStyle: "short", timeStyle: "medium" })
  const instants = new Map<number, number[]>()
  for (let at = Math.ceil(from / QUARTER_MS) * QUARTER_MS; at < to; at += QUARTER_MS) {
    const wall = Date.parse(`${format.format(at).replace(" ", "T")}Z`)
    instants.set(wall, [...(instants.get(wall) ?? []), at])
  }
  const walls = [...instants.keys()]
  return { instants, first: Math.min(...walls), last: Math.max(...walls) }
}

function changesOf(timezone: string): number[] {
  const changes: number[] = []
  for (let change = nextChange(timezone, FROM); change.at < TO; change = nextChange(timezone, change.at)) {
    if (change.before !== change.after) changes.push(change.at)
  }
  return changes
}

function texts(times: number[]): string[] {
  return times.map((time) => new Date(time).toISOString())
}
