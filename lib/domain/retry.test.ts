import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { decideRetry, INFRASTRUCTURE_POLICY, policyFor, type RetryPolicy } from "./retry.ts"

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

describe("policyFor", () => {
  const never = { ...policy, retries: 0 }
  const twice = { ...policy, retries: 2 }
  const own = { ...policy, rules: { data: never, external: twice, "http.status": never } }

  test("takes the rule of the failure's code, then that of its kind, then the task's own", () => {
    assert.equal(policyFor(own, { code: "http.status", kind: "external" }), never)
    assert.equal(policyFor(own, { code: "http.failed", kind: "external" }), twice)
    assert.equal(policyFor(own, { code: "data.invalid_row", kind: "data" }), never)
    assert.equal(policyFor(own, { code: "task.failed", kind: "code" }), own)
  })

  test("tries what our own machinery lost even where no retries are set, unless a rule says otherwise", () => {
    const lost = { code: "attempt.lost", kind: "infrastructure" } as const
    assert.equal(policyFor({ ...never, rules: {} }, lost), INFRASTRUCTURE_POLICY)
    assert.equal(policyFor(null, lost), INFRASTRUCTURE_POLICY)
    assert.equal(policyFor({ ...policy, retries: 50, rules: {} }, lost).retries, 50)
    assert.equal(policyFor({ ...policy, rules: { infrastructure: never } }, lost), never)
  })
})

describe("a failure that says when to come back", () => {
  const delay = (retryAfterMs: number) => decideRetry(policy, 1, { retry: "later", retryAfterMs }, 0)

  test("is not tried before that, and not sooner than the policy says", () => {
    assert.deepEqual(delay(600_000), { kind: "retry", delayMs: 600_000 })
    assert.deepEqual(delay(1), { kind: "retry", delayMs: 500 })
  })
})
