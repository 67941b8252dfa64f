import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { type MarkState, planMark } from "./mark-plan.ts"
import type { TaskRunState } from "./task-run-state.ts"

/** extract → load → mart → tell, and beside them `other`. */
const upstream = new Map([
  ["extract", []],
  ["load", ["extract"]],
  ["mart", ["load"]],
  ["tell", ["mart"]],
  ["other", []],
])
const failed = {
  extract: "success",
  load: "failed",
  mart: "upstream_failed",
  tell: "upstream_failed",
  other: "pending",
}

function plan(states: Record<string, string>, state: MarkState, taskIds: string[] = [], includeDownstream = false) {
  const tasks = Object.entries(states).map(([taskId, value]) => ({ taskId, state: value as TaskRunState }))
  const made = planMark(tasks, upstream, { taskIds, includeDownstream, state })
  const names = (rows: { taskId: string }[]) => rows.map((row) => row.taskId).join(" ")
  if (made.kind === "mark") return `mark ${names(made.marked)}; then ${names(made.follow)}`
  return made.kind === "busy" ? `busy ${names(made.tasks)}` : made.kind
}

describe("planMark", () => {
  test("sets the named task and lets run what it had blocked", () => {
    assert.equal(plan(failed, "success", ["load"]), "mark load; then mart tell")
    assert.equal(plan(failed, "skipped", ["load"]), "mark load; then mart tell")
  })

  test("sets what follows too where that is wanted", () => {
    assert.equal(plan(failed, "success", ["load"], true), "mark load mart tell; then ")
    assert.equal(plan(failed, "success", ["mart"], true), "mark mart tell; then ")
  })

  test("of a whole run sets all that did not end well, or all that has not ended", () => {
    assert.equal(plan(failed, "success"), "mark load mart tell other; then ")
    assert.equal(plan(failed, "skipped"), "mark load mart tell other; then ")
    assert.equal(plan(failed, "failed"), "mark other; then ")
  })

  test("does nothing to what stands as wanted", () => {
    assert.equal(plan({ extract: "success", load: "success" }, "success"), "nothing")
    assert.equal(plan(failed, "success", ["extract"]), "nothing")
    assert.equal(plan({ extract: "success" }, "failed"), "nothing")
  })

  test("names what would have to stop first", () => {
    assert.equal(plan({ ...failed, other: "running" }, "success"), "busy other")
    assert.equal(plan({ ...failed, other: "running" }, "success", ["load"]), "mark load; then mart tell")
  })
})
