import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { findCycle, invert, reachable, topologicalOrder, type UpstreamMap } from "./dag.ts"

const graph = (edges: Record<string, string[]>): UpstreamMap => new Map(Object.entries(edges))

/** Park and Miller (1988): the same graphs on every run. */
function makeRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 16_807) % 2_147_483_647
    return state / 2_147_483_647
  }
}

function randomGraph(random: () => number, canCycle: boolean): UpstreamMap {
  const size = 1 + Math.floor(random() * 12)
  const ids = Array.from({ length: size }, (_, index) => `n${index}`)
  return new Map(
    ids.map((id, index) => [id, ids.filter((_, other) => (canCycle || other < index) && random() < 0.2)] as const),
  )
}

describe("findCycle", () => {
  test("finds none in a diamond", () => {
    assert.equal(findCycle(graph({ a: [], b: ["a"], c: ["a"], d: ["b", "c"] })), null)
  })
  test("gives the cycle in the direction of execution, its first node repeated", () => {
    assert.deepEqual(findCycle(graph({ a: ["c"], b: ["a"], c: ["b"], d: ["c"] })), ["a", "b", "c", "a"])
  })
  test("leaves out what only leads to the cycle", () => {
    assert.deepEqual(findCycle(graph({ start: [], a: ["start", "b"], b: ["a"] })), ["a", "b", "a"])
  })
  test("sees a node that waits for itself", () => {
    assert.deepEqual(findCycle(graph({ a: ["a"] })), ["a", "a"])
  })
  test("survives 100,000 nodes in a row", () => {
    const chain = new Map(
      Array.from({ length: 100_000 }, (_, index) => [`n${index}`, index === 0 ? [] : [`n${index - 1}`]] as const),
    )
    assert.equal(findCycle(new Map([...chain].reverse())), null)
    assert.equal(findCycle(new Map([...chain, ["n0", ["n99999"]]]))?.length, 100_001)
  })
  test("in 500 random graphs, gives real edges where there is a cycle, and none where an order exists", () => {
    const random = makeRandom(11)
    let cyclic = 0
    for (let round = 0; round < 500; round++) {
      const upstream = randomGraph(random, true)
      const cycle = findCycle(upstream)
      assert.equal(cycle === null, topologicalOrder(upstream).length === upstream.size)
      if (!cycle) continue
      cyclic += 1
      assert.equal(cycle[0], cycle.at(-1))
      assert.equal(new Set(cycle).size, cycle.length - 1)
      cycle.slice(1).forEach((node, index) => {
        assert.ok(upstream.get(node)?.includes(cycle[index]!))
      })
    }
    assert.ok(cyclic > 50 && cyclic < 450, "both kinds were drawn")
  })
})

describe("topologicalOrder", () => {
  test("keeps the order of declaration where the edges allow it", () => {
    assert.deepEqual(topologicalOrder(graph({ b: [], a: [], c: ["a"] })), ["b", "a", "c"])
  })
  test("puts every node after all it waits for, in 500 random graphs", () => {
    const random = makeRandom(5)
    for (let round = 0; round < 500; round++) {
      const upstream = randomGraph(random, false)
      const place = new Map(topologicalOrder(upstream).map((id, index) => [id, index]))
      assert.equal(place.size, upstream.size)
      for (const [id, parents] of upstream) for (const parent of parents) assert.ok(place.get(parent)! < place.get(id)!)
    }
  })
})

describe("invert and reachable", () => {
  test("turning a graph round twice gives it back", () => {
    const random = makeRandom(3)
    for (let round = 0; round < 100; round++) {
      const upstream = randomGraph(random, true)
      const sorted = (map: UpstreamMap) => new Map([...map].map(([id, others]) => [id, [...others].sort()]))
      assert.deepEqual(sorted(invert(invert(upstream))), sorted(upstream))
    }
  })
  test("reachable follows edges from its roots, through cycles, and includes the roots", () => {
    const edges = graph({ a: ["b"], b: ["c", "a"], c: [], d: ["a"] })
    assert.deepEqual([...reachable(edges, ["a"])].sort(), ["a", "b", "c"])
    assert.deepEqual([...reachable(edges, [])], [])
  })
})
