import assert from "node:assert/strict"
import { test } from "node:test"
import { changesText, type DatasetState, datasetChanges } from "./dataset-changes.ts"
import type { DatasetDocument } from "./dataset-document.ts"

const DOCUMENT: DatasetDocument = {
  dataset: "warehouse.marts.orders",
  isBuilt: true,
  kind: "model",
  uniqueId: "model.shop.orders",
  materialized: "table",
  description: "",
  owner: null,
  tags: [],
  meta: {},
  file: "models/orders.sql",
  package: "shop",
  sql: "select 1",
  columns: [],
  tests: [],
  isSensitive: false,
  snapshot: null,
  exposures: [],
}

function state(columns: string | null, values: Partial<DatasetState> = {}): DatasetState {
  const list = columns?.split(", ").map((each) => {
    const [name, type] = each.split(" ")
    return { name: name!, type: type ?? null }
  })
  const rest = { lineageId: columns, documentedThen: null, upstreams: [], compiledSql: null }
  return { document: DOCUMENT, columns: list ?? null, ...rest, ...values }
}

function said(columns: readonly { name: string; type?: string; description?: string }[]): DatasetDocument {
  const whole = columns.map((each) => ({ type: null, description: "", tags: [], isCleared: false, ...each }))
  return { ...DOCUMENT, columns: whole }
}

test("tells columns that came, went and got another type, and what it is made from", () => {
  const changes = datasetChanges(
    state("id int, total int, gone", { upstreams: ["a", "b"] }),
    state("id int, total bigint, tax, note", { upstreams: ["b", "c"], document: { ...DOCUMENT, sql: "select 2" } }),
  )
  assert.deepEqual(changes.columnsAdded, ["tax", "note"])
  assert.deepEqual(changes.columnsRetyped, [{ column: "total", from: "int", to: "bigint" }])
  assert.equal(
    changesText(changes),
    "2 columns added, 1 column removed, 1 column retyped, SQL changed, 1 upstream added, 1 upstream removed",
  )
})

test("a first run makes no column new", () => {
  const changes = datasetChanges(state(null), state("id int, total int"))
  assert.deepEqual([changes.columnsAdded, changes.isLineageChanged], [[], true])
  assert.equal(changesText(changes), "columns traced anew")
})

test("compares what is documented where a query was not traced", () => {
  const [before, after] = [said([{ name: "id" }]), said([{ name: "id" }, { name: "total" }])]
  const changes = datasetChanges(state(null, { document: before }), state("id", { document: after }))
  assert.deepEqual([changes.columnsAdded, changes.others], [["total"], []])
})

test("a column that is documented before it is traced is new once", () => {
  const [before, after] = [
    said([{ name: "id" }, { name: "gone" }]),
    said([{ name: "id" }, { name: "gone" }, { name: "total" }]),
  ]
  const saved = state("id", { document: after, documentedThen: ["id", "gone"] })
  assert.deepEqual(datasetChanges(state("id", { document: before }), saved).columnsAdded, ["total"])
  assert.deepEqual(datasetChanges(saved, state("id, total", { document: after })).columnsAdded, [])
})

test("a type that is not known is no change, and the documented one stands in for it", () => {
  const typed = said([{ name: "id", type: "bigint" }])
  assert.deepEqual(datasetChanges(state("id int"), state("id")).columnsRetyped, [])
  assert.deepEqual(datasetChanges(state("id int"), state("id", { document: typed })).columnsRetyped.length, 1)
})

test("names what else the project says otherwise", () => {
  const after = { ...said([{ name: "id", description: "Key." }]), description: "Orders.", materialized: "view" }
  const changes = datasetChanges(state("id", { document: said([{ name: "id" }]) }), state("id", { document: after }))
  assert.equal(changesText(changes), "how it is built, description, what is said of columns changed")
})

test("compares what ran where no project has the query", () => {
  const [before, after] = ["select 1", "select 2"].map((compiledSql) => state("id", { document: null, compiledSql }))
  assert.equal(datasetChanges(before!, after!).isSqlChanged, true)
  assert.equal(changesText(null), "first known")
})
