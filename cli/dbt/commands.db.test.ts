import assert from "node:assert/strict"
import { existsSync, writeFileSync } from "node:fs"
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
  dbt.env = { HEADRACE_WAREHOUSE_URL: database.warehouseUrl }
  const { code, out, err } = await dbt.run("build", "-q")
  assert.equal(code, 0, out + err)
  await warehouse.query("create table analytics.loads (at timestamptz)")
})
after(async () => {
  await warehouse.end()
  await database.drop()
})

interface SourcesFile {
  results: { unique_id: string; status: string; max_loaded_at: string; max_loaded_at_time_ago_in_s: number }[]
}

test("source freshness judges the age of the newest row by what the source promises", async () => {
  const check = async (newest: string | null) => {
    await warehouse.query("truncate analytics.loads")
    if (newest) await warehouse.query("insert into analytics.loads values (now() - $1::interval)", [newest])
    const { code } = await dbt.run("source", "freshness")
    const { results } = dbt.artifact<SourcesFile>("sources.json")
    assert.deepEqual(
      results.map(({ unique_id }) => unique_id),
      ["source.shop.raw.loads"],
    )
    return { code, status: results[0]!.status, age: results[0]!.max_loaded_at_time_ago_in_s, result: results[0]! }
  }
  const fresh = await check("10 minutes")
  assert.deepEqual([fresh.code, fresh.status], [0, "pass"])
  assert.ok(fresh.age >= 600 && fresh.age < 700)
  assert.match(fresh.result.max_loaded_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$/)
  const late = await check("2 hours")
  assert.deepEqual([late.code, late.status], [0, "warn"])
  const stale = await check("2 days")
  assert.deepEqual([stale.code, stale.status], [1, "error"])
  const empty = await check(null)
  assert.deepEqual([empty.code, empty.status, empty.result.max_loaded_at.slice(0, 10)], [1, "error", "0001-01-01"])
})

test("source freshness reports a source that cannot be asked, and ends with 1", async () => {
  await warehouse.query("alter table analytics.loads rename to gone")
  try {
    const { code, out } = await dbt.run("source", "freshness")
    assert.equal(code, 1)
    assert.match(out, /Runtime error in source raw\.loads: relation .* does not exist/)
    assert.equal(dbt.artifact<SourcesFile>("sources.json").results[0]!.status, "runtime error")
  } finally {
    await warehouse.query("alter table analytics.gone rename to loads")
  }
})

test("run-operation calls a macro with its arguments", async () => {
  const { code, out } = await dbt.run("run-operation", "note", "--args", "{what: remark, times: 3}")
  assert.equal(code, 0, out)
  assert.match(out, /noted remark/)
  assert.deepEqual((await warehouse.query("select n from analytics.remark")).rows, [{ n: 3 }])
  const failed = await dbt.run("run-operation", "note", "--args", "{what: remark}")
  assert.equal(failed.code, 1)
  assert.match(failed.out, /already exists/)
  const unknown = await dbt.run("run-operation", "nota")
  assert.deepEqual([unknown.code, /no macro "nota"; did you mean "note"/.test(unknown.err)], [1, true])
})

test("--warn-error makes a test that warns fail, and --warn-error-options choose", async () => {
  const severe = (file: string) =>
    writeFileSync(path.join(dbt.folder, file), "{{ config(severity='warn') }}\nselect 1 from {{ ref('stg_orders') }}")
  severe("tests/always.sql")
  const select = ["test", "--select", "always"]
  assert.equal((await dbt.run(...select)).code, 0)
  assert.equal((await dbt.run(...select, "--warn-error")).code, 1)
  const options = (text: string) => dbt.run(...select, "--warn-error-options", text)
  assert.equal((await options("{error: all, warn: [LogTestResult]}")).code, 0)
  assert.equal((await options("{error: [LogTestResult]}")).code, 1)
  const wrong = await options("{errors: all}")
  assert.deepEqual([wrong.code, /no "errors" in it|there is no "errors"/.test(wrong.err)], [2, true])
})

