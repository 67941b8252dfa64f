import assert from "node:assert/strict"
import { test } from "node:test"
import { NO_STATE, stateCode } from "#lib/domain/severity.ts"
import type { TaskRunState } from "#lib/domain/task-run-state.ts"
import { graphOf } from "../dag/graph-fixture.ts"
import { cellsOf, failuresOf, gridRows, groupsAround, nextFailure } from "./grid-model.ts"

const codes = (...states: (TaskRunState | null)[]) => ({
  states: states.map((state) => (state === null ? NO_STATE : stateCode(state))).join(""),
})
const drawn = (rows: ReturnType<typeof gridRows>) => rows.map((row) => `${"  ".repeat(row.depth)}${row.label}`)

test("puts tasks below their groups, a group at the place of its first task", () => {
  const shape = graphOf({ "load.a": [], free: [], "load.inner.b": [], "load.c": [] })
  const rows = gridRows(["a", "b", "c", "free"], shape, new Set())
  assert.deepEqual(drawn(rows), ["load", "  a", "  inner", "    b", "  c", "free"])
  assert.deepEqual(rows[0]?.places, [0, 1, 2])
})

test("hides what is inside a closed group, with the groups in it", () => {
  const shape = graphOf({ "load.a": [], "load.inner.b": [], free: [] })
  assert.deepEqual(drawn(gridRows(["a", "b", "free"], shape, new Set(["load"]))), ["load", "free"])
})

test("shows tasks that are gone from the definition at the end, and not those that no run has", () => {
  const shape = graphOf({ a: [], unseen: [] })
  assert.deepEqual(drawn(gridRows(["gone", "a"], shape, new Set())), ["a", "gone"])
  assert.deepEqual(drawn(gridRows(["x", "y"], null, new Set())), ["x", "y"])
})

test("a group's cell is the worst of its tasks, and none where the run has none of them", () => {
  const [group] = gridRows(["a", "b"], graphOf({ "g.a": [], "g.b": [] }), new Set(["g"]))
  const runs = [codes("success", "failed"), codes("skipped", "success"), codes(null, "running"), codes(null, null)]
  assert.equal(
    cellsOf(runs, group!),
    [stateCode("failed"), stateCode("success"), stateCode("running"), NO_STATE].join(""),
  )
})

test("walks the failures from the newest run back, and round again", () => {
  const failures = failuresOf({ runs: [codes("failed", "success"), codes("failed", "failed")] as never })
  assert.deepEqual(failures, [
    { run: 1, task: 0 },
    { run: 1, task: 1 },
    { run: 0, task: 0 },
  ])
  assert.deepEqual(nextFailure(failures, null), { run: 1, task: 0 })
  assert.deepEqual(nextFailure(failures, { run: 1, task: 0 }), { run: 1, task: 1 })
  assert.deepEqual(nextFailure(failures, { run: 1, task: 1 }), { run: 0, task: 0 })
  assert.deepEqual(nextFailure(failures, { run: 0, task: 0 }), { run: 1, task: 0 })
  assert.deepEqual(nextFailure(failures, { run: 0, task: 0 }, -1), { run: 1, task: 1 })
  assert.deepEqual(nextFailure(failures, { run: 1, task: 0 }, -1), { run: 0, task: 0 })
  assert.equal(nextFailure([], null), null)
})

test("names the groups that hide a task, outermost first", () => {
  const shape = graphOf({ "load.inner.b": [], a: [] })
  assert.deepEqual(groupsAround(shape, "b"), ["load", "load.inner"])
  assert.deepEqual(groupsAround(shape, "a"), [])
})
