import assert from "node:assert/strict"
import { test } from "node:test"
import {
  INCIDENT_MOVES,
  INCIDENT_STATES,
  INCIDENT_TRANSITIONS,
  nextIncidentState,
  planOccurrence,
  REOPEN_WINDOW_MS,
  worseSeverity,
} from "./incident-state.ts"

test("every state knows every move, and no move leads to where it is", () => {
  for (const state of INCIDENT_STATES) {
    for (const move of INCIDENT_MOVES) {
      const next = nextIncidentState(state, move)
      assert.equal(next, INCIDENT_TRANSITIONS[state][move])
      assert.notEqual(next, state)
    }
  }
})

test("a cause that comes back soon reopens its incident, and after the window makes a new one", () => {
  const resolvedAt = new Date(0)
  const after = (ms: number) => planOccurrence({ state: "resolved", resolvedAt }, new Date(ms))
  assert.equal(planOccurrence(null, new Date(0)), "open")
  assert.equal(after(REOPEN_WINDOW_MS), "reopen")
  assert.equal(after(REOPEN_WINDOW_MS + 1), "open")
})

test("a cause whose incident is unresolved adds to it, acknowledged or not", () => {
  for (const state of ["open", "acknowledged"] as const) {
    assert.equal(planOccurrence({ state, resolvedAt: null }, new Date(0)), "add")
  }
})

test("of two severities the worse one counts", () => {
  assert.equal(worseSeverity("warning", "critical"), "critical")
  assert.equal(worseSeverity("warning", "info"), "warning")
})
