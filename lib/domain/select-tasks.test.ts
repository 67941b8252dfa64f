import assert from "node:assert/strict"
import { test } from "node:test"
import { selectTasks } from "./select-tasks.ts"

const upstream = new Map([
  ["a", []],
  ["b", ["a"]],
  ["c", ["b"]],
  ["other", ["a"]],
])

test("takes along what was asked for, and nothing beside it", () => {
  assert.deepEqual(selectTasks(upstream, ["b"], "none"), ["b"])
  assert.deepEqual(selectTasks(upstream, ["b"], "upstream"), ["a", "b"])
  assert.deepEqual(selectTasks(upstream, ["b"], "downstream"), ["b", "c"])
  assert.deepEqual(selectTasks(upstream, ["b"], "both"), ["a", "b", "c"])
})
