import assert from "node:assert/strict"
import { test } from "node:test"
import { formatAgo, formatDuration, formatDurationExact, formatMinutes } from "./duration.ts"

const S = 1_000
const M = 60 * S
const H = 60 * M

test("writes a length of time in two units at most", () => {
  assert.equal(formatDuration(0.4), "1 ms")
  assert.equal(formatDuration(320), "320 ms")
  assert.equal(formatDuration(4_200), "4.2 s")
  assert.equal(formatDuration(5_000), "5 s")
  assert.equal(formatDuration(41_300), "41 s")
  assert.equal(formatDuration(4 * M + 12 * S), "4 m 12 s")
  assert.equal(formatDuration(H + 6 * M), "1 h 06 m")
  assert.equal(formatDuration(51 * H), "2 d 3 h")
})

test("never writes sixty of a unit", () => {
  assert.equal(formatDuration(59_700), "1 m 00 s")
  assert.equal(formatDuration(H - 1), "1 h 00 m")
})

test("tells an unknown length from none", () => {
  assert.equal(formatDuration(null), "–")
  assert.equal(formatDuration(0), "0 s")
  assert.equal(formatDuration(-5), "0 s")
})

test("gives the exact length for hover", () => {
  assert.equal(formatDurationExact(252_318), "252.318 s")
  assert.equal(formatDurationExact(null), "")
})

test("writes deadlines in minutes and ages in one unit", () => {
  assert.equal(formatMinutes(26 * M), "26 min")
  assert.equal(formatMinutes(86 * M), "1 h 26 min")
  assert.equal(formatMinutes(20 * S), "under a minute")
  assert.equal(formatMinutes(15 * 24 * H), "15 days")
  assert.equal(formatAgo(10 * H + 22 * M), "10 h")
  assert.equal(formatAgo(3 * 24 * H), "3 days")
})
