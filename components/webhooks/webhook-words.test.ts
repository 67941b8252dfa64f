import assert from "node:assert/strict"
import { test } from "node:test"
import type { WebhookDeliveryView, WebhookView } from "#lib/contracts/api/webhooks.ts"
import { answerWords, deliveryState, scopeWords, splitNames, webhookState } from "./webhook-words.ts"

const webhook = { isActive: true, disabledReason: null, failingSince: null } as WebhookView
const delivery = { state: "pending", tries: 0, status: null, error: null } as WebhookDeliveryView

test("tells apart what a person switched off and what failed for too long", () => {
  assert.equal(webhookState(webhook).label, "On")
  assert.equal(webhookState({ ...webhook, failingSince: "2026-01-01T00:00:00Z" }).label, "Failing")
  assert.equal(webhookState({ ...webhook, isActive: false }).label, "Off")
  assert.equal(webhookState({ ...webhook, isActive: false, disabledReason: "gone" }).label, "Switched off")
})

test("tells apart what waits, what is tried again, what arrived and what was given up", () => {
  const label = (values: Partial<WebhookDeliveryView>) => deliveryState({ ...delivery, ...values }).label
  assert.equal(label({}), "Waiting")
  assert.equal(label({ tries: 2 }), "Trying again")
  assert.equal(label({ state: "delivered", tries: 1 }), "Delivered")
  assert.equal(label({ state: "dead", tries: 10 }), "Given up")
})

test("says what the last answer was", () => {
  assert.equal(answerWords({ ...delivery, status: 204, tries: 1 }), "204")
  assert.equal(answerWords({ ...delivery, status: 500, error: "It answered 500.", tries: 1 }), "It answered 500.")
  assert.equal(answerWords(delivery), "–")
})

test("says whose events are sent", () => {
  assert.equal(scopeWords({ pipelines: [], tags: [] }), "all pipelines")
  assert.equal(scopeWords({ pipelines: ["daily_etl"], tags: ["core"] }), "daily_etl, tag core")
})

test("reads names however they are separated, each once", () => {
  assert.deepEqual(splitNames(" run.*, task_run.failed\nrun.* "), ["run.*", "task_run.failed"])
  assert.deepEqual(splitNames("  "), [])
})
