import assert from "node:assert/strict"
import { test } from "node:test"
import { dayBounds } from "./day-bounds.ts"

const hours = (day: string, zone: string) => {
  const { from, to } = dayBounds(day, zone)
  return [from.toISOString(), (to.getTime() - from.getTime()) / 3_600_000]
}

test("a day begins at midnight of its zone", () => {
  assert.deepEqual(hours("2026-03-17", "UTC"), ["2026-03-17T00:00:00.000Z", 24])
  assert.deepEqual(hours("2026-12-31", "America/New_York"), ["2026-12-31T05:00:00.000Z", 24])
})

test("has 23 or 25 hours where the clocks change", () => {
  assert.deepEqual(hours("2026-03-29", "Europe/Berlin"), ["2026-03-28T23:00:00.000Z", 23])
  assert.deepEqual(hours("2026-10-25", "Europe/Berlin"), ["2026-10-24T22:00:00.000Z", 25])
})
