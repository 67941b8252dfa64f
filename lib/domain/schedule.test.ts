import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { cronSchedule, intervalFor, previousTick, ticksBetween } from "./schedule.ts"

const utc = (text: string) => new Date(`${text}Z`)
const iso = (dates: Date[]) => dates.map((date) => date.toISOString().slice(5, 16))
const ticks = (cron: string, timezone: string, from: string, to: string) =>
  ticksBetween(
    cronSchedule(cron, timezone),
    new Date(utc(from).getTime() - 1_000),
    new Date(utc(to).getTime() - 1_000),
    1_000,
  )

/**
 * Zone, the local day of each change in 2026 as [first, last) in UTC, and the ticks of that day by pattern, in UTC.
 * `quarters` is the number of ticks of every-15-minutes: four for each hour that the day really has.
 */
const CHANGES = [
  {
    name: "New York springs forward at 02:00 on 8 March",
    timezone: "America/New_York",
    day: ["2026-03-08T05:00", "2026-03-09T04:00"],
    "30 2 * * *": ["03-08T07:00"],
    "30 1 * * *": ["03-08T06:30"],
    "0 0 * * *": ["03-08T05:00"],
    quarters: 23 * 4,
  },
  {
    name: "New York falls back at 02:00 on 1 November",
    timezone: "America/New_York",
    day: ["2026-11-01T04:00", "2026-11-02T05:00"],
    "30 2 * * *": ["11-01T07:30"],
    "30 1 * * *": ["11-01T05:30"],
    "0 0 * * *": ["11-01T04:00"],
    quarters: 25 * 4,
  },
  {
    name: "Berlin springs forward at 02:00 on 29 March",
    timezone: "Europe/Berlin",
    day: ["2026-03-28T23:00", "2026-03-29T22:00"],
    "30 2 * * *": ["03-29T01:00"],
    "30 1 * * *": ["03-29T00:30"],
    "0 0 * * *": ["03-28T23:00"],
    quarters: 23 * 4,
  },
  {
    name: "Berlin falls back at 03:00 on 25 October",
    timezone: "Europe/Berlin",
    day: ["2026-10-24T22:00", "2026-10-25T23:00"],
    "30 2 * * *": ["10-25T00:30"],
    "30 1 * * *": ["10-24T23:30"],
    "0 0 * * *": ["10-24T22:00"],
    quarters: 25 * 4,
  },
  {
    name: "Lord Howe falls back half an hour at 02:00 on 5 April",
    timezone: "Australia/Lord_Howe",
    day: ["2026-04-04T13:00", "2026-04-05T13:30"],
    "30 2 * * *": ["04-04T16:00"],
    "30 1 * * *": ["04-04T14:30"],
    "0 0 * * *": ["04-04T13:00"],
    quarters: 24.5 * 4,
  },
  {
    name: "Lord Howe springs forward half an hour at 02:00 on 4 October",
    timezone: "Australia/Lord_Howe",
    day: ["2026-10-03T13:30", "2026-10-04T13:00"],
    "30 2 * * *": ["10-03T15:30"],
    "30 1 * * *": ["10-03T15:00"],
    "0 0 * * *": ["10-03T13:30"],
    quarters: 23.5 * 4,
  },
  {
    name: "Santiago falls back at midnight on 5 April: 4 April has 25 hours",
    timezone: "America/Santiago",
    day: ["2026-04-04T03:00", "2026-04-05T04:00"],
    "30 2 * * *": ["04-04T05:30"],
    "30 1 * * *": ["04-04T04:30"],
    "0 0 * * *": ["04-04T03:00"],
    quarters: 25 * 4,
  },
  {
    name: "Santiago springs forward at midnight on 6 September, which has no 00:00",
    timezone: "America/Santiago",
    day: ["2026-09-06T04:00", "2026-09-07T03:00"],
    "30 2 * * *": ["09-06T05:30"],
    "30 1 * * *": ["09-06T04:30"],
    "0 0 * * *": ["09-06T04:00"],
    quarters: 23 * 4,
  },
] as const

describe("ticks where the wall clock changes", () => {
  for (const change of CHANGES) {
    const [from, to] = change.day
    for (const cron of ["30 2 * * *", "30 1 * * *", "0 0 * * *"] as const) {
      test(`${change.name}: "${cron}" fires exactly once`, () => {
        assert.deepEqual(iso(ticks(cron, change.timezone, from, to)), change[cron])
      })
    }
    test(`${change.name}: every 15 minutes follows elapsed time`, () => {
      const found = ticks("*/15 * * * *", change.timezone, from, to)
      assert.equal(found.length, change.quarters)
      found.slice(1).forEach((tick, index) => {
        assert.equal(tick.getTime() - found[index]!.getTime(), 15 * 60_000)
      })
    })
    test(`${change.name}: walking back finds the same ticks as walking forward`, () => {
      for (const cron of ["30 2 * * *", "30 1 * * *", "0 0 * * *", "*/15 * * * *"]) {
        const schedule = cronSchedule(cron, change.timezone)
        const forward = ticks(cron, change.timezone, from, to)
        const backward: Date[] = []
        for (let at = previousTick(schedule, utc(to)); at && at >= utc(from); at = previousTick(schedule, at)) {
          backward.unshift(at)
        }
        assert.deepEqual(iso(backward), iso(forward), cron)
      }
    })
    test(`${change.name}: the intervals of a year of daily runs leave no gap and no overlap`, () => {
      const schedule = cronSchedule("30 2 * * *", change.timezone)
      const year = ticksBetween(schedule, utc("2026-01-01T00:00"), utc("2027-01-01T00:00"), 1_000)
      assert.equal(year.length, 365)
      year.slice(1).forEach((tick, index) => {
        assert.deepEqual(intervalFor(schedule, tick), { start: year[index], end: tick })
      })
    })
  }

  test("a list of hours counts as fixed times, so the repeated hour gives one tick", () => {
    const found = ticks("30 1,13 * * *", "America/New_York", "2026-11-01T04:00", "2026-11-02T05:00")
    assert.deepEqual(iso(found), ["11-01T05:30", "11-01T18:30"])
  })
})
