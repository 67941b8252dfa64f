import assert from "node:assert/strict"
import { test } from "node:test"
import { taskResultSchema } from "#lib/contracts/task-result.ts"
import type { Claim } from "#lib/store/attempts.ts"
import { Dispatcher } from "./dispatcher.ts"

const success = { kind: "success" as const, result: taskResultSchema.parse({}) }

/** A queue of `waiting` claims and a dispatcher with `slots` on it; `gate` holds every execution until it is opened. */
function setUp(options: { waiting: number; slots: number; isGated?: boolean }) {
  const queue = Array.from({ length: options.waiting }, (_, id) => ({ attemptId: String(id), runId: "1" }) as Claim)
  const gate = Promise.withResolvers<void>()
  if (!options.isGated) gate.resolve()
  const done: string[] = []
  const stats = { live: 0, most: 0, aborted: 0 }
  const finished = Promise.withResolvers<void>()
  const dispatcher = new Dispatcher({
    slots: options.slots,
    claim: async (limit) => queue.splice(0, limit),
    execute: async (_claim, signal) => {
      stats.most = Math.max(stats.most, ++stats.live)
      signal.addEventListener("abort", () => {
        stats.aborted++
        gate.resolve()
      })
      await gate.promise
      stats.live--
      return success
    },
    record: async (claim) => {
      done.push(claim.attemptId)
      if (done.length === options.waiting) finished.resolve()
    },
    onError: (error) => assert.fail(String(error)),
  })
  return { dispatcher, queue, gate, done, stats, finished: finished.promise }
}

test("works off everything with one wake, never beyond its slots", async () => {
  const { dispatcher, stats, done, finished } = setUp({ waiting: 50, slots: 4 })
  dispatcher.wake()
  await finished
  assert.equal(done.length, 50)
  assert.equal(stats.most, 4)
})

test("remembers a wake that comes during a claim", async () => {
  const { dispatcher, queue, done } = setUp({ waiting: 0, slots: 4 })
  dispatcher.wake()
  queue.push({ attemptId: "late", runId: "1" } as Claim)
  dispatcher.wake()
  await new Promise(setImmediate)
  await dispatcher.drained()
  assert.deepEqual(done, ["late"])
})

test("takes no more once stopped, and lets what runs finish", async () => {
  const { dispatcher, queue, gate, done } = setUp({ waiting: 3, slots: 1, isGated: true })
  dispatcher.wake()
  await new Promise(setImmediate)
  dispatcher.stop()
  gate.resolve()
  await dispatcher.drained()
  assert.equal(done.length, 1)
  assert.equal(queue.length, 2)
})

test("hands an abort to the attempt it is meant for", async () => {
  const { dispatcher, stats } = setUp({ waiting: 1, slots: 1, isGated: true })
  dispatcher.wake()
  await new Promise(setImmediate)
  dispatcher.live[0]!.abort(new Error("stop"))
  await dispatcher.drained()
  assert.equal(stats.aborted, 1)
})

test("frees a slot once the work is done, but takes no more while very many ends wait to be recorded", async () => {
  let claimed = 0
  const recording = Promise.withResolvers<void>()
  const stalled = Promise.withResolvers<void>()
  const dispatcher = new Dispatcher({
    slots: 2,
    claim: async (limit) => {
      const claims = Array.from({ length: limit }, () => ({ attemptId: String(claimed++), runId: "1" }) as Claim)
      if (claimed === 32) stalled.resolve()
      return claims
    },
    execute: async () => success,
    record: () => recording.promise,
    onError: (error) => assert.fail(String(error)),
  })
  dispatcher.wake()
  await stalled.promise
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate)
  assert.equal(claimed, 32, "16 a slot")
  dispatcher.stop()
  recording.resolve()
  await dispatcher.drained()
})

test("survives a claim that fails and works at the next wake", async () => {
  const failed = Promise.withResolvers<unknown>()
  const worked = Promise.withResolvers<string>()
  let isDown = true
  let claims = 0
  const dispatcher = new Dispatcher({
    slots: 1,
    claim: async () => {
      if (!isDown) return claims++ === 0 ? [{ attemptId: "7", runId: "1" } as Claim] : []
      isDown = false
      throw new Error("database is away")
    },
    execute: async () => success,
    record: async (claim) => {
      worked.resolve(claim.attemptId)
    },
    onError: failed.resolve,
  })
  dispatcher.wake()
  assert.match(String(await failed.promise), /database is away/)
  await new Promise(setImmediate)
  dispatcher.wake()
  assert.equal(await worked.promise, "7")
})
