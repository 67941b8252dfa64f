import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { type CheckInput, type CheckMeasure, checkSchema } from "#lib/contracts/operators/checks.ts"
import { judgeCheck } from "./judge-check.ts"

function judge(check: CheckInput, measure: CheckMeasure) {
  const outcome = judgeCheck("warehouse.marts.t", checkSchema.parse(check), measure)
  return { passed: outcome.passed, message: outcome.message, rowsFailed: outcome.rowsFailed, name: outcome.name }
}
const email = { kind: "not_null", column: "email" } as const

describe("judgeCheck", () => {
  it("passes a row check when no row fails, and says how many fail otherwise", () => {
    assert.equal(judge(email, { rowsChecked: 10, rowsFailed: 0 }).passed, true)
    const failed = judge(email, { rowsChecked: 10, rowsFailed: 2 })
    assert.deepEqual([failed.passed, failed.message], [false, "2 of 10 rows have no email."])
  })

  it("says what is wrong with a column in words that fit any name", () => {
    const measure = { rowsChecked: 10, rowsFailed: 2, smallest: "-1", largest: "9" }
    const checks: CheckInput[] = [
      { kind: "accepted_values", column: "email", values: ["a"] },
      { kind: "between", column: "amount_difference", min: 0 },
      { kind: "matches", column: "iban", pattern: "x" },
      { kind: "freshness", column: "at", maxAge: "1h" },
    ]
    const said = checks.map((check) => judge(check, measure).message)
    assert.deepEqual(said, [
      "2 of 10 rows have email outside the list.",
      "2 of 10 rows have amount_difference out of range.",
      "2 of 10 rows have iban of another form.",
      "No row has a value in at.",
    ])
  })

  it("lets as many rows fail as the tolerance allows, and not one more", () => {
    const tolerant = { ...email, tolerance: 0.2 }
    assert.equal(judge(tolerant, { rowsChecked: 10, rowsFailed: 2 }).passed, true)
    assert.equal(judge(tolerant, { rowsChecked: 10, rowsFailed: 3 }).passed, false)
  })

  it("passes row checks of an empty table, which row_count is there to refuse", () => {
    assert.equal(judge(email, { rowsChecked: 0, rowsFailed: 0 }).passed, true)
    assert.deepEqual(judge({ kind: "row_count", min: 1 }, { rowsChecked: 0, rowsFailed: 0 }), {
      passed: false,
      message: "The table has 0 rows, but at least 1 are expected.",
      rowsFailed: 0,
      name: "row count is at least 1",
    })
  })

  it("holds a row count to both of its bounds", () => {
    const check = { kind: "row_count", min: 2, max: 3 } as const
    const passes = [1, 2, 3, 4].map((rows) => judge(check, { rowsChecked: rows, rowsFailed: 0 }).passed)
    assert.deepEqual(passes, [false, true, true, false])
  })

  it("judges freshness by the age of the newest row, and refuses none", () => {
    const check = { kind: "freshness", column: "at", maxAge: "36h" } as const
    const measure = { rowsChecked: 5, rowsFailed: 0, newest: "2026-01-01", ageMs: 36 * 3_600_000 }
    assert.equal(judge(check, measure).passed, true)
    const stale = judge(check, { ...measure, ageMs: measure.ageMs + 90_000 })
    assert.deepEqual([stale.passed, stale.rowsFailed], [false, 5])
    assert.equal(stale.message, "The newest at is 1 d 12 h old; at most 1 d 12 h is expected.")
    assert.equal(judge(check, { rowsChecked: 5, rowsFailed: 0, newest: null, ageMs: null }).passed, false)
  })

  it("names a check after what it asks, unless the author did", () => {
    assert.equal(
      judge({ kind: "unique", columns: ["a", "b"] }, { rowsChecked: 0, rowsFailed: 0 }).name,
      "a, b is unique",
    )
    assert.equal(judge({ ...email, name: "reachable" }, { rowsChecked: 0, rowsFailed: 0 }).name, "reachable")
  })
})
