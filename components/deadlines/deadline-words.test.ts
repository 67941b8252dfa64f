import assert from "node:assert/strict"
import { test } from "node:test"
import type { DeadlineView } from "#lib/contracts/api/deadlines.ts"
import { alertWords, shownDeadlines } from "./deadline-words.ts"

function deadline(state: DeadlineView["state"], dueAt: string): DeadlineView {
  return {
    id: "1",
    pipelineId: "p",
    taskId: null,
    runId: "7",
    text: "ended within 1h of the start",
    dueAt,
    state,
    message: null,
    missedAt: null,
    completedAt: null,
    intervalEnd: null,
    channel: null,
    delivery: "none",
    deliveryError: null,
  }
}

test("shows what was missed before what is still to be kept, and of a run that is over nothing else", () => {
  const [first, second] = [deadline("pending", "2026-03-01T07:00:00Z"), deadline("pending", "2026-03-01T06:00:00Z")]
  const missed = deadline("missed", "2026-03-01T05:00:00Z")
  assert.deepEqual(shownDeadlines([first, second], false), [second, first])
  assert.deepEqual(shownDeadlines([first, missed, second], false), [missed])
  assert.deepEqual(shownDeadlines([first, deadline("met", "2026-03-01T04:00:00Z")], true), [])
})

test("says what became of the alert", () => {
  assert.equal(alertWords({ channel: null, delivery: "none" }), "")
  assert.equal(alertWords({ channel: "oncall", delivery: "sent" }), "oncall was told")
  assert.equal(alertWords({ channel: "oncall", delivery: "waiting" }), "oncall is being told")
  assert.equal(alertWords({ channel: "oncall", delivery: "failed" }), "oncall could not be told")
})
