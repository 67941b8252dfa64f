import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { decideRetry, type RetryPolicy } from "./retry.ts"

const policy: RetryPolicy = { retries: 5, delayMs: 1_000, backoffFactor: 2, maxDelayMs: 5_000 }
const delays = (random: number, own: RetryPolicy = policy) =>
  [1, 2, 3, 4, 5].map((attempt) => {
    const decision = decideRetry(own, attempt, { retry: "later" }, random)
    return decision.kind === "retry" ? decision.delayMs : null
  })

describe("decideRetry", () => {
  test("doubles the delay up to its cap, and draws its upper half at random", () => {
    assert.deepEqual(delays(0), [500, 1_000, 2_000, 2_500, 2_500])
    assert.deepEqual(delays(0.999_999), [1_000, 2_000, 4_000, 5_000, 5_000])
  })

  test("keeps the delay without backoff", () => {
    assert.deepEqual(delays(0.999_999, { ...policy, backoffFactor: 1 }), [1_000, 1_000, 1_000, 1_000, 1_000])
  })

  test("never waits longer than the cap, however many attempts there were", () => {
    const decision = decideRetry({ ...policy, retries: 100_000 }, 99_999, { retry: "later" }, 0.999_999)
    assert.deepEqual(decision, { kind: "retry", delayMs: 5_000 })
  })

  test("gives up after the last retry", () => {
    assert.equal(decideRetry(policy, 5, { retry: "later" }, 0).kind, "retry")
    assert.deepEqual(decideRetry(policy, 6, { retry: "later" }, 0), { kind: "give_up", reason: "no retries left" })
  })

  test("gives up at once where none are set", () => {
    const decision = decideRetry({ ...policy, retries: 0 }, 1, { retry: "later" }, 0)
    assert.deepEqual(decision, { kind: "give_up", reason: "no retries set" })
  })

  test("gives up where a retry cannot help, also with retries left", () => {
    const decision = decideRetry(policy, 1, { retry: "never" }, 0)
    assert.deepEqual(decision, { kind: "give_up", reason: "a retry cannot help" })
  })
})
