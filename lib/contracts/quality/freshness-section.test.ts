import assert from "node:assert/strict"
import { test } from "node:test"
import { policyText } from "../../domain/freshness/policy-text.ts"
import { freshnessSectionSchema } from "./freshness-section.ts"
import { toFreshnessPolicy } from "./to-freshness-policy.ts"

test("each fault of a section is said in words", () => {
  const faults: [object, RegExp][] = [
    [{}, /give maxAge, deadline or partition/],
    [{ maxAge: {} }, /give warn, error or both/],
    [{ maxAge: { warn: "2h", error: "1h" } }, /warn comes before error/],
    [{ maxAge: "soon" }, /a duration is written/],
    [{ deadline: { by: "7:00" } }, /a time of day is written "07:00"/],
    [{ deadline: { timezone: "UTC" } }, /give either by: "07:00" or a cron expression/],
    [{ deadline: { by: "07:00", timezone: "Mars" } }, /"Mars" is no time zone/],
    [{ deadline: { cron: "0 7 31 2 *" } }, /never fires/],
    [{ partition: { unit: "day" } }, /say when a partition is due/],
    [{ partition: { unit: "day", after: "1h" }, query: "select now()" }, /measured by column, not by query/],
    [{ maxAge: "1h", column: "a", query: "select now()" }, /give column or query, not both/],
    [{ maxAge: "1h", measure: "both" }, /measure: both needs a column or a query/],
    [{ maxAge: "1h", filter: "true" }, /filter goes with column/],
    [{ maxAge: "1h", column: "at", every: "1ms" }, /every 1s at most/],
  ]
  for (const [section, message] of faults) {
    const { error } = freshnessSectionSchema.safeParse(section)
    assert.match(error?.issues.map((issue) => issue.message).join("; ") ?? "none", message, JSON.stringify(section))
  }
})

test("a policy is told in words", () => {
  const cases: [object, string][] = [
    [{ maxAge: { warn: "36h", error: "7d" } }, "at most 36h old (error 7d)"],
    [
      { deadline: { by: "07:00", timezone: "Europe/Berlin", grace: "30m" } },
      "by 07:00 (Europe/Berlin), error 30m later",
    ],
    [{ deadline: { by: "09:00", workingDays: true } }, "by 09:00 on every working day (UTC)"],
    [{ deadline: { cron: "0 18 L * *" } }, "by 18:00, on the last day of the month (UTC)"],
    [{ partition: { unit: "day", by: "07:00" }, maxAge: "1d" }, "at most 1d old; each day by 07:00 (UTC)"],
    [{ partition: { unit: "hour", after: "15m", keys: ["eu", "us"] } }, "each hour of 2 keys within 15m of its end"],
  ]
  for (const [section, text] of cases) {
    assert.equal(policyText(toFreshnessPolicy(freshnessSectionSchema.parse(section))), text)
  }
})

test("a column or query is asked, unless loads are said to count", () => {
  const measure = (section: object) => toFreshnessPolicy(freshnessSectionSchema.parse({ maxAge: "1h", ...section }))
  assert.equal(measure({}).measure, "loads")
  assert.equal(measure({ column: "at" }).measure, "data")
  assert.equal(measure({ query: "select now()", measure: "both" }).measure, "both")
  assert.equal(measure({ column: "at", measure: "loads" }).probe, null)
})
