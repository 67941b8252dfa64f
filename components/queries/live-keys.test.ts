import assert from "node:assert/strict"
import { test } from "node:test"
import type { RunDetail } from "#lib/contracts/api/runs.ts"
import { keysFor, patchRun, patchTaskRun } from "./live-keys.ts"

const includes = (keys: readonly unknown[], key: readonly unknown[]) =>
  keys.some((one) => JSON.stringify(one) === JSON.stringify(key))

test("a run that moves makes its lists, itself and the overview old", () => {
  const keys = keysFor({ type: "run", id: "7", pipelineId: "daily_etl", state: "running" })
  for (const key of [["runs", "list"], ["runs", "detail", "7"], ["overview"], ["pipelines", "list"]]) {
    assert.ok(includes(keys, key), key.join(" "))
  }
  assert.ok(!includes(keys, ["datasets"]))
})

test("a run that ends makes datasets and backfills old too", () => {
  const keys = keysFor({ type: "run", id: "7", pipelineId: "daily_etl", state: "success" })
  assert.ok(includes(keys, ["datasets"]) && includes(keys, ["backfills"]))
})

test("a task run touches its own run, never the lists", () => {
  const keys = keysFor({ type: "task_run", id: "9", runId: "7", pipelineId: "p", taskId: "t", state: "running" })
  assert.deepEqual(keys, [
    ["runs", "detail", "7"],
    ["runs", "instances", "7"],
    ["task-runs", "9"],
  ])
})

test("a task run that begins or ends to wait makes the lists of waits old", () => {
  const event = { type: "task_run", id: "9", runId: "7", pipelineId: "p", taskId: "t" } as const
  for (const state of ["deferred", "ready", "cancelled", "failed"]) {
    assert.ok(includes(keysFor({ ...event, state }), ["waits"]), state)
  }
})

test("log lines make nothing old", () => {
  assert.deepEqual(keysFor({ type: "log", attemptId: "1", runId: "7", lines: 4 }), [])
})

test("a task run's news is written into the run that is on screen", () => {
  const run = {
    tasks: { pending: 2 },
    taskRuns: [
      { id: "9", taskId: "a", state: "pending" },
      { id: "10", taskId: "b", state: "pending" },
    ],
  } as unknown as RunDetail
  const event = { type: "task_run", id: "10", runId: "7", pipelineId: "p", taskId: "b", state: "running" } as const
  const patched = patchTaskRun(run, event)
  assert.deepEqual(patched.tasks, { pending: 1, running: 1 })
  assert.equal(patched.taskRuns[1]?.state, "running")
  assert.equal(patched.taskRuns[0], run.taskRuns[0])
  assert.equal(patchTaskRun(patched, event), patched)
  assert.equal(patchTaskRun(run, { ...event, id: "11" }), run)
})

test("a run that is retried is over no longer, before it is read again", () => {
  const run = { id: "7", state: "failed", finishedAt: "2026-03-01T05:00:00.000Z" } as RunDetail
  const event = { type: "run", id: "7", pipelineId: "p", state: "running" } as const
  assert.deepEqual(patchRun(run, event), { id: "7", state: "running", finishedAt: null })
  assert.equal(patchRun(run, { ...event, state: "failed" }), run)
})
