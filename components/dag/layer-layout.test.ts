import assert from "node:assert/strict"
import { test } from "node:test"
import { toFlowGraph } from "./flow-graph.ts"
import { graphOf, manyTasks } from "./graph-fixture.ts"
import { isForLayers, layerLayout } from "./layer-layout.ts"

const flow = (shape: Record<string, string[]>, closed: string[] = []) => toFlowGraph(graphOf(shape), new Set(closed))

test("places each node right of all it waits for, with a route between them", () => {
  const { boxes, routes } = layerLayout(flow({ a: [], b: ["a"], c: ["a", "b"] }))
  for (const [before, after] of [
    ["a", "b"],
    ["b", "c"],
    ["a", "c"],
  ] as const) {
    assert.ok(boxes[before]!.x + boxes[before]!.width < boxes[after]!.x, `${before} before ${after}`)
    const route = routes[`${before}→${after}`]!
    assert.equal(route[0]!.x, boxes[before]!.x + boxes[before]!.width)
    assert.equal(route.at(-1)!.x, boxes[after]!.x)
  }
})

test("orders a layer by its neighbours, so that chains do not cross", () => {
  const { boxes } = layerLayout(flow({ a: [], b: [], c: [], z: ["c"], y: ["b"], x: ["a"] }))
  assert.ok(boxes.x!.y < boxes.y!.y && boxes.y!.y < boxes.z!.y)
})

test("ten thousand tasks stand apart from each other", () => {
  const graph = toFlowGraph(manyTasks(10_000), new Set())
  assert.ok(isForLayers(graph))
  const { boxes, width, height } = layerLayout(graph)
  const columns = Map.groupBy(Object.values(boxes), (box) => box.x)
  for (const column of columns.values()) {
    const sorted = column.toSorted((a, b) => a.y - b.y)
    for (const [i, box] of sorted.slice(1).entries()) assert.ok(box.y >= sorted[i]!.y + sorted[i]!.height)
    for (const box of sorted) assert.ok(box.x + box.width <= width && box.y + box.height <= height)
  }
})

test("cuts a ring of closed groups", () => {
  const graph = flow({ "x.a": [], "y.b": ["a"], "x.c": ["b"] }, ["x", "y"])
  assert.equal(Object.keys(layerLayout(graph).boxes).length, 2)
})

test("leaves small graphs and open groups to the exact layout", () => {
  assert.equal(isForLayers(flow({ a: [] })), false)
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`g.t${i}`, []]))
  assert.equal(isForLayers(flow(many)), false)
  assert.equal(isForLayers(flow(many, ["g"])), false)
})
