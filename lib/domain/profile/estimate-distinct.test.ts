import assert from "node:assert/strict"
import { test } from "node:test"
import { estimateDistinct } from "./estimate-distinct.ts"

test("takes values that were all read once for a key, and values that were all seen often for all there are", () => {
  assert.equal(estimateDistinct({ filled: 1_000, distinct: 1_000, once: 1_000 }, 50_000), 50_000)
  assert.equal(estimateDistinct({ filled: 1_000, distinct: 4, once: 0 }, 50_000), 4)
})

test("is the exact number where everything was read, and nothing of nothing", () => {
  assert.equal(estimateDistinct({ filled: 900, distinct: 700, once: 600 }, 900), 700)
  assert.equal(estimateDistinct({ filled: 0, distinct: 0, once: 0 }, 900), 0)
})

test("never estimates fewer than were seen or more than there are", () => {
  for (const once of [0, 1, 50, 99, 100]) {
    const estimate = estimateDistinct({ filled: 100, distinct: 100, once }, 120)
    assert.ok(estimate >= 100 && estimate <= 120, String(estimate))
  }
})
