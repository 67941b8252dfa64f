import assert from "node:assert/strict"
import { test } from "node:test"
import type { CheckResult } from "#lib/contracts/api/datasets.ts"
import type { DatasetQuality } from "#lib/contracts/api/quality.ts"
import { checkLook, worstFirst } from "./check-words.ts"
import { filterQuality, qualityVerdict } from "./filter-quality.ts"

function quality(change: Partial<DatasetQuality>): DatasetQuality {
  const none = { owner: null, tags: [], dimensions: {}, history: [], checkedAt: null }
  return { id: "a", score: 100, checks: 1, failing: 0, warning: 0, empty: 0, ...none, ...change }
}

function check(change: Partial<CheckResult>): CheckResult {
  return {
    id: "1",
    runId: null,
    at: "2026-03-01T00:00:00Z",
    dataset: "warehouse.a.b",
    name: "a",
    kind: "not_null",
    column: "a",
    dimension: "completeness",
    severity: "error",
    passed: true,
    rowsChecked: 1,
    rowsFailed: 0,
    observed: null,
    message: "",
    state: "passed",
    hasSamples: false,
    expectationType: "expect_column_values_to_not_be_null",
    sentence: null,
    ...change,
  }
}

test("puts what fails first, then the worst score, and what has none last", () => {
  const all = [
    quality({ id: "none", score: null }),
    quality({ id: "good" }),
    quality({ id: "poor", score: 70 }),
    quality({ id: "warns", warning: 1 }),
    quality({ id: "fails", failing: 1, score: 99 }),
  ]
  const none = { q: "", state: null, owner: null }
  assert.deepEqual(
    filterQuality(all, none).map(({ id }) => id),
    ["fails", "warns", "poor", "good", "none"],
  )
  assert.deepEqual(
    filterQuality(all, { ...none, state: "failing" }).map(({ id }) => id),
    ["fails", "warns"],
  )
  assert.deepEqual(
    filterQuality(all, { ...none, q: "NON" }).map(({ id }) => id),
    ["none"],
  )
})

test("never calls datasets good of which nothing is known", () => {
  assert.equal(qualityVerdict([]).words, "Quality")
  assert.equal(qualityVerdict([quality({ score: null })]).words, "Quality")
  assert.match(qualityVerdict([quality({}), quality({ score: null })]).note ?? "", /^1 dataset without a score/)
  assert.equal(qualityVerdict([quality({}), quality({ failing: 2 })]).words, "1 dataset fails 2 checks")
})

test("tells apart what fails, warns, could not be computed, found no rows and was set aside", () => {
  const failed = { passed: false, state: "failed" } as const
  assert.deepEqual(
    [
      check({}),
      check(failed),
      check({ ...failed, severity: "warn" }),
      check({ ...failed, severity: "warn", details: { quarantined: 3 } }),
      check({ passed: false, state: "error" }),
      check({ state: "empty" }),
    ].map((one) => checkLook(one).label),
    ["Pass", "Fail", "Warn", "Set aside", "Error", "No rows"],
  )
  const listed = worstFirst([
    check({ id: "ok" }),
    check({ id: "warn", ...failed, severity: "warn" }),
    check({ id: "fail", ...failed }),
  ])
  assert.deepEqual(
    listed.map(({ id }) => id),
    ["fail", "warn", "ok"],
  )
})
