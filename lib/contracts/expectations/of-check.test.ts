import assert from "node:assert/strict"
import { test } from "node:test"
import { expectationOfCheck } from "./of-check.ts"

const NOT_NULL = "expect_column_values_to_not_be_null"
const options = { type: NOT_NULL, column: "email" }

test("says in a sentence what a test of another tool expects", () => {
  assert.deepEqual(expectationOfCheck({ name: "not_null_orders_email", kind: "not_null", details: { options } }), {
    expectationType: NOT_NULL,
    sentence: "email is not null",
  })
})

test("says nothing that the name says already", () => {
  for (const name of ["email is not null", "email is not null (2026-03-01)"]) {
    assert.equal(expectationOfCheck({ name, kind: "not_null", details: { options } }).sentence, null, name)
  }
})

test("names the kind where the result has no options, or the registry does not know it", () => {
  const nothing = { sentence: null }
  assert.deepEqual(expectationOfCheck({ name: "a", kind: "not_null", details: null }), {
    expectationType: NOT_NULL,
    ...nothing,
  })
  assert.deepEqual(expectationOfCheck({ name: "a", kind: "singular", details: { options: ["x"] } }), {
    expectationType: "singular",
    ...nothing,
  })
  assert.deepEqual(expectationOfCheck({ name: "a", kind: "ours", details: { options: { type: "ours", x: 1 } } }), {
    expectationType: "ours",
    ...nothing,
  })
})
