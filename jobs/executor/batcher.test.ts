import assert from "node:assert/strict"
import { test } from "node:test"
import { Batcher, type BatcherOptions } from "./batcher.ts"

function makeBatcher(options: Partial<BatcherOptions<number, number>>) {
  return new Batcher<number, number>({
    record: async (items) => items.map((item) => item * 10),
    maxInFlight: 1,
    maxItems: 100,
    isForAll: () => false,
    ...options,
  })
}

/** Records into `groups`; the first group waits for the gate. */
function gated(maxItems = 100, maxInFlight = 1) {
  const gate = Promise.withResolvers<void>()
  const groups: number[][] = []
  const batcher = makeBatcher({
    maxItems,
    maxInFlight,
    record: async (items) => {
      groups.push(items)
      if (groups.length === 1) await gate.promise
      return items.map((item) => item * 10)
    },
  })
  return { batcher, groups, open: gate.resolve }
}

const turn = () => new Promise(setImmediate)

test("records one alone at once, and what comes meanwhile together", async () => {
  const { batcher, groups, open } = gated()
  const first = batcher.submit(1)
  await turn()
  const rest = [2, 3].map((item) => batcher.submit(item))
  open()
  assert.deepEqual(await Promise.all([first, ...rest]), [10, 20, 30])
  assert.deepEqual(groups, [[1], [2, 3]])
})

test("keeps together what comes in one turn", async () => {
  const { batcher, groups, open } = gated()
  open()
  await Promise.all([1, 2, 3].map((item) => batcher.submit(item)))
  assert.deepEqual(groups, [[1, 2, 3]])
})

test("begins the next group while one is held up, and no group beyond the limit", async () => {
  const { batcher, groups, open } = gated(2, 2)
  const held = batcher.submit(1)
  await turn()
  assert.deepEqual(await Promise.all([2, 3, 4].map((item) => batcher.submit(item))), [20, 30, 40])
  assert.deepEqual(groups, [[1], [2, 3], [4]])
  open()
  assert.equal(await held, 10)
})

test("one that cannot be recorded does not take the others along", async () => {
  const batcher = makeBatcher({
    record: async (items) => {
      if (items.includes(13)) throw new Error("bad item")
      return items
    },
  })
  const settled = await Promise.allSettled([2, 13, 3, 4].map((item) => batcher.submit(item)))
  assert.deepEqual(
    settled.map((each) => each.status),
    ["fulfilled", "rejected", "fulfilled", "fulfilled"],
  )
})

test("does not try smaller groups where none can succeed", async () => {
  let calls = 0
  const batcher = makeBatcher({
    record: async () => {
      calls++
      throw new Error("connection lost")
    },
    isForAll: () => true,
  })
  const settled = await Promise.allSettled([1, 2, 3].map((item) => batcher.submit(item)))
  assert.ok(settled.every((each) => each.status === "rejected"))
  assert.equal(calls, 1)
})
