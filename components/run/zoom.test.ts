import assert from "node:assert/strict"
import { test } from "node:test"
import { moved, spanOf, spanText, zoomed } from "./zoom.ts"

const whole = { from: 0, to: 1 }

test("zooms around the place that is pointed at, and never beyond the whole", () => {
  assert.deepEqual(zoomed(whole, 2), { from: 0.25, to: 0.75 })
  assert.deepEqual(zoomed(whole, 2, 0), { from: 0, to: 0.5 })
  assert.deepEqual(zoomed({ from: 0.5, to: 1 }, 0.25, 0.9), whole)
  assert.deepEqual(zoomed({ from: 0, to: 0.5 }, 4, 1), { from: 0.375, to: 0.5 })
})

test("moves and stops at the ends", () => {
  assert.deepEqual(moved({ from: 0.25, to: 0.5 }, 1), { from: 0.5, to: 0.75 })
  assert.deepEqual(moved({ from: 0.25, to: 0.5 }, 9), { from: 0.75, to: 1 })
  assert.deepEqual(moved(whole, -1), whole)
})

test("reads from the address what it wrote there, and anything else as the whole", () => {
  assert.equal(spanText(whole), null)
  assert.deepEqual(spanOf(spanText({ from: 0.25, to: 0.5 })), { from: 0.25, to: 0.5 })
  for (const text of [null, "", "x", "0.5", "0.7-0.2", "-1-2", "0-7"]) assert.deepEqual(spanOf(text), whole, `${text}`)
})
