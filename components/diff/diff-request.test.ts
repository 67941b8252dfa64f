import assert from "node:assert/strict"
import { test } from "node:test"
import { type DiffForm, toDiffRequest } from "./diff-request.ts"

const EMPTY: DiffForm = {
  left: "",
  right: "",
  key: "",
  columns: "",
  leftWhere: "",
  rightWhere: "",
  leftAsOf: "",
  rightAsOf: "",
}

test("asks nothing before a table is named", () => assert.equal(toDiffRequest(EMPTY), null))

test("takes schema.table for one in the warehouse, lists and conditions by commas, a day for its midnight", () => {
  const form = { ...EMPTY, left: "prod.t", right: "warehouse.dev.t", key: "a, b", leftWhere: "day=2026-01-01, c = x=y" }
  assert.deepEqual(toDiffRequest({ ...form, rightAsOf: "2026-02-01" }), {
    left: {
      dataset: "warehouse.prod.t",
      where: [
        { column: "day", value: "2026-01-01" },
        { column: "c", value: "x=y" },
      ],
    },
    right: { dataset: "warehouse.dev.t", where: [], asOf: "2026-02-01T00:00:00Z" },
    keys: ["a", "b"],
    columns: [],
  })
})

test("compares a table with itself where only one is named", () => {
  assert.equal(toDiffRequest({ ...EMPTY, left: "a.b" })?.right.dataset, "warehouse.a.b")
})
