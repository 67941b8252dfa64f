import assert from "node:assert/strict"
import { test } from "node:test"
import { actionRequest, cancelEffect, listOf } from "./run-action.ts"
import { runOf, taskRunOf } from "./run-fixture.ts"

test("previews and does the same request but for dryRun", () => {
  const clear = { kind: "clear", taskIds: ["a"] } as const
  const preview = actionRequest(
    "7",
    { ...clear, taskIds: ["a"] },
    { includeDownstream: false, version: "pinned", dryRun: true },
  )
  assert.deepEqual(preview, {
    path: "/runs/7/clear",
    body: { taskIds: ["a"], includeDownstream: false, includeUpstream: false, version: "pinned", dryRun: true },
  })
  const mark = actionRequest(
    "7",
    { kind: "mark", taskRunId: "9", taskId: "a", state: "skipped" },
    { includeDownstream: true, version: "newest", dryRun: false },
  )
  assert.deepEqual(mark, { path: "/runs/7/mark", body: { taskIds: ["a"], state: "skipped", dryRun: false } })
  const instance = actionRequest(
    "7",
    { kind: "mark", taskRunId: "9", taskId: "eu", state: "skipped", isInstance: true },
    { includeDownstream: true, version: "newest", dryRun: false },
  )
  assert.deepEqual(instance, { path: "/task-runs/9/mark", body: { state: "skipped", dryRun: false } })
})

test("says what cancelling stops and what it keeps from starting", () => {
  const tasks = [
    taskRunOf("a", { state: "success" }),
    taskRunOf("b", { state: "running" }),
    taskRunOf("c", { state: "pending" }),
    taskRunOf("d", { state: "up_for_retry" }),
  ]
  const effect = cancelEffect(runOf(tasks))
  assert.equal(effect.text, "Stops 1 running task; 2 tasks will not start. What is loaded stays.")
  assert.deepEqual(effect.taskIds, ["b", "c", "d"])
})

test("names the first and counts the rest", () => {
  assert.equal(listOf([]), "")
  assert.equal(listOf(["a"]), "a")
  assert.equal(listOf(["a", "b", "c"]), "a, b and c")
  assert.equal(listOf(["a", "b", "c", "d", "e"]), "a, b, c and 2 more")
})
