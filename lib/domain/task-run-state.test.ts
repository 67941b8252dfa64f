import assert from "node:assert/strict"
import { describe, test } from "node:test"
import {
  isFinalTaskRunState,
  nextTaskRunState,
  TASK_RUN_EVENTS,
  TASK_RUN_STATES,
  type TaskRunState,
  taskRunStatesBefore,
} from "./task-run-state.ts"

const FINAL = ["success", "failed", "skipped", "upstream_failed", "cancelled"]
const MARKS = { mark_success: "success", mark_failed: "failed", mark_skipped: "skipped" }

/** Every move there is, marks by people aside; whatever is not here must be refused. */
const MOVES = [
  "pending release ready",
  "pending skip skipped",
  "pending upstream_fail upstream_failed",
  "pending expand mapped",
  "pending fail failed",
  "pending cancel cancelled",
  "ready claim running",
  "ready cancel cancelled",
  "running succeed success",
  "running fail failed",
  "running retry up_for_retry",
  "running defer deferred",
  "running skip skipped",
  "running cancel cancelled",
  "running hand_back ready",
  "up_for_retry wake ready",
  "up_for_retry cancel cancelled",
  "deferred wake ready",
  "deferred fail failed",
  "deferred skip skipped",
  "deferred cancel cancelled",
  "mapped succeed success",
  "mapped fail failed",
  "mapped skip skipped",
  "mapped cancel cancelled",
  ...FINAL.map((state) => `${state} clear pending`),
  // A task blocked by a failure was not expanded in this life.
  ...FINAL.filter((state) => state !== "upstream_failed").map((state) => `${state} clear_instances mapped`),
  // Only a task that runs cannot be marked: its attempt would go on writing.
  ...TASK_RUN_STATES.filter((state) => state !== "running").flatMap((state) =>
    Object.entries(MARKS).map(([event, target]) => `${state} ${event} ${target}`),
  ),
]

describe("task run state", () => {
  for (const state of TASK_RUN_STATES) {
    for (const event of TASK_RUN_EVENTS) {
      const move = MOVES.find((text) => text.startsWith(`${state} ${event} `))
      const target = move?.split(" ")[2] ?? null
      test(`${state}: ${event} ${target === null ? "is refused" : `leads to ${target}`}`, () => {
        assert.equal(nextTaskRunState(state, event), target)
        assert.equal(taskRunStatesBefore(event).includes(state), target !== null)
      })
    }
  }

  test("the final states are those that a downstream can count", () => {
    assert.deepEqual(TASK_RUN_STATES.filter(isFinalTaskRunState), FINAL)
  })

  test("every state leads to a final one, and every state but the first can be reached", () => {
    const next = (state: TaskRunState) =>
      TASK_RUN_EVENTS.map((event) => nextTaskRunState(state, event)).filter((target) => target !== null)
    const reach = (from: TaskRunState) => {
      const seen = new Set<TaskRunState>([from])
      for (const state of seen) for (const target of next(state)) seen.add(target)
      return seen
    }
    assert.deepEqual([...reach("pending")].sort(), [...TASK_RUN_STATES].sort())
    for (const state of TASK_RUN_STATES) assert.ok([...reach(state)].some(isFinalTaskRunState), state)
  })
})
