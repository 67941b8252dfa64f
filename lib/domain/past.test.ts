import assert from "node:assert/strict"
import { describe, test } from "node:test"
import type { RunId } from "./ids.ts"
import { pastBlocker, pastReason } from "./past.ts"
import { TASK_RUN_STATES, type TaskRunState } from "./task-run-state.ts"

const runId = "11" as RunId
const previous = (...tasks: [string, TaskRunState][]) => ({
  runId,
  tasks: tasks.map(([taskId, state]) => ({ taskId, state })),
})

describe("pastBlocker", () => {
  test("lets the first run of a series go, and a task that the previous run did not have", () => {
    assert.equal(pastBlocker(null), null)
    assert.equal(pastBlocker(previous()), null)
  })

  for (const state of TASK_RUN_STATES) {
    const isWell = state === "success" || state === "skipped"
    test(`${isWell ? "lets go after" : "waits for"} a previous task that is ${state}`, () => {
      assert.deepEqual(pastBlocker(previous(["load", state])), isWell ? null : { runId, taskId: "load", state })
    })
  }

  test("names the first that has not ended well", () => {
    const blocker = pastBlocker(previous(["load", "success"], ["mart", "running"], ["tell", "pending"]))
    assert.deepEqual(blocker, { runId, taskId: "mart", state: "running" })
    assert.equal(pastReason(blocker!), "Waits for its past: task mart of the previous run 11 is running.")
  })
})
