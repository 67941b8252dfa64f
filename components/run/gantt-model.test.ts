import assert from "node:assert/strict"
import { test } from "node:test"
import { criticalPath } from "#lib/domain/critical-path.ts"
import { type GanttModel, ganttModel, spansOf, timeTicks } from "./gantt-model.ts"
import { at, attemptOf, runOf, taskRunOf } from "./run-fixture.ts"

const none = new Map<string, string[]>()
const now = Date.parse(at(1_000))
const seconds = (model: GanttModel, row = 0) =>
  model.rows[row]!.bars.map((bar) => [bar.kind, (bar.start - model.start) / 1_000, (bar.end - model.start) / 1_000])

test("tells waiting for a worker from running", () => {
  const task = taskRunOf("a", { state: "success", readyAt: at(2), attempts: [attemptOf(1, 5, 20, "success")] })
  assert.deepEqual(seconds(ganttModel(runOf([task]), none, now)), [
    ["waiting", 2, 5],
    ["running", 5, 20],
  ])
})

test("tells waiting for a slot from waiting for a worker, for each try", () => {
  const attempts = [
    { ...attemptOf(1, 30, 40, "failed"), readyAt: at(10), admittedAt: at(25) },
    { ...attemptOf(2, 75, 80, "success"), readyAt: at(60), admittedAt: null },
  ]
  const task = taskRunOf("a", { state: "success", readyAt: at(60), attempts })
  assert.deepEqual(seconds(ganttModel(runOf([task]), none, now)), [
    ["slot", 10, 25],
    ["waiting", 25, 30],
    ["running", 30, 40],
    ["retry", 40, 60],
    ["waiting", 60, 75],
    ["running", 75, 80],
  ])
  const held = taskRunOf("b", { state: "ready", readyAt: at(900), waitingFor: "pool/warehouse" })
  assert.deepEqual(seconds(ganttModel(runOf([held]), none, now)), [["slot", 900, 1_000]])
})

test("shows each try and the wait between tries", () => {
  const attempts = [attemptOf(1, 5, 20, "failed"), attemptOf(2, 80, 90, "failed")]
  const task = taskRunOf("a", { state: "up_for_retry", readyAt: at(80), nextAttemptAt: at(200), attempts })
  assert.deepEqual(seconds(ganttModel(runOf([task]), none, now)), [
    ["waiting", 0, 5],
    ["running", 5, 20],
    ["retry", 20, 80],
    ["running", 80, 90],
    ["retry", 90, 200],
  ])
})

test("tells what a task was put off for from what it ran, a sensor's looks as one wait", () => {
  const attempts = [attemptOf(1, 5, 6, "deferred"), attemptOf(2, 80, 81, "success")]
  const task = taskRunOf("a", { state: "success", readyAt: at(80), attempts })
  const kinds = (one: typeof task) => seconds(ganttModel(runOf([one]), none, now)).map(([kind]) => kind)
  assert.deepEqual(kinds(task), ["waiting", "running", "deferred", "running"])
  const looks = { ...attemptOf(1, 5, 60, "deferred"), metrics: { polls: 12 } }
  assert.deepEqual(kinds({ ...task, attempts: [looks, attempts[1]!] }), ["waiting", "deferred", "deferred", "running"])
})

test("a task tried again waited first from the end of what it waits for", () => {
  const first = taskRunOf("a", { state: "success", readyAt: at(0), attempts: [attemptOf(1, 0, 30, "success")] })
  const attempts = [attemptOf(1, 40, 50, "failed"), attemptOf(2, 80, 90, "success")]
  const second = taskRunOf("b", { state: "success", readyAt: at(79), attempts })
  const model = ganttModel(runOf([first, second]), new Map([["b", ["a"]]]), now)
  assert.deepEqual(seconds(model, 1)[0], ["waiting", 30, 40])
})

test("what is still running ends now", () => {
  const task = taskRunOf("a", { state: "running", readyAt: at(5), attempts: [attemptOf(1, 5, null, "running")] })
  assert.deepEqual(seconds(ganttModel(runOf([task]), none, now)), [["running", 5, 1_000]])
})

test("orders by start, then puts what waits, what will not run and what is undecided", () => {
  const tasks = [
    taskRunOf("undecided"),
    taskRunOf("not_run", { state: "upstream_failed", finishedAt: at(30) }),
    taskRunOf("waits", { state: "ready", readyAt: at(40) }),
    taskRunOf("late", { state: "success", attempts: [attemptOf(1, 20, 25, "success")] }),
    taskRunOf("early", { state: "success", attempts: [attemptOf(1, 1, 25, "success")] }),
  ]
  const { rows } = ganttModel(runOf(tasks), none, now)
  assert.deepEqual(
    rows.map((row) => row.task.taskId),
    ["early", "late", "waits", "not_run", "undecided"],
  )
})

test("gives the critical path each task's wait and its tries, and what did not run as an instant", () => {
  const tried = taskRunOf("a", {
    state: "success",
    attempts: [attemptOf(1, 5, 20, "failed"), attemptOf(2, 80, 90, "success")],
  })
  const blocked = taskRunOf("c", { state: "upstream_failed", finishedAt: at(90) })
  const { rows, start } = ganttModel(runOf([tried, taskRunOf("b"), blocked]), none, now)
  const spans = spansOf(rows, new Map([["a", ["x"]]]))
  assert.deepEqual(spans, [
    { id: "a", upstream: ["x"], readyAt: start, start: start + 5_000, end: start + 90_000 },
    { id: "c", upstream: [], readyAt: null, start: start + 90_000, end: start + 90_000 },
  ])
})

test("labels round instants, few enough to read", () => {
  const start = Date.parse(at(10))
  const ticks = timeTicks(start, start + 1_000_000, 6)
  assert.ok(ticks.length >= 3 && ticks.length <= 6)
  for (const tick of ticks) assert.equal(tick % 300_000, 0)
})

test("a mapped task is one bar, and instances that are shown stand under it in map order, off the critical path", () => {
  const counts = { total: 2, success: 2, failed: 0, skipped: 0 }
  const mapped = taskRunOf("each", { state: "success", instances: counts, startedAt: at(10), finishedAt: at(40) })
  const instance = (mapIndex: number, from: number, to: number) =>
    taskRunOf("each", {
      id: `each ${mapIndex}`,
      mapIndex,
      label: "x",
      state: "success",
      attempts: [attemptOf(1, from, to, "success")],
    })
  const after = taskRunOf("after", { state: "success", attempts: [attemptOf(1, 41, 50, "success")] })
  const upstream = new Map([["after", ["each"]]])
  const { rows } = ganttModel(runOf([mapped, after, instance(1, 11, 30), instance(0, 25, 60)]), upstream, now)
  assert.deepEqual(
    rows.map((row) => [row.task.taskId, row.task.mapIndex]),
    [
      ["each", -1],
      ["each", 0],
      ["each", 1],
      ["after", -1],
    ],
  )
  assert.deepEqual(
    rows[0]?.bars.map(({ kind, start, end }) => [kind, start, end]),
    [["running", Date.parse(at(10)), Date.parse(at(40))]],
  )
  assert.deepEqual(
    criticalPath(spansOf(rows, upstream)).map((step) => step.id),
    ["each", "after"],
  )
})
