import assert from "node:assert/strict"
import { existsSync, readFileSync } from "node:fs"
import path from "node:path"
import { after, before, test } from "node:test"
import { createTestDatabase, type TestDatabase } from "#test/db.ts"
import { DbtProgram, SHOP } from "#test/dbt-program.ts"

let database: TestDatabase
const dbt = new DbtProgram(SHOP)
before(async () => {
  database = await createTestDatabase()
  dbt.env = { HEADRACE_WAREHOUSE_URL: database.warehouseUrl }
  const { code, out, err } = await dbt.run("build")
  assert.equal(code, 0, out + err)
})
after(() => database.drop())

type Fields = Record<string, unknown>
interface ManifestFile {
  metadata: Fields
  nodes: Record<string, Fields>
  [section: string]: Record<string, unknown>
}

test("manifest.json has every section of version 12, and what was compiled", () => {
  const manifest = dbt.artifact<ManifestFile>("manifest.json")
  assert.deepEqual(
    Object.keys(manifest),
    "metadata nodes sources macros docs exposures metrics groups selectors disabled parent_map child_map group_map saved_queries semantic_models unit_tests".split(
      " ",
    ),
  )
  assert.equal(manifest.metadata.dbt_schema_version, "https://schemas.getdbt.com/dbt/manifest/v12.json")
  assert.equal(manifest.metadata.adapter_type, "postgres")
  const model = manifest.nodes["model.shop.customers"]!
  assert.equal(model.compiled, true)
  assert.match(String(model.compiled_code), /cast\(sum\(amount\) \* 100 as bigint\)/)
  assert.equal(model.compiled_path, "target/compiled/shop/models/marts/customers.sql")
  assert.equal(model.build_path, "target/run/shop/models/marts/customers.sql")
  assert.deepEqual(manifest.parent_map!["model.shop.customers"], ["model.shop.stg_orders"])
  assert.deepEqual(manifest.child_map!["model.shop.customers"], ["exposure.shop.board"])
})

test("what has no template of its own has none of its fields", () => {
  const { nodes } = dbt.artifact<ManifestFile>("manifest.json")
  const seed = nodes["seed.shop.raw_orders"]!
  assert.deepEqual(seed.depends_on, { macros: [] })
  for (const key of ["language", "refs", "contract", "compiled_path"]) assert.ok(!(key in seed), key)
  assert.ok(!("test_metadata" in nodes["test.shop.none_negative"]!))
})

test("run_results.json has a result of each node and hook", () => {
  interface Results {
    metadata: Fields
    results: Fields[]
    elapsed_time: number
    args: Fields
  }
  const { metadata, results, args, elapsed_time } = dbt.artifact<Results>("run_results.json")
  assert.equal(metadata.dbt_schema_version, "https://schemas.getdbt.com/dbt/run-results/v6.json")
  assert.equal(args.which, "build")
  assert.ok(elapsed_time > 0)
  const statuses = Object.fromEntries(results.map(({ unique_id, status }) => [unique_id, status]))
  assert.equal(statuses["model.shop.customers"], "success")
  assert.equal(statuses["test.shop.none_negative"], "pass")
  assert.equal(statuses["operation.shop.shop-on-run-end-0"], "success")
  assert.equal(results.length, 8)
  const view = results.find(({ unique_id }) => unique_id === "model.shop.stg_orders")!
  assert.equal(view.message, "CREATE VIEW")
  assert.match(String(view.thread_id), /^Thread-\d+ \(worker\)$/)
  assert.deepEqual(
    (view.timing as Fields[]).map(({ name }) => name),
    ["compile", "execute"],
  )
})

test("the SQL of each node stands in the target folder, compiled and as it ran", () => {
  const read = (file: string) => readFileSync(path.join(dbt.folder, "target", file), "utf8")
  assert.match(read("compiled/shop/models/stg_orders.sql"), /^select id, customer, amount from "/)
  assert.match(read("run/shop/models/marts/customers.sql"), /create\s+table/i)
  assert.match(read("run/shop/tests/none_negative.sql"), /count\(\*\)/)
  assert.ok(existsSync(path.join(dbt.folder, "target/compiled/shop/models/schema.yml/unique_stg_orders_id.sql")))
})

test("docs generate describes what is in the database", async () => {
  const { code, out } = await dbt.run("docs", "generate")
  assert.equal(code, 0, out)
  interface CatalogTable {
    metadata: Fields
    columns: Record<string, Fields>
    stats: object
  }
  const { nodes, errors } = dbt.artifact<{ nodes: Record<string, CatalogTable>; errors: null }>("catalog.json")
  assert.equal(errors, null)
  const { metadata, columns } = nodes["model.shop.customers"]!
  assert.equal(metadata.type, "BASE TABLE")
  assert.equal(metadata.name, "customers")
  assert.deepEqual(columns.total, { type: "bigint", index: 2, name: "total", comment: null })
  assert.equal(nodes["model.shop.stg_orders"]!.metadata.type, "VIEW")
})
