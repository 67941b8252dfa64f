import assert from "node:assert/strict"
import { test } from "node:test"
import type { SeriesPoint } from "./expected-band.ts"
import { judgePoint, ruleText } from "./judge-point.ts"

const DAY_MS = 86_400_000
const RULE = {
  method: "seasonal",
  sensitivity: 3.5,
  minPoints: 14,
  lookback: 90,
  minChange: 0.01,
  timezone: "UTC",
  unit: "count",
  direction: "both",
} as const

/** A month of about a thousand a day. */
const MONTH: SeriesPoint[] = Array.from({ length: 30 }, (_, day) => ({
  at: day * DAY_MS,
  value: 1_000 + ((day * 7) % 11),
  mark: "plain",
}))
const at = 30 * DAY_MS

test("says that it is still learning until it knows enough points", () => {
  const verdict = judgePoint(MONTH.slice(0, 13), { at: 13 * DAY_MS, value: 5, isOver: true }, RULE)
  assert.deepEqual(verdict, { state: "learning", band: null })
})

test("tells the unusual from the expected, on the sides that count", () => {
  const stateOf = (value: number, direction: "both" | "low" | "high" = "both") =>
    judgePoint(MONTH, { at, value, isOver: true }, { ...RULE, direction }).state
  assert.equal(stateOf(1_005), "expected")
  assert.equal(stateOf(200), "unusual")
  assert.equal(stateOf(3_000), "unusual")
  assert.equal(stateOf(200, "high"), "expected")
  assert.equal(stateOf(3_000, "low"), "expected")
})

test("a partition that is not over may have fewer rows, never more", () => {
  const stateOf = (value: number) => judgePoint(MONTH, { at, value, isOver: false }, RULE).state
  assert.equal(stateOf(3), "partial")
  assert.equal(stateOf(3_000), "unusual")
})

test("what is no finite number is not judged", () => {
  assert.equal(judgePoint(MONTH, { at, value: Number.NaN, isOver: true }, RULE).state, "unwatched")
})

test("a level that is said to be new is the expected one from then on", () => {
  const after: SeriesPoint[] = [{ at, value: 5_000, mark: "shift" }]
  const stateOf = (history: SeriesPoint[]) =>
    judgePoint(history, { at: at + DAY_MS, value: 5_004, isOver: true }, RULE).state
  assert.equal(stateOf([...MONTH, ...after]), "expected")
  assert.equal(stateOf([...MONTH, ...after.map((point) => ({ ...point, mark: "unusual" as const }))]), "unusual")
})

test("names its rule", () => {
  const { band } = judgePoint(MONTH, { at, value: 1_000, isOver: true }, RULE)
  assert.equal(ruleText(RULE, band!), "seasonal: 3.5 deviations over 30 points")
})
