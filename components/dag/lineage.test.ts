import assert from "node:assert/strict"
import { test } from "node:test"
import { toFlowGraph } from "./flow-graph.ts"
import { graphOf } from "./graph-fixture.ts"
import { isOnLineage, lineageOf } from "./lineage.ts"

const shape = { a: [], b: ["a"], c: ["a"], d: ["b", "c"], e: ["d"] }

test("finds all tasks before and after a task", () => {
  const { up, down } = lineageOf(graphOf(shape).tasks)(["b"])
  assert.deepEqual([...up].toSorted(), ["a", "b"])
  assert.deepEqual([...down].toSorted(), ["b", "d", "e"])
})

test("marks only edges on a path through the task", () => {
  const graph = graphOf(shape)
  const lineage = lineageOf(graph.tasks)(["b"])
  const on = toFlowGraph(graph, new Set()).edges.filter((edge) => isOnLineage(edge, lineage))
  assert.deepEqual(
    on.map((edge) => edge.id),
    ["a→b", "b→d", "d→e"],
  )
})
