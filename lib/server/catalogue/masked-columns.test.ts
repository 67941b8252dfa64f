import assert from "node:assert/strict"
import { before, test } from "node:test"
import { catalogueOf } from "#lib/models/lineage/catalogue.ts"
import { keyOf } from "#lib/models/lineage/column-key.ts"
import { type ColumnLineage, traceColumns } from "#lib/models/lineage/column-lineage.ts"
import { propagateTags } from "#lib/models/lineage/column-tags.ts"
import { indexGraph } from "#lib/models/lineage/index-graph.ts"
import { loadSqlParser } from "#lib/models/lineage/parse-sql.ts"
import { maskedColumns } from "./masked-columns.ts"
import { readersLast } from "./readers-last.ts"

before(() => loadSqlParser())

const CATALOGUE = catalogueOf([
  { id: "raw", schema: "public", name: "raw", columns: [{ name: "id" }, { name: "email" }] },
  { id: "opaque", schema: "public", name: "opaque", columns: [{ name: "id" }, { name: "note" }] },
])

/** What is masked of `t`, made from `raw` by a query; null: by something that was not traced. */
function masksOf(sql: string | null, columns: string[], bookkeeping: string[] = []): (string | null)[] {
  const lineages = new Map<string, ColumnLineage>(sql === null ? [] : [["t", traceColumns(sql, CATALOGUE)]])
  const graph = indexGraph(lineages, new Map(), [])
  const tagged = [{ relation: "raw", column: "email", tag: "pii" }]
  const reached = propagateTags(graph, tagged)
  const none = { sensitive: new Set<string>(), cleared: new Set<string>() }
  const catalogue = {
    graph,
    tagged,
    reached,
    ...none,
    exposures: new Map(),
    bookkeeping: new Map([["t", new Set(bookkeeping)]]),
  }
  const edges = [
    { from: "raw", to: "t" },
    { from: "raw", to: "opaque" },
    { from: "opaque", to: "t" },
  ]
  return columns.map(maskedColumns("t", catalogue, edges))
}

test("a column is masked by the tag that it inherited, and a hash of it is not", () => {
  assert.deepEqual(masksOf("select id, lower(email) as e, md5(email) as h, 1 as n from raw", ["id", "e", "h", "n"]), [
    null,
    "pii",
    null,
    null,
  ])
})

test("without lineage, all columns of a dataset that sensitive ones go into are masked", () => {
  assert.deepEqual(masksOf(null, ["id", "e"]), ["unknown", "unknown"])
})

test("of a query that was not followed to its end, columns of unknown origin are masked", () => {
  const sql = "select raw.id, f.note from raw join nowhere.f on f.id = raw.id"
  assert.deepEqual(masksOf(sql, ["id", "note", "later"]), [null, null, "unknown"])
})

test("what comes from a dataset that was not followed is masked, unless it cannot be read back", () => {
  const sql = "select opaque.note, md5(opaque.note) as h, raw.id from opaque join raw on raw.id = opaque.id"
  assert.deepEqual(masksOf(sql, ["note", "h", "id"]), ["unknown", null, null])
})

test("a dataset that is marked as a whole is masked whole, but for what the project clears", () => {
  const catalogue = {
    graph: indexGraph(new Map(), new Map(), []),
    tagged: [],
    reached: { inherited: [], stopped: [] },
    sensitive: new Set(["t"]),
    cleared: new Set([keyOf({ relation: "t", column: "id" })]),
    exposures: new Map(),
    bookkeeping: new Map(),
  }
  assert.deepEqual(["id", "name"].map(maskedColumns("t", catalogue, [])), [null, "unknown"])
})

test("columns that a snapshot adds hold nothing of others", () => {
  assert.deepEqual(masksOf("select id from raw", ["id", "dbt_scd_id"], ["dbt_scd_id"]), [null, null])
})

test("datasets follow what they read, also where they read themselves or each other", () => {
  const reading = (...relations: string[]) => ({ relations }) as unknown as ColumnLineage
  const order = (entries: [string, ColumnLineage][]) => [...readersLast(new Map(entries)).keys()]
  assert.deepEqual(
    order([
      ["c", reading("b")],
      ["b", reading("a", "b")],
      ["a", reading("raw")],
    ]),
    ["a", "b", "c"],
  )
  assert.deepEqual(
    order([
      ["x", reading("y")],
      ["y", reading("x")],
    ]).toSorted(),
    ["x", "y"],
  )
})
