import assert from "node:assert/strict"
import { test } from "node:test"
import { MATCH_ALL } from "./alert-match.ts"
import { type AlertRule, combineRules, compareMetric, judgeDuration, reachesLevel, rulesFor } from "./alert-rule.ts"

const rule = (values: Partial<AlertRule>): AlertRule => ({
  id: "r",
  name: "R",
  condition: { kind: "deadline_missed" },
  forSeconds: 0,
  clearSeconds: 0,
  severity: "warning",
  match: MATCH_ALL,
  runbook: null,
  labels: {},
  ...values,
})
const duration = { kind: "duration_anomaly", days: 7, minRuns: 3, minSeconds: 60 } as const

test("the rules of a subject are those of its kind whose filters fit", () => {
  const rules = [
    rule({ id: "all" }),
    rule({ id: "finance", match: { ...MATCH_ALL, tags: ["finance"] } }),
    rule({ id: "other", condition: { kind: "worker_lost" } }),
  ]
  const ids = (tags: string[]) =>
    rulesFor(rules, "deadline_missed", { pipelineId: "p", datasetId: null, owner: null, tags }).map(({ id }) => id)
  assert.deepEqual(ids(["finance"]), ["all", "finance"])
  assert.deepEqual(ids([]), ["all"])
})

test("several rules make one incident, as bad as the worst and with that one's runbook", () => {
  const verdict = combineRules([
    rule({ id: "a", runbook: "docs/a.md", forSeconds: 600, labels: { team: "a", tier: "1" } }),
    rule({ id: "b", severity: "critical", runbook: "docs/b.md", clearSeconds: 30, labels: { team: "b" } }),
  ])
  assert.deepEqual(verdict, {
    severity: "critical",
    ruleIds: ["a", "b"],
    runbook: "docs/b.md",
    labels: { team: "b", tier: "1" },
    forSeconds: 0,
    clearSeconds: 30,
  })
  assert.equal(combineRules([]), null)
})

test("a run is unusually long beyond twice the mean, never by seconds alone, never without history", () => {
  const judge = (seconds: number, earlier: number[]) =>
    judgeDuration(seconds, earlier, { ...duration, method: "mean", factor: 2 })
  assert.equal(judge(10_000, [100, 100]), null)
  assert.deepEqual(judge(201, [100, 100, 100]), { isUnusual: true, usual: 100, limit: 200 })
  assert.equal(judge(200, [100, 100, 100])!.isUnusual, false)
  assert.equal(judge(50, [1, 1, 1])!.isUnusual, false, "49 s more are too few")
})

test("the robust judge is not led astray by one outlier, nor alarmed by a constant history", () => {
  const judge = (seconds: number, earlier: number[]) =>
    judgeDuration(seconds, earlier, { ...duration, method: "robust", factor: 3 })!
  assert.equal(judge(400, [100, 110, 90, 5_000, 105]).isUnusual, true)
  assert.equal(judge(400, [100, 110, 90, 5_000, 105]).usual, 105)
  assert.equal(judge(1_200, [1_000, 1_000, 1_000]).isUnusual, false)
  assert.equal(judge(1_301, [1_000, 1_000, 1_000]).isUnusual, true)
})

test("numbers are compared as asked", () => {
  const results = ([">", ">=", "<", "<=", "=", "!="] as const).map((operator) => compareMetric(3, operator, 3))
  assert.deepEqual(results, [false, true, false, true, true, false])
})

test("an error reaches what asks for warnings, and not the other way round", () => {
  assert.deepEqual(
    [reachesLevel("error", "warn"), reachesLevel("warn", "error"), reachesLevel("fresh", "warn")],
    [true, false, false],
  )
})
