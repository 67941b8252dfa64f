import assert from "node:assert/strict"
import { test } from "node:test"
import type { FreshnessVerdict } from "./evaluate-freshness.ts"
import { nextMeasureAt } from "./measure-plan.ts"

const NOW = new Date("2026-03-17T06:00:00Z")
const after = (ms: number) => new Date(NOW.getTime() + ms)
const SECOND = 1_000
const HOUR = 3_600_000

/** Seconds until data is read again. */
function wait(verdict: Partial<FreshnessVerdict>, failures = 0, everyMs: number | null = null): number {
  const full = { state: "fresh" as const, since: null, dueAt: null, nextChangeAt: null, message: "", ...verdict }
  return (nextMeasureAt(full, { now: NOW, everyMs, failures }).getTime() - NOW.getTime()) / SECOND
}

test("what is fresh is read after half the time until its deadline, and at the deadline", () => {
  assert.equal(wait({ nextChangeAt: after(HOUR) }), 1_800)
  assert.equal(wait({ nextChangeAt: after(60 * SECOND) }), 30)
  assert.equal(wait({ nextChangeAt: after(20 * SECOND) }), 15)
  assert.equal(wait({ nextChangeAt: after(3 * SECOND) }), 3)
  assert.equal(wait({ nextChangeAt: after(40 * HOUR) }), 3_600)
  assert.equal(wait({}), 1_800)
})

test("what is late is read ever more rarely, and at its next limit", () => {
  const late = (ms: number, nextChangeAt: Date | null = null) =>
    wait({ state: "error", since: after(-ms), nextChangeAt })
  assert.equal(late(10 * SECOND), 15)
  assert.equal(late(600 * SECOND), 60)
  assert.equal(late(24 * HOUR), 300)
  assert.equal(wait({ state: "warn", since: after(-24 * HOUR), nextChangeAt: after(10 * SECOND) }), 10)
})

test("a warehouse that does not answer is asked less and less, and an author's interval is kept", () => {
  assert.deepEqual(
    [1, 2, 3, 10].map((failures) => wait({ state: "unknown" }, failures)),
    [15, 30, 60, 300],
  )
  assert.equal(wait({ nextChangeAt: after(HOUR) }, 0, 5 * SECOND), 5)
  assert.equal(wait({ nextChangeAt: after(2 * SECOND) }, 0, 5 * SECOND), 2)
})
