import assert from "node:assert/strict"
import { test } from "node:test"
import { edgePath } from "./edge-path.ts"

test("draws one step aside as a curve", () => {
  const route = [
    { x: 0, y: 0 },
    { x: 10, y: 0 },
    { x: 10, y: 40 },
    { x: 20, y: 40 },
  ]
  assert.equal(edgePath(route), "M0 0H0C10 0 10 40 20 40H20")
})

test("keeps a long edge on its route and curves only at the bend", () => {
  const route = [
    { x: 0, y: 0 },
    { x: 500, y: 0 },
    { x: 500, y: 40 },
    { x: 520, y: 40 },
  ]
  assert.equal(edgePath(route), "M0 0H472C500 0 500 40 520 40H520")
})

test("draws a straight line without bends", () => {
  assert.equal(
    edgePath([
      { x: 0, y: 5 },
      { x: 10, y: 5 },
    ]),
    "M0 5L10 5",
  )
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
