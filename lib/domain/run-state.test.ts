import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { isFinalRunState, nextRunState, RUN_EVENTS, RUN_STATES, runStatesBefore } from "./run-state.ts"

/** Every move there is; whatever is not here must be refused. */
const MOVES = [
  "queued start running",
  "queued cancel cancelled",
  "running succeed success",
  "running fail failed",
  "running cancel cancelling",
  "running reopen running",
  "running cancelled cancelled",
  "cancelling cancelled cancelled",
  "cancelling fail failed",
  "success reopen running",
  "failed reopen running",
  "cancelled reopen running",
]

describe("run state", () => {
  for (const state of RUN_STATES) {
    for (const event of RUN_EVENTS) {
      const move = MOVES.find((text) => text.startsWith(`${state} ${event} `))
      const target = move?.split(" ")[2] ?? null
      test(`${state}: ${event} ${target === null ? "is refused" : `leads to ${target}`}`, () => {
        assert.equal(nextRunState(state, event), target)
        assert.equal(runStatesBefore(event).includes(state), target !== null)
      })
    }
  }

  test("a final state is left only by reopening", () => {
    assert.deepEqual(RUN_STATES.filter(isFinalRunState), ["success", "failed", "cancelled"])
    for (const state of RUN_STATES.filter(isFinalRunState)) {
      assert.deepEqual(
        RUN_EVENTS.filter((event) => nextRunState(state, event) !== null),
        ["reopen"],
      )
    }
  })
})
