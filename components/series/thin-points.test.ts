import assert from "node:assert/strict"
import { test } from "node:test"
import { thinPoints } from "./thin-points.ts"

const points = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ index, value: Math.sin(index / 50) * 100, isKept: false }))

test("few points stay as they are", () => {
  const few = points(400)
  assert.equal(thinPoints(few, 600), few)
  assert.deepEqual(thinPoints([], 600), [])
})

test("ten thousand become few, with ends, extremes and what must be kept", () => {
  const many = points(10_000)
  many[4_321]!.isKept = true
  many[7_777]!.value = 10_000
  const thin = thinPoints(many, 600)
  assert.ok(thin.length <= 604, String(thin.length))
  const indexes = thin.map(({ index }) => index)
  for (const index of [0, 4_321, 7_777, 9_999]) assert.ok(indexes.includes(index), String(index))
  assert.deepEqual(
    indexes,
    indexes.toSorted((a, b) => a - b),
  )
})
