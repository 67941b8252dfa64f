import assert from "node:assert/strict"
import { test } from "node:test"
import type { RunState } from "#lib/domain/run-state.ts"
import { at, runOf, taskRunOf } from "../run/run-fixture.ts"
import { pipelineWords } from "./pipeline-words.ts"

const withLatest = (state: RunState) => ({
  recentRuns: [{ id: "412", state, logicalAt: at(0), startedAt: at(0), durationMs: null }],
})

test("says what the tasks of a running run do, the worst first", () => {
  const run = runOf([taskRunOf("a", { state: "up_for_retry" }), taskRunOf("b", { state: "running" })])
  assert.deepEqual(pipelineWords(withLatest("running"), run), {
    state: "up_for_retry",
    label: "Running, 1 task retries",
  })
  const failing = runOf([taskRunOf("a", { state: "up_for_retry" }), taskRunOf("b", { state: "failed" })])
  assert.equal(pipelineWords(withLatest("running"), failing)?.label, "Running, 1 failed")
})

test("does not take another run's tasks for the latest run's", () => {
  const older = runOf([taskRunOf("a", { state: "failed" })], { id: "1" })
  assert.equal(pipelineWords(withLatest("running"), older)?.label, "Running")
})

test("says how the last run ended, and nothing where there was none", () => {
  assert.equal(pipelineWords(withLatest("failed"), null)?.label, "Last run failed")
  assert.equal(pipelineWords({ recentRuns: [] }, null), null)
})
