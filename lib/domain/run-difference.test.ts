import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { compareRuns, type InputFacts, type RunFacts, type TaskFacts } from "./run-difference.ts"

const HOUR = 3_600_000

function makeTask(given: Partial<TaskFacts> = {}): TaskFacts {
  return { taskId: "load", state: "success", durationMs: 2_000, host: "a", workerVersion: "1", attempts: 1, ...given }
}

function makeInput(given: Partial<InputFacts> = {}): InputFacts {
  return {
    dataset: "warehouse.raw.orders",
    readers: ["load"],
    rowsLoaded: 100,
    rowsTotal: null,
    schemaHash: "x",
    loadedBy: { runId: "1", pipelineId: "p", state: "success" },
    ageMs: HOUR,
    ...given,
  }
}

function makeRun(given: Partial<RunFacts> = {}): RunFacts {
  return {
    id: "1",
    kind: "schedule",
    version: 1,
    partitionKey: null,
    durationMs: 5_000,
    params: {},
    tasks: [makeTask()],
    inputs: [makeInput()],
    ...given,
  }
}

function compare(before: Partial<RunFacts>, after: Partial<RunFacts>, near: string[] = ["load"]) {
  return compareRuns(makeRun(before), makeRun(after), { code: [], near: new Set(near) })
}

const said = (changes: ReturnType<typeof compare>) => changes.map(({ kind, text }) => `${kind}: ${text}`)

describe("compareRuns", () => {
  test("finds nothing between equal runs", () => assert.deepEqual(compare({}, { id: "2" }), []))

  test("names parameters that changed, came or went", () => {
    assert.deepEqual(said(compare({ params: { a: 1, b: "x" } }, { params: { a: 2, c: true } })), [
      "params: Parameter a is 2 instead of 1.",
      "params: Parameter b is not set instead of x.",
      "params: Parameter c is true instead of not set.",
    ])
  })

  test("tells an input without rows from one with fewer", () => {
    assert.deepEqual(said(compare({}, { inputs: [makeInput({ rowsLoaded: 0 })] })), [
      "input_rows: warehouse.raw.orders brought no rows; it had 100.",
    ])
    assert.deepEqual(said(compare({}, { inputs: [makeInput({ rowsLoaded: 49 })] })), [
      "input_rows: warehouse.raw.orders has 49 rows instead of 100.",
    ])
    assert.deepEqual(compare({}, { inputs: [makeInput({ rowsLoaded: 50 })] }), [])
  })

  test("prefers the rows of the whole table to those of a load", () => {
    const was = makeInput({ rowsLoaded: 100, rowsTotal: 1_000 })
    assert.deepEqual(compare({ inputs: [was] }, { inputs: [{ ...was, rowsLoaded: 3, rowsTotal: 1_003 }] }), [])
  })

  test("puts a changed schema of what the failed task reads first, and the same elsewhere below a parameter", () => {
    const inputs = [makeInput({ schemaHash: "y" })]
    const params = { a: 1 }
    const kinds = (near: string[]) => compare({ params: {} }, { inputs, params }, near).map(({ kind }) => kind)
    assert.deepEqual(kinds(["load"]), ["input_schema", "params"])
    assert.deepEqual(kinds(["other"]), ["params", "input_schema"])
  })

  test("says that an input comes from a run that failed, or was not loaded anew", () => {
    const failed = makeInput({ loadedBy: { runId: "7", pipelineId: "shop", state: "failed" } })
    assert.deepEqual(said(compare({}, { inputs: [failed] })), [
      "upstream: warehouse.raw.orders was loaded by run 7 of shop, which failed.",
    ])
    assert.deepEqual(said(compare({}, { inputs: [makeInput({ ageMs: 25 * HOUR })] })), [
      "age: warehouse.raw.orders was loaded much longer ago than last time.",
    ])
  })

  test("tells of time, tries and machine of tasks, but not of what doubles by chance", () => {
    const slow = makeTask({ durationMs: 9_000, attempts: 3, host: "b" })
    assert.deepEqual(said(compare({}, { tasks: [slow] })), [
      "duration: load took much longer than last time.",
      "retries: load was tried 3 times; last time 1.",
      "worker: load ran on another machine.",
    ])
    assert.deepEqual(compare({ tasks: [makeTask({ durationMs: 10 })] }, { tasks: [makeTask({ durationMs: 900 })] }), [])
  })
})
