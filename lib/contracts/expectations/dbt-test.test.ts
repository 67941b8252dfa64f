import assert from "node:assert/strict"
import { test } from "node:test"
import { expectationOfDbtTest } from "./dbt-test.ts"
import { sentenceOf } from "./registry.ts"

test("tells tests of dbt and its common packages in the registry's words", () => {
  const tests: [string, string | null, Record<string, unknown>, string | null][] = [
    ["not_null", "id", {}, "id is not null"],
    ["unique", "id", {}, "id is unique"],
    ["accepted_values", "status", { values: ["a", "b"] }, "status is an accepted value"],
    ["relationships", "customer_id", { to: "ref('customers')", field: "id" }, "customer_id exists in ref.customers.id"],
    ["dbt_utils.accepted_range", "price", { min_value: 0, inclusive: false }, "price is above 0"],
    ["unique_combination_of_columns", null, { combination_of_columns: ["a", "b"] }, "a, b is unique"],
    ["not_null_proportion", "phone", { at_least: 0.5 }, "share of rows with phone is at least 0.5"],
    ["expression_is_true", null, { expression: "a + b = c" }, "a + b = c"],
    ["expression_is_true", "a", { expression: "> 0" }, "a > 0"],
    ["recency", null, { field: "at", datepart: "day", interval: 2 }, "at is at most 2 d old"],
    ["equal_rowcount", null, { compare_model: "source('raw', 'orders')" }, "row count equals raw.orders"],
    [
      "dbt_expectations.expect_column_values_to_be_between",
      "n",
      { min_value: 1, max_value: 5, row_condition: "n is not null", strictly: true },
      "n is above 1 and below 5",
    ],
    ["dbt_expectations.expect_table_row_count_to_be_between", null, { min_value: 1 }, "row count is at least 1"],
    ["lines_add_up", null, {}, null],
    ["expect_something_else", "a", {}, null],
  ]
  for (const [name, column, given, sentence] of tests) {
    const expectation = expectationOfDbtTest({ name, column, arguments: given })
    assert.equal(expectation && sentenceOf(expectation), sentence, name)
  }
})
