import assert from "node:assert/strict"
import path from "node:path"
import { after, before, test } from "node:test"
import type { Page, Problem } from "#lib/contracts/api/common.ts"
import type { DatasetVersion, DatasetVersionSummary } from "#lib/contracts/api/dataset-versions.ts"
import type { DatasetDetail, DatasetSummary } from "#lib/contracts/api/datasets.ts"
import type { ColumnImpact, ColumnTrail, LineageGraph } from "#lib/contracts/api/lineage.ts"
import type { DatasetSample, HistoryKeys, RowVersions, TableAsOf } from "#lib/contracts/api/samples.ts"
import { TestApi } from "./api-client.ts"
import { openWorkspace, type WorkspaceRuns } from "./workspace-runs.ts"

let t: TestApi
let runs: WorkspaceRuns
before(async () => {
  t = await TestApi.open()
  runs = await openWorkspace(t.database, path.join(import.meta.dirname, "workspaces", "catalogue"), {})
  const run = await runs.run("shop")
  assert.deepEqual([run.state, run.failures], ["success", {}])
})
after(async () => {
  await runs.stop()
  await t.close()
})

const detail = (name: string) => t.get<DatasetDetail>(`/datasets/warehouse.shop.${name}`)

test("a dataset says what its project says of it", async () => {
  const dataset = await detail("customer_orders")
  const { description, owner, tags, kind, materialized, definition } = dataset
  assert.deepEqual(
    { owner, tags, kind, materialized },
    { owner: "Customer data", tags: ["daily", "mart"], kind: "model", materialized: "table" },
  )
  assert.equal(description, "What each customer has bought.\n\nOne row a customer.\n")
  assert.equal(definition?.file, "dbt/models/customer_orders.sql")
  assert.deepEqual(definition?.meta, { tier: "gold" })
  assert.match(definition?.sql ?? "", /\{\{ ref\('stg_customers'\) \}\}/)
  assert.match(dataset.compiled?.sql ?? "", /"shop"\."stg_customers"/)
  assert.deepEqual(
    definition?.tests.map(({ kind: name, column, severity }) => [name, column, severity]),
    [["unique", "customer_id", "error"]],
  )
})

test("columns have the types of the database, and those that are only described are marked", async () => {
  const { columns } = await detail("customer_orders")
  assert.deepEqual(
    columns.map(({ name, type, exists }) => [name, type, exists]),
    [
      ["customer_id", "integer", true],
      ["email", "text", true],
      ["email_hash", "text", true],
      ["city", "text", true],
      ["changed_at", columns[4]!.type, true],
      ["handle", "text", true],
      ["total", "bigint", true],
      ["gone", null, false],
    ],
  )
})

test("personal data is followed through views, stars and ephemeral models, and ends at a hash", async () => {
  const { columns, sensitiveColumns } = await detail("customer_orders")
  const byName = new Map(columns.map((column) => [column.name, column]))
  const from = { dataset: "warehouse.shop.raw_customers", column: "email" }
  const through = { dataset: "warehouse.shop.stg_customers", column: "email" }
  assert.deepEqual(byName.get("email")?.inheritedTags, [{ tag: "pii", from, through }])
  assert.deepEqual(byName.get("handle")?.inheritedTags, [{ tag: "pii", from, through }])
  assert.deepEqual(byName.get("email_hash")?.inheritedTags, [])
  assert.equal(sensitiveColumns, 2)
  const staged = await detail("stg_customers")
  assert.deepEqual(staged.columns.find(({ name }) => name === "email_hash")?.stoppedTags, [
    { tag: "pii", through: from, by: "md5" },
  ])
})

test("as of its only version a dataset is what it is now, with the columns of its query", async () => {
  const path = "/datasets/warehouse.shop.customer_orders/versions"
  const { items } = await t.get<Page<DatasetVersionSummary>>(path)
  assert.deepEqual(
    items.map(({ version, summary, isCurrent }) => [version, summary, isCurrent]),
    [[1, "first known", true]],
  )
  const [past, now] = [await t.get<DatasetVersion>(`${path}/1`), await detail("customer_orders")]
  assert.deepEqual(past.definition, now.definition)
  assert.equal(past.compiled?.sql, now.compiled?.sql)
  assert.deepEqual(past.upstreams, ["warehouse.shop.raw_orders", "warehouse.shop.stg_customers"])
  const facts = (columns: DatasetDetail["columns"]) =>
    columns.map(({ name, inheritedTags, exists }) => [name, inheritedTags.length, exists])
  assert.deepEqual(facts(past.columns), facts(now.columns))
})

