import assert from "node:assert/strict"
import { test } from "node:test"
import { scheduledDays } from "./scheduled-days.ts"

const now = new Date("2026-12-28T10:00:00Z")
const every = (cron: string, timezone = "UTC") => ({ cron, timezone })

test("names the days to come of this year, each once however often it is due", () => {
  const next = new Date("2026-12-28T10:15:00Z")
  assert.deepEqual(scheduledDays(every("*/15 * * * *"), next, now, 2026), [
    "2026-12-28",
    "2026-12-29",
    "2026-12-30",
    "2026-12-31",
  ])
})

test("leaves out days on which it is not due", () => {
  const next = new Date("2026-12-29T05:00:00Z")
  assert.deepEqual(scheduledDays(every("0 5 * * 2,4"), next, now, 2026), ["2026-12-29", "2026-12-31"])
})

test("counts a day in the schedule's zone, over a change of the clocks too", () => {
  const next = new Date("2026-03-28T23:30:00Z")
  const days = scheduledDays(every("30 0 * * *", "Europe/Berlin"), next, new Date("2026-03-28T12:00:00Z"), 2026)
  assert.deepEqual(days.slice(0, 3), ["2026-03-29", "2026-03-30", "2026-03-31"])
  assert.equal(days.at(-1), "2026-12-31")
})

test("a year to come starts with its first day, a past one has none", () => {
  const next = new Date("2026-12-29T05:00:00Z")
  assert.equal(scheduledDays(every("0 5 * * *"), next, now, 2027)[0], "2027-01-01")
  assert.equal(scheduledDays(every("0 5 * * *"), next, now, 2027).length, 365)
  assert.deepEqual(scheduledDays(every("0 5 * * *"), next, now, 2025), [])
})
