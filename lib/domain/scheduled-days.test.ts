import assert from "node:assert/strict"
import { test } from "node:test"
import { cronSchedule } from "./schedule.ts"
import { scheduledDays } from "./scheduled-days.ts"

const now = new Date("2026-12-28T10:00:00Z")
const every = (cron: string, timezone = "UTC") => cronSchedule(cron, timezone)

test("names the days to come of this year, each once however often it is due", () => {
  assert.deepEqual(scheduledDays([every("*/15 * * * *")], "UTC", now, 2026), [
    "2026-12-28",
    "2026-12-29",
    "2026-12-30",
    "2026-12-31",
  ])
})

test("joins several schedules and leaves out days on which none is due", () => {
  const days = scheduledDays([every("0 5 * * 4"), every("0 5 * * 2"), every("0 9 * * 2")], "UTC", now, 2026)
  assert.deepEqual(days, ["2026-12-29", "2026-12-31"])
})

test("counts a day in the pipeline's zone, over a change of the clocks too", () => {
  const days = scheduledDays(
    [every("30 0 * * *", "Europe/Berlin")],
    "Europe/Berlin",
    new Date("2026-03-28T12:00:00Z"),
    2026,
  )
  assert.deepEqual(days.slice(0, 3), ["2026-03-29", "2026-03-30", "2026-03-31"])
  assert.equal(days.at(-1), "2026-12-31")
  assert.equal(scheduledDays([every("0 23 * * *")], "Asia/Tokyo", now, 2026)[0], "2026-12-29")
})

test("keeps to a schedule's first and last day", () => {
  const schedule = { ...every("0 5 * * *"), startAt: "2026-12-29T05:00:00Z", endAt: "2026-12-30T05:00:00Z" }
  assert.deepEqual(scheduledDays([schedule], "UTC", now, 2026), ["2026-12-29", "2026-12-30"])
})

test("a year to come starts with its first day, a past one has none", () => {
  assert.equal(scheduledDays([every("0 5 * * *")], "UTC", now, 2027)[0], "2027-01-01")
  assert.equal(scheduledDays([every("0 5 * * *")], "UTC", now, 2027).length, 365)
  assert.deepEqual(scheduledDays([every("0 5 * * *")], "UTC", now, 2025), [])
})
