import assert from "node:assert/strict"
import { describe, it } from "node:test"
import type { CheckOutcome } from "#lib/contracts/task-result.ts"
import { scoreChecks } from "./score.ts"

function outcome(change: Partial<CheckOutcome>): CheckOutcome {
  return {
    dataset: "warehouse.marts.t",
    name: "a",
    kind: "not_null",
    column: "a",
    dimension: "completeness",
    severity: "error",
    passed: true,
    rowsChecked: 100,
    rowsFailed: 0,
    observed: null,
    message: "",
    ...change,
  }
}

function scoreOf(outcomes: CheckOutcome[], dimension = "overall") {
  return scoreChecks(outcomes).find((score) => score.dimension === dimension)?.score
}

describe("scoreChecks", () => {
  it("gives no score without checks", () => {
    assert.deepEqual(scoreChecks([]), [])
  })

  it("is the share of rows that passed", () => {
    assert.equal(scoreOf([outcome({ rowsFailed: 25, passed: false })]), 75)
  })

  it("weighs an error three times a warning", () => {
    const failing = { rowsFailed: 100, passed: false }
    assert.equal(scoreOf([outcome({}), outcome({ ...failing, severity: "warn" })]), 75)
    assert.equal(scoreOf([outcome({ ...failing }), outcome({ severity: "warn" })]), 25)
  })

  it("scores each dimension by its own checks, and all together", () => {
    const outcomes = [outcome({}), outcome({ dimension: "validity", kind: "between", rowsFailed: 50, passed: false })]
    assert.deepEqual(
      scoreChecks(outcomes).map(({ dimension, score, checks }) => [dimension, score, checks]),
      [
        ["completeness", 100, 1],
        ["validity", 50, 1],
        ["overall", 75, 2],
      ],
    )
  })

  it("takes a check about the whole table for all or nothing", () => {
    assert.equal(scoreOf([outcome({ kind: "row_count", dimension: "volume", passed: false, rowsFailed: 100 })]), 0)
    assert.equal(scoreOf([outcome({ kind: "freshness", dimension: "timeliness", passed: true })]), 100)
  })

  it("says 100 only when nothing failed", () => {
    assert.equal(scoreOf([outcome({ rowsChecked: 10_000_000, rowsFailed: 1, passed: true })]), 99.99)
    assert.equal(scoreOf([outcome({}), outcome({}), outcome({})]), 100)
  })

  it("counts a check that looked at no rows as it was judged", () => {
    assert.equal(scoreOf([outcome({ rowsChecked: 0 })]), 100)
  })

  it("keeps datasets apart", () => {
    const scores = scoreChecks([outcome({}), outcome({ dataset: "warehouse.marts.u", rowsFailed: 100, passed: false })])
    assert.deepEqual(
      scores.filter((score) => score.dimension === "overall").map(({ dataset, score }) => [dataset, score]),
      [
        ["warehouse.marts.t", 100],
        ["warehouse.marts.u", 0],
      ],
    )
  })
})
