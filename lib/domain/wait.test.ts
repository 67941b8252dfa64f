import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { formatWait, nextLocalTime, pollDelayMs, pollPolicy } from "./wait.ts"

describe("the delay between two looks", () => {
  test("stays without a backoff", () => {
    const policy = pollPolicy({ every: "30s" })
    assert.deepEqual(
      [1, 2, 50].map((polls) => pollDelayMs(policy, polls)),
      [30_000, 30_000, 30_000],
    )
  })

  test("grows by the factor up to its cap", () => {
    const policy = pollPolicy({ every: "20s", backoff: { factor: 3, maxDelay: "5m" } })
    assert.deepEqual(
      [1, 2, 3, 4, 5_000].map((polls) => pollDelayMs(policy, polls)),
      [20_000, 60_000, 180_000, 300_000, 300_000],
    )
  })

  test("is never shorter than its first, nor than a tenth of a second", () => {
    assert.equal(pollDelayMs(pollPolicy({ every: "1h", backoff: { factor: 2, maxDelay: "10m" } }), 3), 3_600_000)
    assert.equal(pollDelayMs(pollPolicy({ every: 1 }), 1), 100)
  })
})

describe("the next time of day on a zone's clock", () => {
  const next = (time: string, zone: string, from: string) => nextLocalTime(time, zone, new Date(from)).toISOString()

  test("is today, or tomorrow when it has passed, and now when it is now", () => {
    assert.equal(next("07:00", "Europe/Berlin", "2026-01-10T05:00:00Z"), "2026-01-10T06:00:00.000Z")
    assert.equal(next("07:00", "Europe/Berlin", "2026-01-10T06:00:00Z"), "2026-01-10T06:00:00.000Z")
    assert.equal(next("07:00", "Europe/Berlin", "2026-01-10T06:00:01Z"), "2026-01-11T06:00:00.000Z")
  })

  test("is the first instant after a gap, and the first pass of a fold", () => {
    assert.equal(next("02:30", "Europe/Berlin", "2026-03-28T23:00:00Z"), "2026-03-29T01:00:00.000Z")
    assert.equal(next("02:30", "Europe/Berlin", "2026-10-24T22:00:00Z"), "2026-10-25T00:30:00.000Z")
  })
})

test("a length of time is told in two units", () => {
  const seconds = [0, 20, 60, 200, 3_600, 5_400, 90_000, 604_800]
  assert.deepEqual(
    seconds.map((one) => formatWait(one * 1_000)),
    ["0 s", "20 s", "1 min", "3 min 20 s", "1 h", "1 h 30 min", "1 d 1 h", "7 d"],
  )
})