test("the list tells kinds apart and counts columns with personal data", async () => {
  const { items } = await t.get<Page<DatasetSummary>>("/datasets")
  assert.deepEqual(
    items.map(({ id, kind, sensitiveColumns }) => [id.split(".")[2], kind, sensitiveColumns]),
    [
      ["customer_orders", "model", 2],
      ["customers_history", "snapshot", 1],
      ["opaque", "table", 0],
      ["raw_customers", "seed", 1],
      ["raw_orders", "seed", 0],
      ["report", "table", 0],
      ["stg_customers", "model", 1],
    ],
  )
})

test("datasets lead from seeds to a plain SQL task, without ephemeral models", async () => {
  const graph = await t.get<LineageGraph>("/lineage?dataset=warehouse.shop.stg_customers")
  const short = (id: string) => id.split(".")[2]
  assert.deepEqual(
    graph.nodes.map(({ id, distance }) => [short(id), distance]),
    [
      ["stg_customers", 0],
      ["raw_customers", -1],
      ["customer_orders", 1],
      ["customers_history", 1],
      ["opaque", 1],
      ["report", 2],
      ["city_report", 2],
    ],
  )
  assert.equal(graph.nodes.find(({ id }) => id.endsWith("customer_orders"))?.moreUpstream, 1)
  assert.deepEqual(
    graph.edges.map(({ from, to }) => `${short(from)} → ${short(to)}`),
    [
      "customer_orders → report",
      "raw_customers → stg_customers",
      "stg_customers → customer_orders",
      "stg_customers → customers_history",
      "stg_customers → opaque",
      "customer_orders → city_report",
    ],
  )
  const all = await t.get<LineageGraph>("/lineage")
  assert.equal(all.nodes.length, 8)
  const one = await t.get<LineageGraph>("/lineage?dataset=warehouse.shop.stg_customers&direction=down&depth=1")
  assert.deepEqual(one.nodes.map(({ id }) => short(id)).sort(), [
    "customer_orders",
    "customers_history",
    "opaque",
    "stg_customers",
  ])
  const missing = await t.request("/lineage?dataset=warehouse.shop.nothing")
  assert.equal(missing.status, 404)
})

test("a column leads up to where it comes from and down to where it goes", async () => {
  const trail = await t.get<ColumnTrail>("/lineage/columns?dataset=warehouse.shop.stg_customers&column=email")
  assert.deepEqual(
    trail.upstream.map(({ dataset, column, influence }) => [dataset, column, influence]),
    [["warehouse.shop.raw_customers", "email", "direct"]],
  )
  assert.deepEqual(
    trail.downstream.map(({ dataset, column, influence }) => `${dataset.split(".")[2]}.${column} ${influence}`).sort(),
    ["customer_orders.email direct", "customer_orders.handle derived", "customers_history.email direct"],
  )
  const city = await t.get<ColumnTrail>("/lineage/columns?dataset=warehouse.shop.stg_customers&column=city")
  assert.deepEqual(city.rows, [{ dataset: "warehouse.shop.customer_orders", kinds: ["filter"] }])
})

test("what breaks when a column goes is named, with what goes quietly and what cannot be told", async () => {
  const impact = await t.get<ColumnImpact>("/datasets/warehouse.shop.stg_customers/impact?column=email")
  assert.deepEqual(impact.breaks, ["warehouse.shop.customer_orders"])
  assert.deepEqual(impact.unknown, ["warehouse.shop.opaque"])
  assert.deepEqual(impact.stale, ["warehouse.shop.report"])
  const hash = await t.get<ColumnImpact>("/datasets/warehouse.shop.stg_customers/impact?column=email_hash")
  assert.deepEqual(hash.breaks, [])
  assert.deepEqual(hash.vanishes.map(({ dataset, column }) => `${dataset.split(".")[2]}.${column}`).sort(), [
    "customer_orders.email_hash",
    "customers_history.email_hash",
  ])
})

test("a sample masks personal data, and keeps what is not", async () => {
  const sample = await t.get<DatasetSample>("/datasets/warehouse.shop.customer_orders/sample?limit=2")
  assert.deepEqual(
    sample.columns.filter(({ maskedBy }) => maskedBy !== null).map(({ name, maskedBy }) => [name, maskedBy]),
    [
      ["email", "pii"],
      ["handle", "pii"],
    ],
  )
  assert.equal(sample.rows.length, 2)
  assert.ok(sample.isCut)
  for (const row of sample.rows) {
    assert.equal(row[1], "•••")
    assert.match(row[2] ?? "", /^[0-9a-f]{32}$/)
  }
})

test("where personal data may have gone unseen, every column is masked", async () => {
  const sample = await t.get<DatasetSample>("/datasets/warehouse.shop.opaque/sample")
  assert.deepEqual(
    sample.columns.map(({ maskedBy }) => maskedBy),
    ["unknown"],
  )
  const followed = await t.get<DatasetSample>("/datasets/warehouse.shop.report/sample")
  assert.deepEqual(
    followed.columns.map(({ maskedBy }) => maskedBy),
    [null, null],
  )
})

