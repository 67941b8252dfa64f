import assert from "node:assert/strict"
import { test } from "node:test"
import { addMonths, dayFor, weeksOf } from "./calendar-days.ts"

test("a month's weeks begin on Monday and hold its days alone", () => {
  const weeks = weeksOf("2026-03")
  assert.deepEqual(weeks[0], [null, null, null, null, null, null, "2026-03-01"])
  assert.deepEqual(weeks.at(-1), ["2026-03-30", "2026-03-31", null, null, null, null, null])
  assert.equal(weeksOf("2028-02").flat().filter(Boolean).length, 29)
  assert.equal(weeksOf("2026-06")[0]![0], "2026-06-01")
})

test("keys lead from day to day, also into other months", () => {
  assert.equal(dayFor("ArrowRight", "2026-03-31"), "2026-04-01")
  assert.equal(dayFor("ArrowUp", "2026-03-01"), "2026-02-22")
  assert.equal(dayFor("x", "2026-03-01"), null)
  assert.equal(addMonths("2026-12", 1), "2027-01")
  assert.equal(addMonths("2026-01", -1), "2025-12")
})
