import assert from "node:assert/strict"
import { test } from "node:test"
import { changeValue, countWords, eventWords, placeWords, restOfMessage, standingOf } from "./incident-words.ts"

test("a snoozed incident stands as snoozed, a resolved one as resolved", () => {
  const snoozedUntil = "2026-03-17T10:00:00Z"
  const labels = [
    standingOf({ state: "open", severity: "warning", snoozedUntil: null }),
    standingOf({ state: "acknowledged", severity: "warning", snoozedUntil: null }),
    standingOf({ state: "acknowledged", severity: "warning", snoozedUntil }),
    standingOf({ state: "resolved", severity: "warning", snoozedUntil }),
  ].map(({ label }) => label)
  assert.deepEqual(labels, ["Open", "Acknowledged", "Snoozed", "Resolved"])
})

test("says of a message only what its title left out", () => {
  assert.equal(
    restOfMessage({ title: "Table a has…", message: "Table a has no column b. Add it." }),
    "…no column b. Add it.",
  )
  assert.equal(restOfMessage({ title: "Table a has no colu…", message: "Table a has no column b." }), "…column b.")
  assert.equal(restOfMessage({ title: "It broke.", message: "It broke.\nAt line 3." }), "At line 3.")
  assert.equal(restOfMessage({ title: "It broke", message: "It broke" }), "")
  assert.equal(
    restOfMessage({ title: "orders is late", message: "Nothing came since 05:00." }),
    "Nothing came since 05:00.",
  )
})

test("says where and how often", () => {
  assert.equal(placeWords({ pipelineId: "etl", taskId: "load", datasetId: null }), "etl › load")
  assert.equal(
    placeWords({ pipelineId: null, taskId: null, datasetId: "warehouse.raw.orders" }),
    "warehouse.raw.orders",
  )
  assert.equal(countWords({ occurrences: 1, followers: 0 }), "once")
  assert.equal(countWords({ occurrences: 1200, followers: 8 }), "1,200 times, 8 followed")
})

test("tells what was done, and of what it does not know the type", () => {
  const context = { zone: "Europe/Berlin", now: Date.parse("2026-03-17T10:00:00Z") }
  const words = (type: string, body: string) => eventWords({ type, body }, context)
  assert.equal(words("snoozed", "2026-03-18T08:00:00.000Z"), "snoozed it until tomorrow 09:00")
  assert.equal(words("assigned", ""), "took the assignment away")
  assert.equal(words("resolved", "it works again"), "resolved it: it works again")
  assert.equal(words("escalated", "on-call"), "escalated: on-call")
})

test("writes both sides of a change for people", () => {
  assert.equal(changeValue("input_rows", "410961"), "410,961")
  assert.equal(changeValue("duration", "252000"), "4 m 12 s")
  assert.equal(changeValue("code", "v87"), "v87")
  assert.equal(changeValue("input_schema", null), "–")
})
