import assert from "node:assert/strict"
import { test } from "node:test"
import { intervalWords } from "./interval-words.ts"

const now = Date.parse("2026-03-17T05:00:00Z")
const words = (start: string, end: string, zone = "UTC") => intervalWords(start, end, zone, now)

test("says a whole day as one day", () => {
  assert.equal(words("2026-03-16T00:00:00Z", "2026-03-17T00:00:00Z"), "Mon 16 Mar, 00:00 to 24:00")
})

test("says both days of an interval that crosses midnight", () => {
  assert.equal(words("2026-03-16T05:00:00Z", "2026-03-17T05:00:00Z"), "Mon 16 Mar, 05:00 to Tue 17 Mar, 05:00")
})

test("ends a month at 24:00 of its last day", () => {
  assert.equal(words("2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"), "Sun 1 Feb, 00:00 to Sat 28 Feb, 24:00")
})

test("reads the interval in the person's zone", () => {
  assert.equal(words("2026-03-15T23:00:00Z", "2026-03-16T23:00:00Z", "Europe/Berlin"), "Mon 16 Mar, 00:00 to 24:00")
})

test("says an empty interval as an instant", () => {
  assert.equal(words("2026-03-16T05:30:00Z", "2026-03-16T05:30:00Z"), "Mon 16 Mar, 05:30")
})
