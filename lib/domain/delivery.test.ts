import assert from "node:assert/strict"
import { test } from "node:test"
import { decideDelivery, MAX_DELIVERY_TRIES, parseRetryAfter } from "./delivery.ts"

const answered = (status: number, retryAfterMs: number | null = null) =>
  ({ kind: "answered", status, retryAfterMs }) as const

test("takes 2xx alone for a delivery", () => {
  for (const status of [200, 202, 204]) assert.deepEqual(decideDelivery(1, answered(status), 0), { kind: "delivered" })
  for (const status of [301, 307, 400, 404, 429, 500]) {
    assert.equal(decideDelivery(1, answered(status), 0).kind, "retry", String(status))
  }
})

test("waits longer after each try, with jitter in the upper half, up to four hours", () => {
  const delays = (random: number) =>
    Array.from({ length: MAX_DELIVERY_TRIES - 1 }, (_, index) => {
      const decision = decideDelivery(index + 1, { kind: "unreachable" }, random)
      assert(decision.kind === "retry")
      return decision.delayMs / 1_000
    })
  assert.deepEqual(delays(0), [2.5, 10, 40, 160, 640, 2_560, 7_200, 7_200, 7_200])
  const longest = delays(0.999_999)
  assert.deepEqual(
    longest.map((seconds) => Math.round(seconds)),
    [5, 20, 80, 320, 1_280, 5_120, 14_400, 14_400, 14_400],
  )
})

test("gives up after the last try", () => {
  assert.deepEqual(decideDelivery(MAX_DELIVERY_TRIES, answered(500), 0), { kind: "dead", isGone: false })
  assert.deepEqual(decideDelivery(MAX_DELIVERY_TRIES, answered(200), 0), { kind: "delivered" })
})

test("gives up at once where the endpoint says that it is gone, or where it may not be called", () => {
  assert.deepEqual(decideDelivery(1, { kind: "forbidden" }, 0), { kind: "dead", isGone: false })
  assert.deepEqual(decideDelivery(1, answered(410), 0), { kind: "dead", isGone: true })
})

test("waits as long as it is asked to, within the bound", () => {
  assert.deepEqual(decideDelivery(1, answered(429, 60_000), 0), { kind: "retry", delayMs: 60_000 })
  assert.deepEqual(decideDelivery(1, answered(503, 1), 0), { kind: "retry", delayMs: 2_500 })
  assert.deepEqual(decideDelivery(1, answered(503, 1e12), 0), { kind: "retry", delayMs: 14_400_000 })
})

test("reads Retry-After as seconds and as a date", () => {
  const now = new Date("2026-01-01T00:00:00Z")
  assert.equal(parseRetryAfter("120", now), 120_000)
  assert.equal(parseRetryAfter("Thu, 01 Jan 2026 00:01:00 GMT", now), 60_000)
  assert.equal(parseRetryAfter("Wed, 31 Dec 2025 00:00:00 GMT", now), 0)
  assert.equal(parseRetryAfter("soon", now), null)
  assert.equal(parseRetryAfter(undefined, now), null)
})
