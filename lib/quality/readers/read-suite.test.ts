import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { readSuite } from "./read-suite.ts"

describe("readSuite", () => {
  it("reads suites of before 1.0 and since", () => {
    const { expectations, problems } = readSuite(
      JSON.stringify({
        expectation_suite_name: "orders",
        expectations: [
          {
            expectation_type: "expect_column_values_to_be_between",
            kwargs: { column: "price", min_value: 0, max_value: null, mostly: 0.99, result_format: "BASIC" },
            meta: { owner: "shop" },
          },
          {
            type: "expect_column_values_to_not_be_null",
            kwargs: { column: "id", batch_id: "x" },
            severity: "warning",
            id: "1",
          },
          { type: "expect_table_row_count_to_be_between", kwargs: { min_value: 1 }, meta: {} },
          { type: "ExpectColumnToExist", kwargs: { column: "id" } },
        ],
        meta: { great_expectations_version: "1.3.0" },
      }),
    )
    assert.deepEqual(problems, [])
    assert.deepEqual(
      expectations.map((one) => [one.type, one.severity, one.mostly ?? null, one.meta ?? null]),
      [
        ["expect_column_values_to_be_between", "error", 0.99, { owner: "shop" }],
        ["expect_column_values_to_not_be_null", "warn", 1, null],
        ["expect_table_row_count_to_be_between", "error", null, null],
        ["expect_column_to_exist", "error", null, null],
      ],
    )
  })

  it("reads conditions on rows in their own grammar, as SQL", () => {
    const conditions: [unknown, string][] = [
      ['col("status") == "paid"', `"status" = 'paid'`],
      ["col('a').notNull()", `"a" is not null`],
      ['col("n") >= 5 and col("s") != "x"', `"n" >= 5 and "s" <> 'x'`],
      ['status=="paid"', `"status" = 'paid'`],
      ["amount > 5 AND status = 'x'", "amount > 5 AND status = 'x'"],
      [{ type: "comparison", column: { name: "n" }, operator: "<", parameter: 3 }, `"n" < 3`],
      [{ type: "nullity", column: { name: "n" }, is_null: false }, `"n" is not null`],
      [`col("o'k") == "it's"`, `"o'k" = 'it''s'`],
    ]
    for (const [row_condition, sql] of conditions) {
      const item = {
        type: "expect_column_values_to_not_be_null",
        kwargs: { column: "id", row_condition, condition_parser: "great_expectations" },
      }
      const { expectations, problems } = readSuite(JSON.stringify([item]))
      assert.deepEqual(problems, [])
      assert.equal(expectations[0]!.where, sql)
    }
  })

  it("makes one problem with its line of each that it does not understand, and reads the others", () => {
    const { expectations, problems } = readSuite(`{
  "expectations": [
    { "type": "expect_column_values_to_be_pretty", "kwargs": { "column": "a" } },
    { "type": "expect_column_values_to_be_between",
      "kwargs": { "column": "a", "min_value": { "$PARAMETER": "low" }, "shape": 1 } },
    { "type": "expect_column_values_to_be_between", "kwargs": { "column": "a" } },
    { "type": "expect_column_values_to_be_null", "kwargs": { "column": "a", "row_condition": "col('a') ~ 5" } },
    { "type": "expect_column_values_to_be_null", "kwargs": { "column": "a" } }
  ]
}`)
    assert.equal(expectations.length, 1)
    assert.deepEqual(
      problems.map(({ line }) => line),
      [3, 5, 6, 7],
    )
    assert.match(problems[0]!.message, /no expectation "expect_column_values_to_be_pretty"/)
    assert.match(problems[1]!.message, /min_value/)
    assert.match(problems[1]!.message, /"shape"/)
    assert.equal(problems[2]!.message, "kwargs: give min_value, max_value or both")
  })

  it("says where the text is no JSON, and where it is no suite", () => {
    assert.match(readSuite('{\n "a": [1,\n').problems[0]!.message, /^not valid JSON/)
    assert.deepEqual(readSuite("{}").problems, [{ line: 1, message: 'a suite is a map with a list "expectations"' }])
  })
})
