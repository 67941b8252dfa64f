import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { MONDAY_TO_FRIDAY } from "./business-calendar.ts"
import { nextRuns } from "./next-runs.ts"
import { cronSchedule, type Schedule } from "./schedule.ts"

const utc = (text: string) => new Date(`${text}Z`)
const next = (schedule: Schedule, now: string, count = 2) =>
  nextRuns([{ schedule, lastLogicalAt: null, nextRunAt: null }], utc(now), count)

describe("next runs", () => {
  test("of several schedules come in the order in which they start, delays counted", () => {
    const known = [
      { ...cronSchedule("0 5 * * *", "UTC"), delayMs: 2 * 3_600_000 },
      cronSchedule("0 6 * * *", "UTC"),
    ].map((schedule) => ({ schedule, lastLogicalAt: null, nextRunAt: null }))
    const runs = nextRuns(known, utc("2026-03-01T00:00"), 3)
    assert.deepEqual(
      runs.map((run) => [run.runAt.toISOString().slice(8, 16), run.logicalAt.toISOString().slice(8, 16)]),
      [
        ["01T06:00", "01T06:00"],
        ["01T07:00", "01T05:00"],
        ["02T06:00", "02T06:00"],
      ],
    )
  })

  test("one that is overdue counts as coming; one that was handled does not, also after the clock went back", () => {
    const schedule = cronSchedule("0 5 * * *", "UTC")
    const at = (state: { lastLogicalAt: Date | null; nextRunAt: Date | null }, now: string) =>
      nextRuns([{ schedule, ...state }], utc(now), 1)[0]
        ?.runAt.toISOString()
        .slice(8, 16)
    assert.equal(
      at({ lastLogicalAt: utc("2026-03-01T05:00"), nextRunAt: utc("2026-03-02T05:00") }, "2026-03-02T05:01"),
      "02T05:00",
    )
    assert.equal(
      at({ lastLogicalAt: utc("2026-03-02T05:00"), nextRunAt: utc("2026-03-03T05:00") }, "2026-03-02T04:58"),
      "03T05:00",
    )
  })

  test("say what a clock change does to them", () => {
    const shifted = next(cronSchedule("30 2 * * *", "Europe/Berlin"), "2026-03-28T12:00", 1)
    assert.deepEqual(
      [shifted[0]?.localTime, shifted[0]?.remarks],
      [
        "2026-03-29 03:00 +02:00",
        ["2026-03-29 02:30 does not exist, because the clock is put forward; runs at the first instant after it."],
      ],
    )
    const skipped = next({ ...cronSchedule("30 2 * * *", "Europe/Berlin"), gap: "skip" }, "2026-03-28T12:00", 1)
    assert.deepEqual(
      [skipped[0]?.localTime, skipped[0]?.remarks],
      [
        "2026-03-30 02:30 +02:00",
        ["2026-03-29 02:30 is left out: the time does not exist, because the clock is put forward."],
      ],
    )
    const both = next({ ...cronSchedule("30 2 * * *", "Europe/Berlin"), fold: "both" }, "2026-10-24T12:00", 3)
    assert.deepEqual(
      both.map((run) => [run.localTime, run.remarks]),
      [
        [
          "2026-10-25 02:30 +02:00",
          ["The time comes twice, because the clock is put back; this is the first of two runs."],
        ],
        [
          "2026-10-25 02:30 +01:00",
          ["The time comes twice, because the clock is put back; this is the second of two runs."],
        ],
        ["2026-10-26 02:30 +01:00", []],
      ],
    )
    assert.deepEqual(
      next(cronSchedule("*/15 * * * *", "Europe/Berlin"), "2026-03-29T00:40", 2).flatMap((run) => run.remarks),
      [],
    )
  })

  test("say from which day off they were moved", () => {
    const calendar = { ...MONDAY_TO_FRIDAY, holidays: ["2026-05-01"] }
    const schedule = cronSchedule("0 6 1 * *", "UTC")
    const [run] = next(
      { ...schedule, rule: { kind: "cron", cron: "0 6 1 * *", calendar, onHoliday: "next" } },
      "2026-04-20T00:00",
    )
    assert.deepEqual(
      [run?.localTime, run?.remarks],
      ["2026-05-04 06:00 +00:00", ["Moved from 2026-05-01, which is no working day."]],
    )
  })
})
