import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { runGraph } from "./run-graph.ts"

type Outcome = "done" | "failed" | `skipped for ${string}`

async function run(
  edges: Record<string, string[]>,
  options: { fails?: string[]; concurrency?: number; failFast?: boolean } = {},
) {
  const order: string[] = []
  let most = 0
  let now = 0
  const outcomes = await runGraph<Outcome>({
    graph: { ids: Object.keys(edges), parents: (id) => edges[id]! },
    concurrency: options.concurrency ?? 2,
    async run(id) {
      order.push(id)
      most = Math.max(most, ++now)
      await new Promise((resolve) => setImmediate(resolve))
      now--
      return options.fails?.includes(id) ? "failed" : "done"
    },
    skip: (_, cause) => `skipped for ${cause}`,
    blocks: (outcome) => outcome !== "done",
    stops: (outcome) => options.failFast === true && outcome === "failed",
  })
  return { order, most, outcomes: Object.fromEntries(outcomes) }
}

describe("runGraph", () => {
  it("runs each after those it depends on", async () => {
    const { order, outcomes } = await run({ c: ["a", "b"], a: [], b: ["a"], d: ["c"] })
    assert.deepEqual(order, ["a", "b", "c", "d"])
    assert.deepEqual(outcomes, { a: "done", b: "done", c: "done", d: "done" })
  })

  it("runs no more at a time than it may", async () => {
    const { most } = await run({ a: [], b: [], c: [], d: [], e: [] }, { concurrency: 3 })
    assert.equal(most, 3)
  })

  it("takes the longest way first", async () => {
    const { order } = await run({ short: [], a: [], b: ["a"], c: ["b"] }, { concurrency: 1 })
    assert.deepEqual(order, ["a", "b", "short", "c"])
  })

  it("skips all behind a failure, and names the nearest cause", async () => {
    const { outcomes } = await run({ a: [], b: ["a"], c: ["b"], d: [] }, { fails: ["a"] })
    assert.deepEqual(outcomes, { a: "failed", b: "skipped for a", c: "skipped for b", d: "done" })
  })

  it("begins nothing after a failure that stops", async () => {
    const { order, outcomes } = await run({ a: [], b: [], c: [] }, { fails: ["a"], concurrency: 1, failFast: true })
    assert.deepEqual(order, ["a"])
    assert.equal(outcomes.c, "skipped for null")
  })

  it("gets through ten thousand in a row", async () => {
    const edges = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`n${i}`, i === 0 ? [] : [`n${i - 1}`]]))
    assert.equal((await run(edges)).order.length, 10_000)
    assert.equal(Object.keys((await run(edges, { fails: ["n0"] })).outcomes).length, 10_000)
  })
})
