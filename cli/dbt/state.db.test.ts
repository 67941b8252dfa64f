import assert from "node:assert/strict"
import { cpSync, rmSync, writeFileSync } from "node:fs"
import path from "node:path"
import { after, before, test } from "node:test"
import pg from "pg"
import { createTestDatabase, type TestDatabase } from "#test/db.ts"
import { DbtProgram, SHOP } from "#test/dbt-program.ts"

let database: TestDatabase
let warehouse: pg.Pool
const dbt = new DbtProgram(SHOP)
before(async () => {
  database = await createTestDatabase()
  warehouse = new pg.Pool({ connectionString: database.warehouseUrl })
  warehouse.on("error", () => {})
  const { hostname, port, username, password, pathname } = new URL(database.warehouseUrl)
  const output = (schema: string) =>
    `{type: postgres, host: ${hostname}, port: ${port}, user: ${username}, password: "${decodeURIComponent(password)}", dbname: ${pathname.slice(1)}, schema: ${schema}, threads: 2}`
  const profiles = `shop: {target: prod, outputs: {prod: ${output("prod")}, ci: ${output("ci")}, empty: ${output("empty")}}}`
  edit("profiles.yml", profiles)
  const { code, out, err } = await dbt.run("build")
  assert.equal(code, 0, out + err)
  cpSync(path.join(dbt.folder, "target"), path.join(dbt.folder, "state"), { recursive: true })
})
after(async () => {
  await warehouse.end()
  await database.drop()
})

const edit = (file: string, content: string) => writeFileSync(path.join(dbt.folder, file), content)
const restore = (file: string) => edit(file, SHOP[file]!)
const listed = async (...args: string[]) => (await dbt.run("ls", "-q", ...args)).out.split("\n").filter(Boolean)

test("state:modified chooses what has changed since, by its part", async () => {
  assert.deepEqual(await listed("--select", "state:modified", "--state", "state"), [])
  edit("models/stg_orders.sql", "select id, customer, amount + 0 as amount from {{ ref('raw_orders') }}")
  edit("macros/cents.sql", SHOP["macros/cents.sql"]!.replace("* 100", "* 1000"))
  edit("models/new_one.sql", "select 1 as n")
  try {
    const models = ["--resource-type", "model", "--output", "name", "--state", "state"]
    assert.deepEqual(await listed("--select", "state:modified", ...models), ["customers", "new_one", "stg_orders"])
    assert.deepEqual(await listed("--select", "state:modified.body", ...models), ["new_one", "stg_orders"])
    assert.deepEqual(await listed("--select", "state:modified.macros", ...models), ["customers"])
    assert.deepEqual(await listed("--select", "state:new", ...models), ["new_one"])
  } finally {
    restore("models/stg_orders.sql")
    restore("macros/cents.sql")
    rmSync(path.join(dbt.folder, "models/new_one.sql"))
  }
})

test("--defer reads what is not built here where the state was built", async () => {
  const args = ["-t", "ci", "--target-path", "ci", "--select", "customers"]
  const without = await dbt.run("run", ...args)
  assert.equal(without.code, 1)
  const deferred = await dbt.run("run", ...args, "--defer", "--state", "state")
  assert.equal(deferred.code, 0, deferred.out)
  assert.equal((await warehouse.query("select from ci.customers")).rowCount, 2)
  await warehouse.query("create view ci.stg_orders as select 1 as id, 'cat' as customer, 1 as amount")
  assert.equal((await dbt.run("run", ...args, "--defer", "--state", "state")).code, 0)
  assert.equal((await warehouse.query("select from ci.customers")).rowCount, 1, "what is here comes first")
  assert.equal((await dbt.run("run", ...args, "--defer", "--favor-state", "--state", "state")).code, 0)
  assert.equal((await warehouse.query("select from ci.customers")).rowCount, 2, "but not with --favor-state")
})

test("clone makes views of what the state was built as, and leaves what is there", async () => {
  const args = ["clone", "-t", "empty", "--target-path", "cloned", "--state", "state"]
  const first = await dbt.run(...args)
  assert.equal(first.code, 0, first.out)
  assert.equal((await warehouse.query("select from empty.customers")).rowCount, 2)
  assert.match((await dbt.run(...args)).out, /is there already/)
  assert.match((await dbt.run(...args, "--full-refresh", "-s", "customers")).out, /CREATE VIEW/)
})

test("retry runs again what failed and what was skipped, with the options of that time", async () => {
  edit("models/stg_orders.sql", "select id, customer, amount from {{ ref('raw_orders') }} where {{ var('ok') }}")
  try {
    const failed = await dbt.run("build", "--vars", "{ok: nonsense}", "--target-path", "again")
    assert.equal(failed.code, 1)
    const results = () => {
      const { results } = dbt.artifact<{ results: { unique_id: string; status: string }[] }>(
        "run_results.json",
        "again",
      )
      return results.filter(({ unique_id }) => unique_id.startsWith("model."))
    }
    assert.deepEqual(
      results().map(({ status }) => status),
      ["error", "skipped"],
    )
    const chosen = await listed(
      "-s",
      "result:error",
      "--state",
      "again",
      "--vars",
      "{ok: true}",
      "--resource-type",
      "model",
    )
    assert.deepEqual(chosen, ["shop.stg_orders"])
    const retried = await dbt.run("retry", "--target-path", "again", "--vars", "{ok: true}")
    assert.equal(retried.code, 0, retried.out)
    assert.ok(!retried.out.includes("seed file"), "the seed was loaded before")
    assert.deepEqual(
      results().map(({ status }) => status),
      ["success", "success"],
    )
    assert.match((await dbt.run("retry", "--target-path", "again")).out, /Nothing of the last command failed/)
  } finally {
    restore("models/stg_orders.sql")
  }
})

test("says what is missing where there is nothing to compare with", async () => {
  const { code, err } = await dbt.run("ls", "--select", "state:modified")
  assert.deepEqual([code, /give --state/.test(err)], [2, true])
  const nothing = await dbt.run("run", "--defer", "--state", "nowhere")
  assert.equal(nothing.code, 2)
  assert.match(nothing.err, /There is no manifest\.json in .*nowhere/)
})
