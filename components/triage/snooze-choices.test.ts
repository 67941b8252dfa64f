import assert from "node:assert/strict"
import { test } from "node:test"
import { snoozeChoices } from "./snooze-choices.ts"

const until = (now: string, zone: string) => snoozeChoices(Date.parse(now), zone).map((choice) => choice.until)

test("offers an hour, four, and nine o'clock tomorrow in the person's zone", () => {
  assert.deepEqual(until("2026-03-17T22:30:00Z", "Europe/Berlin"), [
    "2026-03-17T23:30:00.000Z",
    "2026-03-18T02:30:00.000Z",
    "2026-03-18T08:00:00.000Z",
  ])
  // There it is the 18th already.
  assert.equal(until("2026-03-17T23:30:00Z", "Europe/Berlin")[2], "2026-03-19T08:00:00.000Z")
})

test("means nine o'clock by the new time when clocks change in the night", () => {
  assert.equal(until("2026-03-28T12:00:00Z", "Europe/Berlin")[2], "2026-03-29T07:00:00.000Z")
  assert.equal(until("2026-10-24T12:00:00Z", "Europe/Berlin")[2], "2026-10-25T08:00:00.000Z")
})
