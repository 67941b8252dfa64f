import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { parseDuration } from "./duration.ts"

describe("parseDuration", () => {
  for (const [written, expected] of [
    ["250ms", 250],
    ["90s", 90_000],
    ["5m", 300_000],
    ["1h30m", 5_400_000],
    ["1h 30m", 5_400_000],
    [" 2d ", 172_800_000],
    ["0.5h", 1_800_000],
    ["1m30s500ms", 90_500],
    ["0s", 0],
    [1_500, 1_500],
    [0, 0],
  ] as const) {
    test(`reads ${JSON.stringify(written)}`, () => assert.equal(parseDuration(written), expected))
  }

  for (const written of ["", " ", "5", "5 minutes", "m5", "-5m", "1h-30m", "5M", "1w", ".5h", "5m!", "NaN"]) {
    test(`refuses ${JSON.stringify(written)}`, () => assert.equal(parseDuration(written), null))
  }
  for (const written of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
    test(`refuses the number ${written}`, () => assert.equal(parseDuration(written), null))
  }

  test("refuses a long text that almost fits in no time", () => {
    const started = performance.now()
    assert.equal(parseDuration(`${"1".repeat(5_000)}${"1s ".repeat(5_000)}x`), null)
    assert.ok(performance.now() - started < 1_000)
  })
})
