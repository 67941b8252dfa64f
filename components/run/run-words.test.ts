import assert from "node:assert/strict"
import { test } from "node:test"
import type { TaskRun } from "#lib/contracts/api/runs.ts"
import { runOf, taskRunOf } from "./run-fixture.ts"
import { runWords } from "./run-words.ts"

test("names the task that failed, what it said and what followed", () => {
  const tasks = [
    taskRunOf("stg_orders", { state: "success" }),
    taskRunOf("stg_customers", { state: "failed", attemptCount: 3 }),
    taskRunOf("fct_orders", { state: "upstream_failed" }),
    taskRunOf("dim_customers", { state: "upstream_failed" }),
  ]
  const run = runOf(tasks, { state: "failed", failedTaskId: "stg_customers", errorMessage: "column does not exist" })
  assert.deepEqual(runWords(run), {
    title: "Run 412 failed at stg_customers",
    lead: "column does not exist",
    consequence: "3 tries failed, 2 tasks after it did not run.",
  })
})

test("says that a run goes on while a task is retried or has failed", () => {
  const retried = runOf([taskRunOf("a", { state: "up_for_retry" })])
  assert.equal(runWords(retried).title, "Run 412 retries a")
  const failing = runOf([taskRunOf("a", { state: "failed" }), taskRunOf("b", { state: "running" })])
  assert.equal(runWords(failing).title, "Run 412 is failing at a")
})

test("is brief when all is well", () => {
  assert.deepEqual(runWords(runOf([taskRunOf("a", { state: "success" })], { state: "success" })), {
    title: "Run 412 succeeded",
    lead: null,
    consequence: null,
  })
  assert.equal(runWords(runOf([], { state: "cancelled" })).title, "Run 412 was cancelled")
  assert.equal(runWords(runOf([], { state: "queued" })).title, "Run 412 is queued")
})

test("a run that only waits says where", () => {
  const waiting = taskRunOf("ask", { state: "deferred" })
  const pending = taskRunOf("after", { state: "pending" })
  assert.equal(runWords(runOf([waiting, pending])).title, "Run 412 waits at ask")
  assert.equal(runWords(runOf([waiting, taskRunOf("other", { state: "running" })])).title, "Run 412 is running")
})

test("a run that waits for a person and for something else names the person's task", () => {
  const wait = { kind: "approval" } as NonNullable<TaskRun["wait"]>
  const tasks = [taskRunOf("arrived", { state: "deferred" }), taskRunOf("ask", { state: "deferred", wait })]
  assert.equal(runWords(runOf(tasks)).title, "Run 412 waits at ask")
})
