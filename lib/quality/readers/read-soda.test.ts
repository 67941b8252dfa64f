import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { readSoda } from "./read-soda.ts"

function read(text: string) {
  const { expectations, problems } = readSoda(text, "marts.orders")
  return {
    read: expectations.map(({ severity: _, ...rest }) => rest as Record<string, unknown>),
    expectations,
    problems,
  }
}

describe("readSoda", () => {
  it("reads the common checks", () => {
    const { read: found, problems } = read(`
checks for orders:
  - row_count > 0
  - row_count between 10 and 100
  - row_count same as raw.orders
  - missing_count(email) = 0
  - missing_percent(phone) < 5%
  - duplicate_count(id) = 0
  - duplicate_count(id, line) < 3
  - invalid_count(email) = 0:
      valid format: email
  - invalid_percent(status) <= 1:
      valid values: [new, paid]
  - avg(amount) between 1 and (5
`)
    assert.equal(problems.length, 1, JSON.stringify(problems))
    assert.deepEqual(
      found.map(({ type }) => type),
      [
        "expect_table_row_count_to_be_between",
        "expect_table_row_count_to_be_between",
        "expect_table_row_count_to_equal_other_table",
        "expect_column_values_to_not_be_null",
        "expect_column_values_to_not_be_null",
        "expect_column_values_to_be_unique",
        "expect_compound_columns_to_be_unique",
        "expect_column_values_to_match_regex",
        "expect_column_values_to_be_in_set",
      ],
    )
    assert.deepEqual(
      [found[0]!.min_value, found[1]!.min_value, found[1]!.max_value, found[2]!.other_table_name, found[6]!.max_failed],
      [1, 10, 100, "raw.orders", 2],
    )
    assert.ok((found[4]!.mostly as number) > 0.95 && (found[4]!.mostly as number) < 0.950001)
    assert.equal(found[8]!.mostly, 0.99)
    assert.equal(problems[0]!.line, 14)
  })

  it("reads figures, freshness, lengths, references, schemas and failed rows", () => {
    const { read: found, problems } = read(`
checks for marts.orders:
  - avg(amount) between 1 and 5
  - max(amount) <= 100
  - min_length(name) >= 2
  - freshness(loaded_at) < 1d6h
  - values in (customer_id) must exist in customers (id)
  - schema:
      fail:
        when required column missing: [id, email]
        when wrong column type: { amount: numeric }
      warn:
        when wrong column index: { id: 0 }
  - failed rows:
      name: No negative totals
      fail condition: total < 0
  - failed rows:
      fail query: |
        select * from orders where total is null
`)
    assert.deepEqual(problems, [])
    assert.deepEqual(
      found.map(({ type }) => type),
      [
        "expect_column_mean_to_be_between",
        "expect_column_max_to_be_between",
        "expect_column_value_lengths_to_be_between",
        "expect_table_to_be_fresh",
        "expect_column_values_to_exist_in_table",
        "expect_column_to_exist",
        "expect_column_to_exist",
        "expect_column_values_to_be_of_type",
        "expect_column_to_exist",
        "expect_rows_to_satisfy",
        "unexpected_rows_expectation",
      ],
    )
    assert.deepEqual([found[3]!.max_age, found[4]!.other_table], ["1d6h", "marts.customers"])
    assert.deepEqual([found[9]!.name, found[9]!.condition], ["No negative totals", "(total < 0) is not true"])
  })

  it("turns alerts into what they expect, each with its severity", () => {
    const { expectations, problems } = read(`
checks for orders:
  - row_count:
      warn: when < 100
      fail: when < 10
  - missing_count(email):
      warn: when > 0
      name: E-mails
`)
    assert.deepEqual(problems, [])
    assert.deepEqual(
      expectations.map((one) => [one.severity, "min_value" in one ? one.min_value : null, one.name ?? null]),
      [
        ["error", 10, null],
        ["warn", 100, null],
        ["warn", null, "E-mails"],
      ],
    )
  })

  it("narrows rows by filters of the check and of its section", () => {
    const { expectations } = read(`
filter orders [daily]:
  where: ordered_on > current_date - 1
checks for orders [daily]:
  - missing_count(email) = 0:
      filter: status = 'paid'
`)
    assert.equal(expectations[0]!.where, "(ordered_on > current_date - 1) and (status = 'paid')")
  })

  it("reads the table's own checks alone", () => {
    const { expectations, problems } = read("checks for orders:\n  - row_count > 0\nchecks for other:\n  - nonsense\n")
    assert.deepEqual([expectations.length, problems], [1, []])
    assert.deepEqual(read("checks for other:\n  - row_count > 0\n").problems, [
      { line: 1, message: "there are no checks for marts.orders in it" },
    ])
  })

  it("makes one problem with its line of each that it does not understand", () => {
    const { expectations, problems } = read(`checks for orders:
  - row_count > 0
  - anomaly detection for row_count
  - distribution_difference(size) > 0.05
  - missing_count(email) > 5
  - invalid_count(x) = 0:
      valid format: colour
  - freshness(at) < tomorrow
for each dataset T:
  datasets: [a]
`)
    assert.equal(expectations.length, 1)
    assert.deepEqual(
      problems.map(({ line }) => line),
      [3, 4, 5, 6, 8, 9],
    )
    assert.match(problems[3]!.message, /the format "colour" is not known/)
  })
})
