import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { DbtWarehouse } from "#test/dbt-warehouse.ts"

const warehouse = DbtWarehouse.use()
const MODEL = {
  "models/m.sql": "{{ config(materialized='table') }} select i as id, null::int as none from generate_series(1, 4) i",
}
/** A test that finds rows 1 to 3. */
const found = (config = "") => ({ "tests/t.sql": `{{ config(${config}) }} select * from {{ ref('m') }} where id < 4` })

async function verdict(config: string, options = {}) {
  const project = await warehouse.project({ ...MODEL, ...found(config) })
  const { status, failures, message } = (await project.attempt("build", options)).of("t")
  return { project, said: `${status} ${failures}${message === null ? "" : `: ${message}`}` }
}

describe("a test", () => {
  it("passes where its query finds nothing", async () => {
    const project = await warehouse.project({ ...MODEL, "tests/t.sql": "select * from {{ ref('m') }} where id > 4" })
    const { status, failures, message } = (await project.run("build")).of("t")
    assert.deepEqual([status, failures, message], ["pass", 0, null])
  })

  for (const [config, said] of [
    ["", "fail 3: Got 3 results, configured to fail if != 0"],
    ["severity='warn'", "warn 3: Got 3 results, configured to warn if != 0"],
    ["severity='WARN', error_if='>1'", "warn 3: Got 3 results, configured to warn if != 0"],
    ["warn_if='>2', error_if='>10'", "warn 3: Got 3 results, configured to warn if >2"],
    ["error_if='>2'", "fail 3: Got 3 results, configured to fail if >2"],
    ["error_if='>3', warn_if='>3'", "pass 0"],
    ["error_if='between 2 and 5'", "fail 3: Got 3 results, configured to fail if between 2 and 5"],
    ["limit=2", "fail 2: Got 2 results, configured to fail if != 0"],
    ["limit=1", "fail 1: Got 1 result, configured to fail if != 0"],
    ["fail_calc='max(id) - 3'", "pass 0"],
    ["fail_calc='sum(id)'", "fail 6: Got 6 results, configured to fail if != 0"],
    ["fail_calc='max(none)'", "pass 0"],
  ]) {
    it(`with ${config || "no config"} comes to ${said}`, async () => {
      assert.equal((await verdict(config!)).said, said)
    })
  }

  it("looks only at the rows of where", async () => {
    const project = await warehouse.project({
      ...MODEL,
      "models/m.yml": `
models:
  - name: m
    columns:
      - name: id
        data_tests:
          - accepted_values: {arguments: {values: [1, 2], quote: false}, config: {where: id <= 2}, name: narrowed}
          - accepted_values: {values: [1, 2], quote: false, name: wide}
          - unique: {name: alone}
`,
    })
    const run = await project.attempt("build")
    assert.deepEqual(run.statuses.sort(), ["alone pass", "m success", "narrowed pass", "wide fail"])
    assert.match(run.of("narrowed").compiledCode!, /where id <= 2\) dbt_subquery/)
  })

  it("of a query that fails is an error, and leaves the next one alone", async () => {
    const project = await warehouse.project({
      ...MODEL,
      "tests/bad.sql": "select nowhere from {{ ref('m') }}",
      "tests/good.sql": "select 1 where false",
    })
    const run = await project.attempt("build")
    assert.equal(run.of("bad").status, "error")
    assert.equal(run.of("bad").error?.compiledLine, 1)
    assert.equal(run.of("good").status, "pass")
  })

  it("keeps in a build what is built from a model from running where it fails, and warns only where it warns", async () => {
    const files = { ...MODEL, "models/next.sql": "select * from {{ ref('m') }}" }
    const failing = await warehouse.project({ ...files, ...found() })
    assert.deepEqual((await failing.attempt("build")).statuses, ["m success", "t fail", "next skipped"])
    const warning = await warehouse.project({ ...files, ...found("severity='warn'") })
    assert.deepEqual((await warning.attempt("build")).statuses, ["m success", "t warn", "next success"])
  })

  it("runs by the test materialization of the project, where it has one", async () => {
    const project = await warehouse.project({
      ...MODEL,
      ...found(),
      "macros/test.sql": `{% materialization test, default %}
        {% call statement('main', fetch_result=True) %}
          select 7 as failures, true as should_warn, false as should_error from ({{ sql }}) q limit 1
        {% endcall %}
        {{ return({'relations': []}) }}
      {% endmaterialization %}`,
    })
    const { status, failures } = (await project.attempt("build")).of("t")
    assert.deepEqual([status, failures], ["warn", 7])
  })
})

describe("store_failures", () => {
  const AUDIT =
    "select relkind from pg_class c join pg_namespace n on n.oid = c.relnamespace where relname = 't' and nspname = current_schema() || '_dbt_test__audit'"
  const failures = (schema: string) => `select count(*) from ${schema}_dbt_test__audit.t`

  it("keeps what was found in a table, anew each time", async () => {
    const { project, said } = await verdict("store_failures=true")
    assert.match(said, /^fail 3/)
    assert.equal(await project.value(AUDIT), "r")
    project.write({ "tests/t.sql": "{{ config(store_failures=true) }} select 1 as id where false" })
    await project.run("build")
    assert.equal(await project.value(failures(project.schema)), "0")
  })

  it("keeps it in a view, a table or not at all as store_failures_as says", async () => {
    const view = (await verdict("store_failures_as='view'")).project
    assert.equal(await view.value(AUDIT), "v")
    view.write(found("store_failures_as='table'"))
    await view.attempt("build")
    assert.equal(await view.value(AUDIT), "r")
    const none = await verdict("store_failures=true, store_failures_as='ephemeral'")
    assert.deepEqual(await none.project.rows(AUDIT), [])
  })

  it("goes for all tests by the flag, but for those that decline", async () => {
    const asked = await verdict("", { storeFailures: true })
    assert.equal(await asked.project.value(failures(asked.project.schema)), "3")
    const declining = await verdict("store_failures=false", { storeFailures: true })
    assert.deepEqual(await declining.project.rows(AUDIT), [])
  })

  it("goes into the schema and under the alias of the config, and holds all, whatever limit says", async () => {
    const { project, said } = await verdict("store_failures=true, schema='kept', alias='found', limit=2")
    assert.match(said, /^fail 2/)
    assert.equal(await project.value(`select count(*) from ${project.schema}_kept.found`), "3")
  })

  it("stores whole rows of not_null", async () => {
    const project = await warehouse.project({
      ...MODEL,
      "models/m.yml":
        "models: [{name: m, columns: [{name: none, data_tests: [{not_null: {name: t, config: {store_failures: true}}}]}]}]",
    })
    await project.attempt("build")
    assert.deepEqual(await project.rows(`select * from ${project.schema}_dbt_test__audit.t order by 1 limit 1`), [
      "1|null",
    ])
  })
})
