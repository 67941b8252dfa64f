import assert from "node:assert/strict"
import { test } from "node:test"
import { criticalPath, pathTimes, type TaskSpan } from "./critical-path.ts"

const span = (
  id: string,
  start: number,
  end: number,
  upstream: string[] = [],
  readyAt: number | null = null,
): TaskSpan => ({
  id,
  start,
  end,
  upstream,
  readyAt,
})
const idsOf = (spans: TaskSpan[]) => criticalPath(spans).map((step) => step.id)

test("leads from the last to end back through whichever upstream ended last", () => {
  const spans = [span("a", 0, 10), span("b", 0, 30), span("c", 30, 40, ["a", "b"]), span("d", 0, 35)]
  assert.deepEqual(idsOf(spans), ["b", "c"])
})

test("follows the upstream that let the task go where its rule did not wait for the others", () => {
  const spans = [span("quick", 0, 10), span("slow", 0, 50), span("first_wins", 12, 60, ["quick", "slow"], 10)]
  assert.deepEqual(idsOf(spans), ["quick", "first_wins"])
})

test("counts what lies between the steps as waiting, and all of it adds up", () => {
  const spans = [span("a", 5, 20, [], 2), span("b", 26, 40, ["a"], 20)]
  const steps = criticalPath(spans)
  assert.deepEqual(steps, [
    { id: "a", since: 2, start: 5, end: 20 },
    { id: "b", since: 20, start: 26, end: 40 },
  ])
  assert.deepEqual(pathTimes(steps), { ranMs: 29, waitedMs: 9 })
})

test("survives an upstream that was run again later than what follows it", () => {
  const spans = [span("a", 100, 120), span("b", 30, 130, ["a"], 20)]
  assert.deepEqual(criticalPath(spans), [
    { id: "a", since: 100, start: 100, end: 120 },
    { id: "b", since: 30, start: 30, end: 130 },
  ])
})

test("ignores upstreams that did not run, and is empty where nothing did", () => {
  assert.deepEqual(idsOf([span("b", 5, 9, ["skipped"])]), ["b"])
  assert.deepEqual(criticalPath([]), [])
})