test("--log-format json prints one document a line, and --quiet what was asked for alone", async () => {
  const { out } = await dbt.run("run", "--log-format", "json", "--select", "stg_orders")
  const lines = out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { info: { name: string }; data: { status?: string } })
  const ended = lines.find(({ info }) => info.name === "LogNodeResult")!
  assert.equal(ended.data.status, "success")
  const quiet = await dbt.run("show", "-q", "--select", "customers", "--output", "json")
  const { show } = JSON.parse(quiet.out) as { show: object[] }
  assert.equal(show.length, 2)
  assert.equal((await dbt.run("run", "-q", "--select", "stg_orders")).out, "")
})

test("show and compile take a query from the command line, which leaves no trace in the artifacts", async () => {
  const sql = "select * from {{ ref('customers') }} order by total desc"
  const { code, out } = await dbt.run("show", "--inline", sql, "--limit", "1")
  assert.equal(code, 0, out)
  assert.match(out, /\| bob {6}\| 2000 {2}\|/)
  const compiled = await dbt.run("compile", "-q", "--inline", sql)
  assert.match(compiled.out, /^select \* from "\w+"\."analytics"\."customers" order by total desc\n$/)
  const { nodes } = dbt.artifact<{ nodes: object }>("manifest.json")
  assert.ok(!Object.keys(nodes).some((id) => id.startsWith("sql_operation.")))
})

test("event times go together and in order", async () => {
  const run = (...args: string[]) => dbt.run("run", "-q", "--select", "stg_orders", ...args)
  assert.equal((await run("--event-time-start", "2026-01-01")).code, 2)
  assert.equal((await run("--event-time-start", "2026-01-02", "--event-time-end", "2026-01-01")).code, 2)
  assert.equal((await run("--event-time-start", "soon", "--event-time-end", "2026-01-01")).code, 2)
  assert.equal((await run("--event-time-start", "2026-01-01", "--event-time-end", "2026-01-02T06:00:00")).code, 0)
})

test("source_status:fresher chooses sources that were loaded since the check of the state", async () => {
  await warehouse.query("truncate analytics.loads")
  await warehouse.query("insert into analytics.loads values (now() - interval '10 minutes')")
  await dbt.run("source", "freshness", "-q", "--target-path", "before")
  await dbt.run("source", "freshness", "-q")
  const fresher = async () => (await dbt.run("ls", "-q", "-s", "source_status:fresher", "--state", "before")).out.trim()
  assert.equal(await fresher(), "")
  await warehouse.query("insert into analytics.loads values (now())")
  await dbt.run("source", "freshness", "-q")
  assert.equal(await fresher(), "source:shop.raw.loads")
})

test("ends with 2 where the command line, the selection or the warehouse is wrong", async () => {
  assert.equal((await dbt.run("run", "--nonsense")).code, 2)
  assert.equal((await dbt.run("source", "nonsense")).code, 2)
  assert.equal((await dbt.run("run", "--select", "nonsense:x")).code, 2)
  assert.equal((await dbt.run("run", "--threads", "0")).code, 2)
  const away = new DbtProgram(SHOP, { HEADRACE_WAREHOUSE_URL: "postgres://nobody@127.0.0.1:1/nothing" })
  const { code, err } = await away.run("run")
  assert.deepEqual([code, /warehouse does not let us in/.test(err)], [2, true])
  const debug = await away.run("debug")
  assert.deepEqual([debug.code, /does not let us in/.test(debug.out)], [1, true])
})

test("debug says what is configured without its secrets", async () => {
  const { code, out } = await dbt.run("debug")
  assert.equal(code, 0)
  assert.match(out, /All checks passed!/)
  const { password } = new URL(database.warehouseUrl)
  if (password.length > 3) assert.ok(!out.includes(password))
})

test("clean removes what clean-targets names, and nothing of the project", async () => {
  assert.equal((await dbt.run("clean")).code, 0)
  assert.ok(!existsSync(path.join(dbt.folder, "target")))
  const bad = new DbtProgram({ ...SHOP, "dbt_project.yml": "name: shop\nprofile: shop\nclean-targets: [models]\n" }, {})
  const { code, err } = await bad.run("clean")
  assert.deepEqual([code, /holds files of the project/.test(err)], [2, true])
  assert.ok(existsSync(path.join(bad.folder, "models/stg_orders.sql")))
})
