import assert from "node:assert/strict"
import { test } from "node:test"
import { roundedScore } from "./rounded-score.ts"

test("never shows 100 where something failed", () => {
  assert.equal(roundedScore(99.999), 99.9)
  assert.equal(roundedScore(100), 100)
})

test("keeps what has one decimal already", () => {
  for (let tenths = 0; tenths <= 1000; tenths++) assert.equal(roundedScore(tenths / 10), tenths / 10)
})
