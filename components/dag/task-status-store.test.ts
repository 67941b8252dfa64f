import assert from "node:assert/strict"
import { test } from "node:test"
import { type TaskStatus, TaskStatusStore } from "./task-status-store.ts"

const pending: TaskStatus = {
  state: "pending",
  reason: null,
  startedAt: null,
  nextAttemptAt: null,
  durationMs: null,
  attemptCount: 0,
  maxAttempts: 1,
  rows: null,
  instances: null,
  instancesDone: 0,
  instancesFailed: 0,
}

test("tells only the task that changed", () => {
  const store = new TaskStatusStore()
  const told: string[] = []
  store.replace(
    new Map([
      ["a", pending],
      ["b", pending],
    ]),
  )
  store.subscribe("a", () => told.push("a"))
  store.subscribe("b", () => told.push("b"))
  store.replace(
    new Map([
      ["a", { ...pending }],
      ["b", { ...pending, state: "running" }],
    ]),
  )
  assert.deepEqual(told, ["b"])
})

test("keeps the identity of a status that did not change", () => {
  const store = new TaskStatusStore()
  store.replace(new Map([["a", pending]]))
  const before = store.get("a")
  store.replace(new Map([["a", { ...pending }]]))
  assert.equal(store.get("a"), before)
})

test("tells a task that it is no longer part of the run", () => {
  const store = new TaskStatusStore()
  let told = 0
  store.replace(new Map([["a", pending]]))
  store.subscribe("a", () => told++)
  store.replace(new Map())
  assert.equal(told, 1)
  assert.equal(store.get("a"), null)
})

test("stops telling after unsubscribing", () => {
  const store = new TaskStatusStore()
  let told = 0
  store.subscribe("a", () => told++)()
  store.replace(new Map([["a", pending]]))
  assert.equal(told, 0)
})
