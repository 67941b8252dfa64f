import assert from "node:assert/strict"
import { test } from "node:test"
import { planTasks } from "./task-plan.ts"
import { scopesOf, teardownUpstreams, withSetupsAndTeardowns } from "./teardown.ts"

/** outer → (inner → work → close_inner), side → close_outer → after */
const TASKS = [
  { id: "outer", upstream: [] },
  { id: "inner", upstream: ["outer"] },
  { id: "work", upstream: ["inner"] },
  { id: "close_inner", upstream: ["work", "inner"], teardownOf: ["inner"] },
  { id: "side", upstream: ["outer"] },
  { id: "close_outer", upstream: ["close_inner", "side"], teardownOf: ["outer"] },
  { id: "after", upstream: ["close_outer"] },
]

test("between a setup and its tear-down stands what is behind the one and before the other", () => {
  assert.deepEqual(
    scopesOf(TASKS).map(({ setup, teardown, between }) => [setup, teardown, [...between].sort()]),
    [
      ["inner", "close_inner", ["work"]],
      ["outer", "close_outer", ["close_inner", "inner", "side", "work"]],
    ],
  )
})

test("a tear-down waits for its setup and all tasks between, whatever edges it names", () => {
  const upstreams = teardownUpstreams(TASKS)
  assert.deepEqual([...upstreams.keys()], ["close_inner", "close_outer"])
  assert.deepEqual(upstreams.get("close_outer")?.sort(), ["close_inner", "inner", "outer", "side", "work"])
  const plan = planTasks(TASKS.map((task) => ({ ...task, triggerRule: "all_success" as const })))
  assert.equal(plan.find((task) => task.taskId === "close_outer")?.upstreamTotal, 5)
  assert.deepEqual(plan.find((task) => task.taskId === "work")?.downstream, [3, 5])
})

test("clearing takes along the setups and tear-downs around, through all layers", () => {
  const cleared = (...ids: string[]) => [...withSetupsAndTeardowns(TASKS, ids)].sort()
  assert.deepEqual(cleared("work"), ["close_inner", "close_outer", "inner", "outer", "work"])
  assert.deepEqual(cleared("side"), ["close_outer", "outer", "side"])
  assert.deepEqual(cleared("outer"), ["close_outer", "outer"])
  assert.deepEqual(cleared("close_outer"), ["close_outer"])
  assert.deepEqual(cleared("after"), ["after"])
})
