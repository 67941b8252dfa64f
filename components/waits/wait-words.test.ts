import assert from "node:assert/strict"
import { test } from "node:test"
import { approverWords, expiryWords, wakeWords } from "./wait-words.ts"

const NOW = Date.parse("2026-03-17T05:00:00Z")
const at = (seconds: number) => new Date(NOW + seconds * 1_000).toISOString()
const WAIT = { kind: "time", wakeAt: null, expiresAt: null, onTimeout: "fail", polls: 1, timezone: null } as const

test("a time of day is told on the clock that its author wrote it for", () => {
  const wait = { ...WAIT, wakeAt: at(3_600), timezone: "Europe/Berlin" }
  assert.equal(wakeWords(wait, "America/New_York", NOW), "until 07:00 Europe/Berlin, in 1 h")
})

test("a sensor says when it looks next and how often it has looked", () => {
  const poll = { ...WAIT, kind: "poll" } as const
  assert.equal(wakeWords({ ...poll, wakeAt: at(19.2), polls: 14 }, "UTC", NOW), "next look in 20 s, looked 14 times")
  assert.equal(wakeWords({ ...poll, wakeAt: at(-3) }, "UTC", NOW), "next look any moment, looked once")
  assert.equal(wakeWords({ ...poll, wakeAt: null, polls: 2 }, "UTC", NOW), "looks now, looked 2 times")
})

test("what an event ends has no time of its own", () => {
  assert.equal(wakeWords({ ...WAIT, kind: "approval" }, "UTC", NOW), null)
})

test("the end of a wait says what happens then", () => {
  assert.equal(expiryWords({ ...WAIT, expiresAt: at(7_200) }, NOW), "fails in 2 h")
  assert.equal(expiryWords({ ...WAIT, expiresAt: at(90), onTimeout: "skip" }, NOW), "is skipped in 1 m 30 s")
  assert.equal(expiryWords(WAIT, NOW), null)
})

test("names who may answer as people would", () => {
  assert.deepEqual([[], ["ann"], ["ann", "bob"], ["ann", "bob", "eve"]].map(approverWords), [
    null,
    "ann",
    "ann or bob",
    "ann, bob or eve",
  ])
})
