import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import path from "node:path"
import { test } from "node:test"
import { parseFiles, writeProject } from "#test/dbt-project.ts"
import { manifestArtifact } from "./manifest-artifact.ts"
import { writeJson } from "./write-json.ts"

type Entry = Record<string, unknown>

function manifestOf(files: Record<string, string>): Record<string, Record<string, Entry>> {
  const project = parseFiles(files)
  const file = path.join(writeProject({}), "manifest.json")
  writeJson(file, manifestArtifact(project, new Map()))
  return JSON.parse(readFileSync(file, "utf8")) as Record<string, Record<string, Entry>>
}

test("a node that nothing has compiled has no compiled code, and none of our own fields", () => {
  const { nodes } = manifestOf({ "models/a.sql": "select 1 as id" })
  const model = nodes!["model.shop.a"]!
  assert.deepEqual([model.compiled_path, model.build_path], [null, null])
  for (const key of ["compiled", "compiled_code", "start_line"]) assert.ok(!(key in model), key)
})

test("groups list their members, and disabled things stand apart", () => {
  const manifest = manifestOf({
    "models/a.sql": "{{ config(group='money') }}select 1 as id",
    "models/b.sql": "{{ config(enabled=false) }}select 1 as id",
    "models/s.yml": "version: 2\ngroups: [{name: money, owner: {name: Ann}}]\n",
  })
  assert.deepEqual(manifest.group_map, { money: ["model.shop.a"] })
  assert.deepEqual(Object.keys(manifest.disabled!), ["model.shop.b"])
})

test("unit tests and exposures have the fields of the schema alone", () => {
  const { unit_tests, exposures } = manifestOf({
    "models/a.sql": "select 1 as id",
    "models/s.yml": `version: 2
unit_tests:
  - {name: one, model: a, given: [], expect: {rows: [{id: 1}]}}
exposures:
  - {name: board, type: dashboard, owner: {name: Ann}, depends_on: ["ref('a')"]}
`,
  })
  const unit = Object.values(unit_tests!)[0]!
  assert.deepEqual(unit.expect, { rows: [{ id: 1 }], format: "dict", fixture: null })
  assert.ok(!("tested_node_unique_id" in unit))
  assert.deepEqual(exposures!["exposure.shop.board"]!.depends_on, { macros: [], nodes: ["model.shop.a"] })
})

test("the semantic layer has its defaults filled in, and metrics name what they come down to", () => {
  const { metrics, semantic_models, saved_queries, parent_map, child_map } = manifestOf({
    "models/a.sql": "select 1 as id, 5 as amount",
    "models/s.yml": `version: 2
exposures:
  - { name: report, type: dashboard, owner: { name: A }, depends_on: [metric('growth')] }
semantic_models:
  - name: orders
    model: ref('a')
    entities: [{name: id, type: primary}]
    measures: [{name: total, agg: sum, expr: amount}]
metrics:
  - {name: revenue, label: Revenue, type: simple, type_params: {measure: total}, filter: "x > 1"}
  - name: growth
    label: Growth
    type: derived
    type_params: {expr: revenue - prev, metrics: [revenue, {name: revenue, alias: prev, offset_window: 7 days}]}
saved_queries:
  - {name: weekly, query_params: {metrics: [growth]}}
`,
  })
  const measure = { name: "total", filter: null, alias: null, join_to_timespine: false, fill_nulls_with: null }
  const revenue = metrics!["metric.shop.revenue"]!
  assert.deepEqual((revenue.type_params as Entry).measure, measure)
  assert.deepEqual(revenue.filter, { where_filters: [{ where_sql_template: "x > 1" }] })
  assert.deepEqual(revenue.depends_on, { macros: [], nodes: ["semantic_model.shop.orders"] })
  const growth = metrics!["metric.shop.growth"]!
  assert.deepEqual(growth.depends_on, { macros: [], nodes: ["metric.shop.revenue"] })
  const params = growth.type_params as { input_measures: unknown; metrics: Entry[] }
  assert.deepEqual(params.input_measures, [measure])
  assert.deepEqual(params.metrics[1]!.offset_window, { count: 7, granularity: "day" })
  assert.equal((semantic_models!["semantic_model.shop.orders"]!.node_relation as Entry).alias, "a")
  assert.deepEqual(saved_queries!["saved_query.shop.weekly"]!.depends_on, {
    macros: [],
    nodes: ["metric.shop.growth"],
  })
  assert.deepEqual(parent_map!["metric.shop.growth"], ["metric.shop.revenue"])
  assert.deepEqual(child_map!["metric.shop.growth"], ["exposure.shop.report", "saved_query.shop.weekly"])
  assert.deepEqual(child_map!["semantic_model.shop.orders"], ["metric.shop.revenue"])
})
