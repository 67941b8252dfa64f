import assert from "node:assert/strict"
import { test } from "node:test"
import { calendarYear, dayAfterKey } from "./calendar-model.ts"

const empty = { days: [], scheduled: [] }

test("begins weeks on Monday and keeps every day of the year once", () => {
  // 1 January 2026 is a Thursday.
  const { weeks } = calendarYear({ year: 2026, ...empty }, "2026-03-17")
  assert.deepEqual(
    weeks[0]?.map((cell) => cell?.day ?? null),
    [null, null, null, "2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04"],
  )
  const days = weeks.flat().flatMap((cell) => cell?.day ?? [])
  assert.equal(days.length, 365)
  assert.equal(days.at(-1), "2026-12-31")
  assert.equal(weeks.flat().find((cell) => cell?.isToday)?.day, "2026-03-17")
  assert.equal(
    calendarYear({ year: 2028, ...empty }, "")
      .weeks.flat()
      .filter((cell) => cell !== null).length,
    366,
    "leap years have a day more",
  )
})

test("names each month above the week of its first day", () => {
  const { months, weeks } = calendarYear({ year: 2026, ...empty }, "")
  assert.equal(months.length, 12)
  for (const [index, { week }] of months.entries()) {
    const first = `2026-${String(index + 1).padStart(2, "0")}-01`
    assert.ok(weeks[week]!.some((cell) => cell?.day === first))
  }
})

test("puts runs and coming days where they belong", () => {
  const run = { day: "2026-03-17", worst: "failed", counts: { failed: 1 }, durationMs: 5 } as const
  const cells = calendarYear({ year: 2026, days: [run], scheduled: ["2026-12-31"] }, "").weeks.flat()
  assert.equal(cells.find((cell) => cell?.day === "2026-03-17")?.runs, run)
  assert.equal(cells.find((cell) => cell?.day === "2026-12-31")?.isScheduled, true)
  assert.equal(cells.filter((cell) => cell?.isScheduled).length, 1)
})

test("moves by days and weeks and stays in its year", () => {
  assert.equal(dayAfterKey("2026-02-28", "ArrowDown"), "2026-03-01")
  assert.equal(dayAfterKey("2026-01-10", "ArrowLeft"), "2026-01-03")
  assert.equal(dayAfterKey("2026-01-03", "ArrowLeft"), "2026-01-03")
  assert.equal(dayAfterKey("2026-05-03", "End"), "2026-12-31")
  assert.equal(dayAfterKey("2026-05-03", "x"), null)
})
