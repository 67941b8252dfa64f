import assert from "node:assert/strict"
import { test } from "node:test"
import type { RunId } from "#lib/domain/ids.ts"
import { RunBatcher } from "./run-batcher.ts"

const RUN = "1" as RunId
const OTHER = "2" as RunId

test("records one alone at once, and what comes meanwhile together", async () => {
  const gate = Promise.withResolvers<void>()
  const groups: number[][] = []
  const batcher = new RunBatcher<number, number>(async (_, items) => {
    groups.push(items)
    if (groups.length === 1) await gate.promise
    return items.map((item) => item * 10)
  })
  const all = [1, 2, 3].map((item) => batcher.submit(RUN, item))
  gate.resolve()
  assert.deepEqual(await Promise.all(all), [10, 20, 30])
  assert.deepEqual(groups, [[1], [2, 3]])
})

test("never mixes runs, nor makes one wait for another", async () => {
  const gate = Promise.withResolvers<void>()
  const batcher = new RunBatcher<string, string>(async (runId, items) => {
    if (runId === RUN) await gate.promise
    return items.map((item) => `${runId}:${item}`)
  })
  const held = batcher.submit(RUN, "a")
  assert.equal(await batcher.submit(OTHER, "b"), "2:b")
  gate.resolve()
  assert.equal(await held, "1:a")
})

test("one that cannot be recorded does not take the others along", async () => {
  const gate = Promise.withResolvers<void>()
  let calls = 0
  const batcher = new RunBatcher<number, number>(async (_, items) => {
    if (calls++ === 0) await gate.promise
    if (items.includes(13)) throw new Error("bad item")
    return items
  })
  const first = batcher.submit(RUN, 1)
  const rest = [2, 13, 3].map((item) => batcher.submit(RUN, item))
  gate.resolve()
  assert.equal(await first, 1)
  const settled = await Promise.allSettled(rest)
  assert.deepEqual(
    settled.map((each) => each.status),
    ["fulfilled", "rejected", "fulfilled"],
  )
})
