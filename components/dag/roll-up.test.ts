import assert from "node:assert/strict"
import { test } from "node:test"
import { countStates, inDrawingOrder, rollUp } from "./roll-up.ts"

test("a group shows its worst task", () => {
  assert.equal(rollUp(countStates(["success", "failed", "running"])), "failed")
  assert.equal(rollUp(countStates(["success", "running", "pending"])), "running")
})

test("a group with skipped tasks is a success when the others are", () => {
  assert.equal(rollUp(countStates(["success", "skipped"])), "success")
})

test("a group of which nothing is known is pending", () => {
  assert.equal(rollUp({}), "pending")
})

test("draws done work first and leaves out states with no task", () => {
  assert.deepEqual(inDrawingOrder(countStates(["pending", "success", "success", "failed"])), [
    ["success", 2],
    ["failed", 1],
    ["pending", 1],
  ])
})
