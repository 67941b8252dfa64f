import assert from "node:assert/strict"
import { before, test } from "node:test"
import { catalogueOf } from "./catalogue.ts"
import { type ColumnLineage, traceColumns } from "./column-lineage.ts"
import { mergeLineages } from "./merge-lineages.ts"
import { loadSqlParser } from "./parse-sql.ts"

before(() => loadSqlParser())

const CATALOGUE = catalogueOf([
  { id: "a", schema: "public", name: "a", columns: [{ name: "id" }, { name: "email" }] },
  { id: "b", schema: "public", name: "b", columns: [{ name: "id" }, { name: "email" }] },
  { id: "t", schema: "public", name: "t", columns: [{ name: "id" }, { name: "email" }] },
])
const trace = (sql: string): ColumnLineage => traceColumns(sql, CATALOGUE)

test("a table that two statements fill has the sources of both, by column", () => {
  const merged = mergeLineages(
    trace("insert into t (id, email) select id, md5(email) from a"),
    trace("insert into t (id, email) select id, email from b where id > 1"),
    trace("update t set email = a.email from a where a.id = t.id"),
  )
  assert.deepEqual(
    merged.columns.map(({ name, sources }) => [
      name,
      sources.map(({ relation, column, influence }) => `${relation}.${column} ${influence}`).sort(),
    ]),
    [
      ["id", ["a.id direct", "b.id direct"]],
      ["email", ["a.email direct", "b.email direct"]],
    ],
  )
  assert.deepEqual(merged.relations.toSorted(), ["a", "b", "t"])
  assert.ok(merged.rows.some(({ relation, kind }) => relation === "b" && kind === "filter"))
})

test("a value that one of the ways lets through is not anonymised", () => {
  const merged = mergeLineages(trace("select md5(email) as email from a"), trace("select lower(email) as email from a"))
  assert.deepEqual(merged.columns[0]?.sources, [
    { relation: "a", column: "email", influence: "derived", anonymisedBy: null },
  ])
})
