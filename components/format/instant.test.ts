import assert from "node:assert/strict"
import { test } from "node:test"
import { dayIn, formatInstant, formatUpcoming, formatUtc, zoneName } from "./instant.ts"

const NOW = Date.parse("2026-03-17T06:34:12Z")
const AT = "2026-03-17T06:34:12Z"

test("writes an instant in the person's zone", () => {
  assert.equal(formatInstant(AT, "Europe/Berlin", "short", NOW), "17 Mar 07:34")
  assert.equal(formatInstant(AT, "America/New_York", "short", NOW), "17 Mar 02:34")
  assert.equal(formatInstant(AT, "Europe/Berlin", "seconds", NOW), "07:34:12")
  assert.equal(formatInstant(AT, "Europe/Berlin", "full", NOW), "17 Mar 2026 07:34:12")
  assert.equal(formatInstant(AT, "Europe/Berlin", "weekday", NOW), "Tue 17 Mar")
})

test("writes midnight as 00:00, never as 24:00", () => {
  assert.equal(formatInstant("2026-03-17T23:00:00Z", "Europe/Berlin", "short", NOW), "18 Mar 00:00")
})

test("adds the year where it is another", () => {
  assert.equal(formatInstant("2025-12-31T12:00:00Z", "UTC", "day", NOW), "31 Dec 2025")
})

test("follows the clock change of the zone", () => {
  assert.equal(formatInstant("2026-03-29T00:59:00Z", "Europe/Berlin", "time", NOW), "01:59")
  assert.equal(formatInstant("2026-03-29T01:00:00Z", "Europe/Berlin", "time", NOW), "03:00")
})

test("gives the instant in UTC for hover", () => {
  assert.equal(formatUtc(AT), "2026-03-17 06:34:12 UTC")
  assert.equal(formatUtc(null), "")
})

test("writes what is no instant as a dash", () => {
  assert.equal(formatInstant(null, "UTC"), "–")
  assert.equal(formatInstant("yesterday", "UTC"), "–")
})

test("says today and tomorrow by the person's calendar", () => {
  assert.equal(formatUpcoming("2026-03-17T22:30:00Z", "Europe/Berlin", NOW), "23:30")
  assert.equal(formatUpcoming("2026-03-17T23:30:00Z", "Europe/Berlin", NOW), "tomorrow 00:30")
  assert.equal(formatUpcoming("2026-03-19T04:00:00Z", "Europe/Berlin", NOW), "19 Mar 05:00")
  assert.equal(dayIn("2026-03-17T23:30:00Z", "Europe/Berlin"), "2026-03-18")
})

test("names a zone by its city", () => {
  assert.equal(zoneName("Europe/Berlin"), "Berlin")
  assert.equal(zoneName("America/New_York"), "New York")
  assert.equal(zoneName("UTC"), "UTC")
})
