import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { type ClearableTask, planClear } from "./clear-plan.ts"
import type { TaskRunState } from "./task-run-state.ts"

/** list → each (mapped) → end */
const TASKS = [
  { id: "list", upstream: [] },
  { id: "each", upstream: ["list"] },
  { id: "end", upstream: ["each"] },
]

function states(list: TaskRunState, each: TaskRunState, end: TaskRunState, failedInstances = 2): ClearableTask[] {
  return [
    { taskId: "list", state: list, failedInstances: null },
    { taskId: "each", state: each, failedInstances },
    { taskId: "end", state: end, failedInstances: null },
  ]
}

const NOTHING = { taskIds: [], includeDownstream: true, onlyFailed: false, someInstances: false }

describe("planClear", () => {
  test("retries the failed instances of a mapped task, and what follows", () => {
    assert.deepEqual(planClear(TASKS, states("success", "failed", "upstream_failed"), NOTHING), {
      whole: ["end"],
      partial: ["each"],
    })
  })

  test("retries failed instances while others still run", () => {
    assert.deepEqual(planClear(TASKS, states("success", "mapped", "pending"), NOTHING), {
      whole: [],
      partial: ["each"],
    })
  })

  test("runs a mapped task as a whole where its list is read anew", () => {
    assert.deepEqual(planClear(TASKS, states("failed", "failed", "upstream_failed"), NOTHING), {
      whole: ["list", "each", "end"],
      partial: [],
    })
  })

  test("runs a mapped task as a whole when it is named, its failed instances when only these are asked for", () => {
    const request = { ...NOTHING, taskIds: ["each"], includeDownstream: false }
    const all = states("success", "failed", "upstream_failed")
    assert.deepEqual(planClear(TASKS, all, request), { whole: ["each"], partial: [] })
    assert.deepEqual(planClear(TASKS, all, { ...request, onlyFailed: true }), { whole: [], partial: ["each"] })
  })

  test("runs named instances again, also of a task that succeeded", () => {
    const request = { ...NOTHING, taskIds: ["each"], someInstances: true }
    assert.deepEqual(planClear(TASKS, states("success", "success", "success", 0), request), {
      whole: ["end"],
      partial: ["each"],
    })
  })

  test("does not clear what runs or waits", () => {
    assert.deepEqual(planClear(TASKS, states("success", "success", "running", 0), { ...NOTHING, taskIds: ["list"] }), {
      whole: ["list", "each"],
      partial: [],
    })
  })
})
