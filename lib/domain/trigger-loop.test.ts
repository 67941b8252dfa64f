import assert from "node:assert/strict"
import { test } from "node:test"
import type { PipelineTriggers } from "./trigger-arrivals.ts"
import { triggerLoops } from "./trigger-loop.ts"

const made = (id: string, after: string[], datasets: string[] = [], writes: string[] = []) => {
  const triggers: PipelineTriggers = {
    datasets: datasets.length > 0 ? { mode: "any", names: datasets, latest: null, withBackfills: false } : null,
    after: after.map((pipeline) => ({ pipeline, state: "success" })),
    events: [],
  }
  return { id, triggers, tasks: [{ writes }] }
}

test("finds the circles in which pipelines start each other, through runs and through datasets", () => {
  const loops = triggerLoops([
    made("a", ["b"]),
    made("b", ["a"]),
    made("load", ["mart"], [], ["w.x"]),
    made("mart", [], ["w.x"]),
    made("fine", ["a"], ["w.x"]),
  ])
  assert.deepEqual(
    loops.map((loop) => [...new Set(loop)].sort()),
    [
      ["a", "b"],
      ["load", "mart"],
    ],
  )
})

test("a chain and a diamond are no circle, nor is a pipeline that does not exist", () => {
  assert.deepEqual(triggerLoops([made("a", ["gone"]), made("b", ["a"]), made("c", ["a"]), made("d", ["b", "c"])]), [])
})
