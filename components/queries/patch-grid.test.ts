import assert from "node:assert/strict"
import { test } from "node:test"
import type { PipelineGrid } from "#lib/contracts/api/pipeline-views.ts"
import { stateCode } from "#lib/domain/severity.ts"
import { patchGrid } from "./patch-grid.ts"

const run = (id: string, states: string) => ({ id, states }) as PipelineGrid["runs"][number]
const [SUCCESS, PENDING] = [stateCode("success"), stateCode("pending")]
const grid: PipelineGrid = {
  pipelineId: "p",
  tasks: ["a", "b", "m"],
  mapped: ["m"],
  runs: [run("1", SUCCESS.repeat(3)), run("2", PENDING.repeat(3))],
  hasOlder: false,
  medianDurationMs: null,
}
const event = (values: object) =>
  ({ type: "task_run", id: "9", runId: "2", pipelineId: "p", taskId: "b", state: "running", ...values }) as const

test("writes one cell and leaves the other runs as they are", () => {
  const patched = patchGrid(grid, event({}))
  assert.equal(patched.runs[1]!.states, PENDING + stateCode("running") + PENDING)
  assert.equal(patched.runs[0], grid.runs[0])
  assert.equal(patched.tasks, grid.tasks)
})

test("is the same object where nothing differs or nothing of it is shown", () => {
  assert.equal(patchGrid(grid, event({ state: "pending" })), grid)
  assert.equal(patchGrid(grid, event({ runId: "7" })), grid)
  assert.equal(patchGrid(grid, event({ mapIndex: 3 })), grid)
  assert.equal(patchGrid(grid, event({ taskId: "gone" })), grid)
  assert.equal(patchGrid(grid, event({ taskId: "m" })), grid, "an instance does not speak for its task")
  assert.equal(patchGrid(grid, event({ state: "of_a_newer_server" })), grid)
})
