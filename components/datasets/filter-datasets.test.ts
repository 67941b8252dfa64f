import assert from "node:assert/strict"
import { test } from "node:test"
import type { DatasetSummary } from "#lib/contracts/api/datasets.ts"
import { type DatasetFilter, datasetParts, filterDatasets } from "./filter-datasets.ts"

const NONE: DatasetFilter = {
  q: "",
  schema: null,
  owner: null,
  tag: null,
  kind: null,
  data: null,
  state: null,
  sort: "name",
}

function dataset(id: string, fields: Partial<DatasetSummary> = {}): DatasetSummary {
  return {
    id,
    description: "",
    owner: null,
    tags: [],
    kind: "table",
    materialized: null,
    sensitiveColumns: 0,
    rowCount: null,
    score: null,
    checksFailing: 0,
    updatedAt: null,
    pipelineId: null,
    taskId: null,
    ...fields,
  }
}
const ALL = [
  dataset("warehouse.raw.orders", { rowCount: 10 }),
  dataset("warehouse.marts.dim_customers", { score: 66, checksFailing: 2, rowCount: 500 }),
  dataset("warehouse.marts.fct_orders", { score: 98, owner: "Data platform" }),
]
const names = (filter: Partial<DatasetFilter>) =>
  filterDatasets(ALL, { ...NONE, ...filter }).map((one) => datasetParts(one.id).name)

test("takes an id apart and keeps dots in the name", () => {
  assert.deepEqual(datasetParts("warehouse.marts.a.b"), { warehouse: "warehouse", schema: "marts", name: "a.b" })
  assert.deepEqual(datasetParts("file"), { warehouse: "", schema: "", name: "file" })
})

test("narrows by search, schema, owner and what its checks say", () => {
  assert.deepEqual(names({ q: "orders marts" }), ["fct_orders"])
  assert.deepEqual(names({ schema: "raw" }), ["orders"])
  assert.deepEqual(names({ owner: "Data platform" }), ["fct_orders"])
  assert.deepEqual(names({ state: "failing" }), ["dim_customers"])
  assert.deepEqual(names({ state: "unchecked" }), ["orders"])
})

test("puts the worst score first and what has none last", () => {
  assert.deepEqual(names({ sort: "score" }), ["dim_customers", "fct_orders", "orders"])
  assert.deepEqual(names({ sort: "rows" }), ["dim_customers", "orders", "fct_orders"])
})