test("a plain SQL task's columns are followed as well", async () => {
  const trail = await t.get<ColumnTrail>("/lineage/columns?dataset=warehouse.shop.report&column=total")
  assert.deepEqual(
    trail.upstream.map(({ dataset, column, influence }) => `${dataset.split(".")[2]}.${column} ${influence}`),
    ["customer_orders.total derived", "raw_orders.amount derived"],
  )
  assert.match((await detail("report")).compiled?.sql ?? "", /insert into shop\.report/)
})

test("rows that are not there are said to be not there", async () => {
  await t.store.pool.query("insert into dataset (id) values ('warehouse.shop.planned')")
  const sample = await t.get<DatasetSample>("/datasets/warehouse.shop.planned/sample")
  assert.deepEqual(sample, { columns: [], rows: [], isCut: false, exists: false })
  const answer = await t.request("/datasets/warehouse.shop.raw_orders/history/keys")
  assert.deepEqual([answer.status, ((await answer.json()) as Problem).code], [422, "dataset.no_history"])
  await t.store.pool.query("delete from dataset where id = 'warehouse.shop.planned'")
})

test("the versions of a row come with what changed, also of what is masked", async () => {
  await t.warehouse.query(
    `update shop.customers_history set dbt_valid_from = '2026-03-01', dbt_updated_at = '2026-03-01' where customer_id = 1;
     insert into shop.customers_history (customer_id, email, email_hash, city, changed_at, dbt_scd_id, dbt_updated_at, dbt_valid_from, dbt_valid_to)
     select customer_id, email, email_hash, 'Linz', changed_at, 'a', timestamp '2026-01-01', timestamp '2026-01-01', timestamp '2026-02-01'
     from shop.customers_history where customer_id = 1
     union all
     select customer_id, 'old@example.com', email_hash, 'Graz', changed_at, 'b', timestamp '2026-02-01', timestamp '2026-02-01', timestamp '2026-03-01'
     from shop.customers_history where customer_id = 1`,
  )
  const path = "/datasets/warehouse.shop.customers_history/history"
  const keys = await t.get<HistoryKeys>(`${path}/keys`)
  assert.deepEqual(keys.keys, ["customer_id"])
  assert.deepEqual(keys.items[0], { key: "1", versions: 3 })
  const found = await t.get<RowVersions>(`${path}/versions?key=1`)
  const names = (positions: number[]) => positions.map((position) => found.columns[position]?.name)
  assert.deepEqual(
    found.versions.map(({ validFrom, validTo, changed }) => [validFrom, validTo, names(changed)]),
    [
      ["2026-01-01T00:00:00.000Z", "2026-02-01T00:00:00.000Z", []],
      ["2026-02-01T00:00:00.000Z", "2026-03-01T00:00:00.000Z", ["email", "city"]],
      ["2026-03-01T00:00:00.000Z", null, ["email"]],
    ],
  )
  assert.deepEqual(
    found.versions.map(({ values }) => values[1]),
    ["•••", "•••", "•••"],
  )
  assert.deepEqual((await t.get<RowVersions>(`${path}/versions?key=nobody`)).versions, [])
  const january = await t.get<TableAsOf>(`${path}/table?at=2026-01-15T00:00:00Z`)
  assert.deepEqual([january.total, january.rows.map((row) => row[3])], [1, ["Linz"]])
})

test("exposures are the ends of the lineage, and told of when a column goes", async () => {
  const id = "exposure.shop.city_report"
  const graph = await t.get<LineageGraph>(`/lineage?dataset=${encodeURIComponent("warehouse.shop.customer_orders")}`)
  const { kind, materialized, owner, url, distance } = graph.nodes.find((node) => node.id === id)!
  assert.deepEqual(
    [kind, materialized, owner, url, distance],
    ["exposure", "dashboard", "Sales", "https://bi.example.com/7", 1],
  )
  assert.ok(graph.edges.some(({ from, to }) => from === "warehouse.shop.customer_orders" && to === id))
  const impact = await t.get<ColumnImpact>("/datasets/warehouse.shop.stg_customers/impact?column=city")
  assert.deepEqual(
    impact.exposures.map((each) => [each.name, each.reads]),
    [["Cities", ["warehouse.shop.customer_orders"]]],
  )
  const { definition } = await detail("customer_orders")
  assert.deepEqual(
    definition?.exposures.map(({ name }) => name),
    ["Cities"],
  )
})

test("a second run adds no lineage and no document", async () => {
  const count =
    "select (select count(*) from dataset_lineage)::int as l, (select count(*) from dataset_document)::int as d"
  const before = await t.store.pool.query(count)
  const run = await runs.run("shop")
  assert.equal(run.state, "success")
  const { rows } = await t.store.pool.query(count)
  assert.deepEqual(rows, before.rows)
  const dataset = await detail("customer_orders")
  assert.equal(dataset.compiled?.runId, run.id)
})
