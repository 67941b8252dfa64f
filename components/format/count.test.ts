import assert from "node:assert/strict"
import { test } from "node:test"
import { formatCount, formatExact, formatScore, formatShare, plural } from "./count.ts"

test("writes small counts exactly and large ones in two or three figures", () => {
  assert.equal(formatCount(0), "0")
  assert.equal(formatCount(9_999), "9,999")
  assert.equal(formatCount(12_345), "12.3 k")
  assert.equal(formatCount(496_118), "496 k")
  assert.equal(formatCount(1_200_000), "1.2 M")
  assert.equal(formatCount(3_000_000_000), "3 G")
})

test("rounds into the next unit instead of to a thousand of the last", () => {
  assert.equal(formatCount(999_960), "1 M")
  assert.equal(formatCount(999_400), "999 k")
})

test("writes what is not known as a dash", () => {
  assert.equal(formatCount(null), "–")
  assert.equal(formatExact(undefined), "–")
  assert.equal(formatExact(496_118), "496,118")
})

test("claims all or none only where it is so", () => {
  assert.equal(formatShare(1), "100 %")
  assert.equal(formatShare(0.999), ">99 %")
  assert.equal(formatShare(0.001), "<1 %")
  assert.equal(formatShare(0), "0 %")
})

test("rounds a score down: 99.96 is no clean hundred", () => {
  assert.equal(formatScore(99.96), "99.9")
  assert.equal(formatScore(94.2), "94.2")
  assert.equal(formatScore(100), "100")
})

test("bends the word with its number", () => {
  assert.equal(plural(1, "run"), "1 run")
  assert.equal(plural(2, "run"), "2 runs")
  assert.equal(plural(0, "day"), "0 days")
})
