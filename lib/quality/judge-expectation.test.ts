import assert from "node:assert/strict"
import { describe, it } from "node:test"
import type { CheckInput } from "#lib/contracts/expectations/read-expectation.ts"
import { checkSchema } from "#lib/contracts/operators/checks.ts"
import type { Measure } from "#lib/engines/postgres/expectations/measure.ts"
import { judgeExpectation } from "./judge-expectation.ts"

function judge(check: CheckInput, found: Partial<Measure>) {
  const empty = { rowsChecked: 0, rowsFailed: 0, observed: null, ok: null, problem: null }
  const measure = { ...empty, countsNothing: false, showsValue: false, ...found }
  const { passed, state, message, rowsFailed, name } = judgeExpectation(
    "warehouse.marts.t",
    checkSchema.parse(check),
    measure,
  )
  return { passed, state, message, rowsFailed, name }
}
const email = { kind: "not_null", column: "email" } as const

describe("judgeExpectation", () => {
  it("passes a row check when no row fails, and says how many fail otherwise", () => {
    assert.equal(judge(email, { rowsChecked: 10, rowsFailed: 0 }).passed, true)
    const failed = judge(email, { rowsChecked: 10, rowsFailed: 2 })
    assert.deepEqual([failed.passed, failed.message], [false, "2 of 10 rows have no email."])
  })

  it("says what is wrong with a column in words that fit any name", () => {
    const checks: CheckInput[] = [
      { kind: "accepted_values", column: "email", values: ["a"] },
      { kind: "between", column: "amount_difference", min: 0 },
      { kind: "matches", column: "iban", pattern: "x" },
      { kind: "freshness", column: "at", maxAge: "1h" },
    ]
    const said = checks.map((check) => judge(check, { rowsChecked: 10, rowsFailed: 2 }).message)
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

  it("takes `mostly` at its word at every edge", () => {
    const edges: [number, number, number, boolean][] = [
      [1, 10, 0, true],
      [1, 10, 1, false],
      [0.9, 10, 1, true],
      [0.9, 10, 2, false],
      [0.9, 9, 1, false],
      [0.7, 10, 3, true],
      [0.95, 100, 5, true],
      [0.95, 100, 6, false],
      [0.999999, 1_000_000, 1, true],
      [0.999999, 1_000_000, 2, false],
      [0, 10, 10, true],
    ]
    for (const [mostly, rowsChecked, rowsFailed, passed] of edges) {
      const check = { type: "expect_column_values_to_not_be_null", column: "email", mostly } as const
      assert.equal(
        judge(check, { rowsChecked, rowsFailed }).passed,
        passed,
        `${rowsFailed}/${rowsChecked} at ${mostly}`,
      )
    }
  })

  it("lets a number of rows fail where one is given", () => {
    const some = { ...email, maxFailed: 2 }
    assert.equal(judge(some, { rowsChecked: 10, rowsFailed: 2 }).message, "2 of 10 rows have no email; up to 2 may.")
    assert.equal(judge(some, { rowsChecked: 10, rowsFailed: 3 }).passed, false)
  })

  it("has nothing to say where there are no rows, which the row count is there to refuse", () => {
    assert.deepEqual([judge(email, {}).state, judge(email, {}).passed], ["empty", true])
    const mean = { type: "expect_column_mean_to_be_between", column: "a", min_value: 1 } as const
    assert.equal(judge(mean, { observed: null }).state, "empty")
    const none = { observed: 0, ok: false, countsNothing: true }
    assert.deepEqual(judge({ kind: "row_count", min: 1 }, none), {
      passed: false,
      state: "failed",
      message: "The table has 0 rows, but at least 1 are expected.",
      rowsFailed: 0,
      name: "row count is at least 1",
    })
  })

  it("judges freshness by the age of the newest row, and refuses none", () => {
    const check = { kind: "freshness", column: "at", maxAge: "36h" } as const
    const seen = {
      rowsChecked: 5,
      observed: { newest: "2026-01-01", ageSeconds: 36 * 3_600 + 90 },
      countsNothing: true,
    }
    assert.equal(judge(check, { ...seen, ok: true }).passed, true)
    const stale = judge(check, { ...seen, ok: false })
    assert.deepEqual([stale.passed, stale.rowsFailed], [false, 5])
    assert.equal(stale.message, "The newest at is 1 d 12 h old; at most 1 d 12 h is expected.")
    assert.equal(judge(check, { rowsChecked: 5 }).passed, false)
  })

  it("calls what cannot be computed an error, which has not passed", () => {
    const broken = judge(email, { problem: 'column "email" does not exist' })
    assert.deepEqual(
      [broken.state, broken.passed, broken.message],
      ["error", false, 'Cannot be computed: column "email" does not exist.'],
    )
  })

  it("keeps a value that is masked out of the message and the result", () => {
    const expectation = checkSchema.parse({ type: "expect_column_max_to_be_between", column: "email", max_value: "b" })
    const measure = { rowsChecked: 5, rowsFailed: 0, observed: "zoe@x.y", ok: false, problem: null }
    const outcome = judgeExpectation(
      "warehouse.marts.t",
      expectation,
      { ...measure, countsNothing: false, showsValue: true },
      (column) => column === "email",
    )
    assert.ok(!JSON.stringify(outcome).includes("zoe"))
    assert.equal(outcome.message, "Found a value that is masked; expected: max of email is at most b.")
  })

  it("names a check after what it asks, unless the author did", () => {
    assert.equal(judge({ kind: "unique", columns: ["a", "b"] }, {}).name, "a, b is unique")
    assert.equal(judge({ ...email, name: "reachable" }, {}).name, "reachable")
  })
})
