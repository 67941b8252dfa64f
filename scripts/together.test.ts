import assert from "node:assert/strict"
import { test } from "node:test"
import { together } from "./together.ts"

test("when one work fails the others are told, and are waited for", async () => {
  const order: string[] = []
  const works = [
    async () => {
      throw new Error("the first failure")
    },
    async (signal: AbortSignal) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve))
      order.push("told")
      await new Promise((resolve) => setImmediate(resolve))
      order.push("ended")
      throw new Error("a consequence")
    },
  ]
  await assert.rejects(() => together(new AbortController().signal, works), /the first failure/)
  assert.deepEqual(order, ["told", "ended"])
})
