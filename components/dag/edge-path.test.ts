import assert from "node:assert/strict"
import { test } from "node:test"
import { edgePath } from "./edge-path.ts"

test("draws a curve between neighbouring layers", () => {
  const route = [
    { x: 0, y: 0 },
    { x: 10, y: 0 },
    { x: 10, y: 40 },
    { x: 20, y: 40 },
  ]
  assert.equal(edgePath(route), "M0 0C10 0 10 40 20 40")
})

test("keeps the corners of a longer route and rounds them by at most half a leg", () => {
  const route = [
    { x: 0, y: 0 },
    { x: 10, y: 0 },
    { x: 10, y: 100 },
    { x: 200, y: 100 },
    { x: 200, y: 150 },
  ]
  assert.equal(edgePath(route), "M0 0L5 0Q10 0 10 10L10 90Q10 100 20 100L190 100Q200 100 200 110L200 150")
})

test("draws nothing without a route", () => {
  assert.equal(edgePath([]), "")
})
