import assert from "node:assert/strict"
import { test } from "node:test"
import { nextNode } from "./next-node.ts"

const box = (x: number, y: number) => ({ x, y, width: 100, height: 40 })
const boxes = new Map([
  ["a", box(0, 0)],
  ["b", box(0, 60)],
  ["c", box(160, 0)],
  ["d", box(160, 60)],
])

test("goes to the neighbour straight ahead", () => {
  assert.equal(nextNode(boxes, "a", "right"), "c")
  assert.equal(nextNode(boxes, "a", "down"), "b")
  assert.equal(nextNode(boxes, "d", "left"), "b")
  assert.equal(nextNode(boxes, "d", "up"), "c")
})

test("stays where nothing lies that way", () => {
  assert.equal(nextNode(boxes, "a", "left"), null)
  assert.equal(nextNode(boxes, "gone", "left"), null)
})
