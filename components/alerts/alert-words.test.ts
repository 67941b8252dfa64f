import assert from "node:assert/strict"
import { test } from "node:test"
import type { AlertDeliveryView } from "#lib/contracts/api/alerts.ts"
import {
  conditionWords,
  deliveryLook,
  hoursWords,
  idOf,
  lengthWords,
  matchWords,
  namesOf,
  turnWords,
} from "./alert-words.ts"

test("says what a rule asks for", () => {
  assert.equal(
    conditionWords({ kind: "quality_below", dimension: "overall", below: 90 }),
    "the overall score is below 90",
  )
  assert.equal(
    conditionWords({ kind: "metric", metric: "null_share", column: "tier", operator: ">", value: 0.1 }),
    "null_share of tier > 0.1",
  )
  assert.equal(
    conditionWords({ kind: "pipeline_failure", withBackfills: false, errorKinds: ["data"] }),
    "a run fails by data errors, backfills aside",
  )
})

test("says whom something concerns", () => {
  assert.equal(matchWords({ pipelines: [], tags: [] }), "everything")
  assert.equal(
    matchWords({ severities: ["critical"], kinds: ["freshness_breach"], owners: ["Data platform"], tags: ["finance"] }),
    "critical, dataset is late, of Data platform, tag finance",
  )
})

test("says when a route holds", () => {
  assert.equal(hoursWords(null), "at all hours")
  const hours = { from: "09:00", to: "18:00", timezone: "Europe/Berlin" }
  assert.equal(hoursWords({ ...hours, days: [5, 1, 2, 3, 4] }), "Mon–Fri 09:00–18:00 Europe/Berlin")
  assert.equal(hoursWords({ ...hours, days: [6, 7] }), "Sat, Sun 09:00–18:00 Europe/Berlin")
})

test("tells what is held from what is tried again", () => {
  const delivery = { state: "pending", tries: 0, note: null } as AlertDeliveryView
  assert.equal(deliveryLook(delivery).label, "Waiting")
  assert.equal(deliveryLook({ ...delivery, note: "held: snoozed" }).label, "Held")
  assert.equal(deliveryLook({ ...delivery, tries: 1, note: "503" }).label, "Trying again")
})

test("names turns, lengths, lists and ids", () => {
  assert.equal(turnWords("escalated-2"), "Escalation 2")
  assert.deepEqual([0, 90, 600, 7_200].map(lengthWords), ["at once", "90 s", "10 min", "2 h"])
  assert.deepEqual(namesOf(" Data platform, sales ,,sales"), ["Data platform", "sales"])
  assert.equal(idOf("  Finance ist spät! "), "finance-ist-spa-t")
})
