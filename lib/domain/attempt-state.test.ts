import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { ATTEMPT_EVENTS, ATTEMPT_STATES, nextAttemptState } from "./attempt-state.ts"

const ENDS: Record<(typeof ATTEMPT_EVENTS)[number], string> = {
  succeed: "success",
  skip: "skipped",
  defer: "deferred",
  fail: "failed",
  time_out: "timed_out",
  lose: "lost",
  kill: "killed",
  cancel: "cancelled",
}

describe("attempt state", () => {
  for (const state of ATTEMPT_STATES) {
    for (const event of ATTEMPT_EVENTS) {
      const target = state === "running" ? ENDS[event] : null
      test(`${state}: ${event} ${target === null ? "is refused: an attempt ends once" : `leads to ${target}`}`, () => {
        assert.equal(nextAttemptState(state, event), target)
      })
    }
  }
})
