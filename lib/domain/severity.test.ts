import assert from "node:assert/strict"
import { test } from "node:test"
import { RUN_STATES } from "./run-state.ts"
import { NO_STATE, RUN_SEVERITY, stateCode, stateOfCode, TASK_RUN_SEVERITY } from "./severity.ts"
import { TASK_RUN_STATES } from "./task-run-state.ts"

test("every state has its place", () => {
  assert.deepEqual(TASK_RUN_SEVERITY.toSorted(), TASK_RUN_STATES.toSorted())
  assert.deepEqual(RUN_SEVERITY.toSorted(), RUN_STATES.toSorted())
})

test("a code is read back as its state, and the least code is the worst state", () => {
  for (const state of TASK_RUN_STATES) assert.equal(stateOfCode(stateCode(state)), state)
  const codes = (["success", "failed", "running"] as const).map(stateCode)
  assert.equal(stateOfCode([...codes, NO_STATE].toSorted()[0]!), "failed")
  assert.equal(stateOfCode(NO_STATE), null)
})
