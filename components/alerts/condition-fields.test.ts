import assert from "node:assert/strict"
import { test } from "node:test"
import { alertConditionSchema } from "#lib/contracts/alerts/alert-rule.ts"
import { ALERT_KINDS } from "#lib/domain/alert-rule.ts"
import { conditionOf, inputsOf } from "./condition-fields.ts"

test("the form of every kind begins with a condition that fits its contract, but for the metric's name", () => {
  for (const kind of ALERT_KINDS) {
    const made = conditionOf(kind, { ...inputsOf(kind, null), ...(kind === "metric" && { metric: "rows" }) })
    assert.equal(alertConditionSchema.safeParse(made).success, true, kind)
  }
})

test("a condition comes out of its form as it went in", () => {
  const condition = { kind: "anomaly", metrics: ["rows", "null_share"], level: "error" } as const
  const inputs = inputsOf("anomaly", { ...condition, metrics: [...condition.metrics] })
  assert.equal(inputs.metrics, "rows, null_share")
  assert.deepEqual(conditionOf("anomaly", inputs), condition)
})

test("an empty number is no number", () => {
  const made = conditionOf("quality_below", { below: "", dimension: "overall" })
  assert.equal(alertConditionSchema.safeParse(made).success, false)
})
