import assert from "node:assert/strict"
import { test } from "node:test"
import { ATTEMPT_STATES } from "#lib/domain/attempt-state.ts"
import { RUN_STATES } from "#lib/domain/run-state.ts"
import { TASK_RUN_STATES } from "#lib/domain/task-run-state.ts"
import { CELL_GLYPHS, STATE_GLYPHS } from "../ui/glyphs.ts"
import { STATUS, statusOf } from "./status-map.ts"

test("every state of runs, task runs and attempts has a word and a shape", () => {
  for (const state of [...RUN_STATES, ...TASK_RUN_STATES, ...ATTEMPT_STATES]) {
    const look = STATUS[state]
    assert.ok(look, state)
    assert.ok(STATE_GLYPHS.includes(look.glyph) && CELL_GLYPHS.includes(look.cell), state)
    assert.match(look.label, /^[A-Z]/)
  }
})

test("task runs that wait for upstreams and those that wait for a worker look different", () => {
  assert.notEqual(STATUS.pending.glyph, STATUS.ready.glyph)
  assert.notEqual(STATUS.pending.label, STATUS.ready.label)
})

test("a state of a newer server shows its own name, in the neutral look", () => {
  assert.deepEqual(statusOf("being_moved"), { label: "being moved", glyph: "scheduled", cell: "none" })
})
