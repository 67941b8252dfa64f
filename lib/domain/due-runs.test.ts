import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { dueRuns } from "./due-runs.ts"
import { cronSchedule, nextTick, type Schedule, ticksBetween } from "./schedule.ts"

const utc = (text: string) => new Date(`${text}Z`)
const iso = (dates: Date[]) => dates.map((date) => date.toISOString().slice(5, 16))

describe("dueRuns", () => {
  const daily = cronSchedule("0 5 * * *", "UTC")
  const base = { schedule: daily, lastLogicalAt: null }
  const dailyWith = (values: Partial<Schedule>) => ({ ...base, schedule: { ...daily, ...values } })
  const logical = (result: { runs: { logicalAt: Date }[] }) => iso(result.runs.map((run) => run.logicalAt))

  test("a pipeline never run and without a start date waits for the first tick", () => {
    const result = dueRuns({ ...base, now: utc("2026-03-10T12:00") })
    assert.deepEqual(result, { runs: [], nextRunAt: utc("2026-03-11T05:00") })
  })

  test("a tick that has come makes one run over the interval that it closes", () => {
    const result = dueRuns({ ...base, lastLogicalAt: utc("2026-03-09T05:00"), now: utc("2026-03-10T05:00") })
    assert.deepEqual(result, {
      runs: [
        {
          logicalAt: utc("2026-03-10T05:00"),
          intervalStart: utc("2026-03-09T05:00"),
          intervalEnd: utc("2026-03-10T05:00"),
        },
      ],
      nextRunAt: utc("2026-03-11T05:00"),
    })
  })

  test("a millisecond before the tick nothing is due", () => {
    const now = new Date(utc("2026-03-10T05:00").getTime() - 1)
    const result = dueRuns({ ...base, lastLogicalAt: utc("2026-03-09T05:00"), now })
    assert.deepEqual(result, { runs: [], nextRunAt: utc("2026-03-10T05:00") })
  })

  test("latest runs the newest of several missed intervals", () => {
    const result = dueRuns({ ...base, lastLogicalAt: utc("2026-03-01T05:00"), now: utc("2026-03-10T12:00") })
    assert.deepEqual(logical(result), ["03-10T05:00"])
    assert.deepEqual(result.nextRunAt, utc("2026-03-11T05:00"))
  })

  test("all runs every missed interval, oldest first, and goes on where the limit cut it", () => {
    const input = {
      ...dailyWith({ catchup: "all" }),
      lastLogicalAt: utc("2026-03-06T05:00"),
      now: utc("2026-03-10T12:00"),
    }
    assert.deepEqual(logical(dueRuns(input)), ["03-07T05:00", "03-08T05:00", "03-09T05:00", "03-10T05:00"])
    const cut = dueRuns({ ...input, limit: 3 })
    assert.deepEqual(logical(cut), ["03-07T05:00", "03-08T05:00", "03-09T05:00"])
    assert.deepEqual(cut.nextRunAt, utc("2026-03-10T05:00"))
    const rest = dueRuns({ ...input, lastLogicalAt: cut.runs.at(-1)!.logicalAt })
    assert.deepEqual(logical(rest), ["03-10T05:00"])
  })

  test("none leaves missed intervals out but runs the tick that has just come", () => {
    const input = { ...dailyWith({ catchup: "none" }), lastLogicalAt: utc("2026-03-06T05:00") }
    assert.deepEqual(dueRuns({ ...input, now: utc("2026-03-10T12:00") }), {
      runs: [],
      nextRunAt: utc("2026-03-11T05:00"),
    })
    assert.deepEqual(logical(dueRuns({ ...input, now: utc("2026-03-10T05:00") })), ["03-10T05:00"])
  })

  test("a start date in the past opens the first interval at its first tick", () => {
    const input = {
      ...dailyWith({ catchup: "all", startAt: "2026-03-07T00:00:00Z" }),
      now: utc("2026-03-09T12:00"),
    }
    const result = dueRuns(input)
    assert.deepEqual(logical(result), ["03-08T05:00", "03-09T05:00"])
    assert.deepEqual(result.runs[0]?.intervalStart, utc("2026-03-07T05:00"))
  })

  test("a start date on a tick is the start of the first interval", () => {
    const input = {
      ...dailyWith({ catchup: "all", startAt: "2026-03-07T05:00:00Z" }),
      now: utc("2026-03-08T06:00"),
    }
    assert.deepEqual(dueRuns(input).runs[0]?.intervalStart, utc("2026-03-07T05:00"))
  })

  test("a start date in the future gives no run before its first interval is over", () => {
    const result = dueRuns({ ...dailyWith({ startAt: "2026-04-01T00:00:00Z" }), now: utc("2026-03-10T12:00") })
    assert.deepEqual(result, { runs: [], nextRunAt: utc("2026-04-02T05:00") })
  })

  test("a clock that is stepped back five minutes makes no run twice", () => {
    for (const catchup of ["latest", "all", "none"] as const) {
      const result = dueRuns({
        ...dailyWith({ catchup }),
        lastLogicalAt: utc("2026-03-10T05:00"),
        now: utc("2026-03-10T04:56"),
      })
      assert.deepEqual(result, { runs: [], nextRunAt: utc("2026-03-11T05:00") }, catchup)
    }
  })

  test("asking twice with the result of the first asks for nothing more", () => {
    for (const catchup of ["latest", "all", "none"] as const) {
      const now = utc("2026-03-10T05:00")
      const first = dueRuns({ ...dailyWith({ catchup }), lastLogicalAt: utc("2026-03-08T05:00"), now })
      assert.deepEqual(
        dueRuns({ ...dailyWith({ catchup }), lastLogicalAt: first.runs.at(-1)!.logicalAt, now }).runs,
        [],
        catchup,
      )
    }
  })

  test("five outages of a random length, polled at random times, run every interval exactly once under all", () => {
    const schedule = { ...cronSchedule("*/20 * * * *", "America/New_York"), catchup: "all" as const }
    let now = utc("2026-10-31T20:00").getTime()
    let last: Date | null = new Date(now)
    const seen: Date[] = []
    let random = 7
    while (now < utc("2026-11-02T20:00").getTime()) {
      random = (random * 16_807) % 2_147_483_647
      now += random % 7_200_000
      const { runs } = dueRuns({ schedule, lastLogicalAt: last, now: new Date(now) })
      seen.push(...runs.map((run) => run.logicalAt))
      last = seen.at(-1) ?? last
    }
    assert.deepEqual(seen, ticksBetween(schedule, utc("2026-10-31T20:00"), new Date(now), 10_000))
    assert.equal(nextTick(schedule, last!)! > new Date(now), true)
  })
})
