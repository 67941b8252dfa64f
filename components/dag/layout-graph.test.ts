import assert from "node:assert/strict"
import { test } from "node:test"
import Elk from "elkjs"
import { toFlowGraph } from "./flow-graph.ts"
import { graphOf, manyTasks } from "./graph-fixture.ts"
import { layoutGraph } from "./layout-graph.ts"

const layout = (shape: Record<string, string[]>) => layoutGraph(toFlowGraph(graphOf(shape), new Set()), new Elk())

test("places what waits to the right of what it waits for", async () => {
  const { boxes } = await layout({ a: [], b: ["a"], c: ["b"] })
  assert.ok(boxes.a!.x + boxes.a!.width < boxes.b!.x)
  assert.ok(boxes.b!.x + boxes.b!.width < boxes.c!.x)
})

test("keeps tasks inside their group, below its name", async () => {
  const { boxes } = await layout({ "x.a": [], "x.b": ["a"], c: ["b"] })
  const group = boxes["group/x"]!
  for (const id of ["a", "b"]) {
    assert.ok(boxes[id]!.x > 0 && boxes[id]!.x + boxes[id]!.width < group.width, id)
    assert.ok(boxes[id]!.y >= 30 && boxes[id]!.y + boxes[id]!.height < group.height, id)
  }
})

test("never lets two tasks overlap", async () => {
  const { boxes } = await layoutGraph(toFlowGraph(manyTasks(150), new Set()), new Elk())
  const all = Object.values(boxes)
  for (const [i, a] of all.entries()) {
    for (const b of all.slice(i + 1)) {
      const apart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y
      assert.ok(apart)
    }
  }
})

test("routes each edge from its source's right side to its target's left side in whole-graph coordinates", async () => {
  const { boxes, routes } = await layout({ "x.a": [], "y.b": ["a"] })
  const route = routes["a→b"]!
  assert.equal(route[0]!.x, boxes["group/x"]!.x + boxes.a!.x + boxes.a!.width)
  assert.equal(route.at(-1)!.x, boxes["group/y"]!.x + boxes.b!.x)
})
