import assert from "node:assert/strict"
import { test } from "node:test"
import { Loop } from "./loop.ts"

test("never runs two steps at a time and runs once more for a wake in between", async () => {
  const gate = Promise.withResolvers<void>()
  const twice = Promise.withResolvers<void>()
  let live = 0
  let steps = 0
  const loop = new Loop({
    everyMs: 60_000,
    onError: (error) => assert.fail(String(error)),
    step: async () => {
      assert.equal(++live, 1)
      await gate.promise
      live--
      if (++steps === 2) twice.resolve()
      return null
    },
  })
  loop.wake()
  loop.wake()
  loop.wake()
  gate.resolve()
  await twice.promise
  await loop.stop()
  assert.equal(steps, 2)
})

test("runs again at the instant its step names, before the poll", async () => {
  const second = Promise.withResolvers<void>()
  let steps = 0
  const loop = new Loop({
    everyMs: 60_000,
    onError: (error) => assert.fail(String(error)),
    step: async () => {
      if (++steps === 2) second.resolve()
      return new Date(Date.now() + 10)
    },
  })
  loop.wake()
  await second.promise
  await loop.stop()
})

test("reports a step that throws and goes on", async () => {
  const errors: unknown[] = []
  const second = Promise.withResolvers<void>()
  const loop = new Loop({
    everyMs: 5,
    onError: (error) => {
      errors.push(error)
      if (errors.length === 2) second.resolve()
    },
    step: async () => {
      throw new Error("away")
    },
  })
  loop.wake()
  await second.promise
  await loop.stop()
  assert.ok(errors.length >= 2)
})
