import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { DbtWarehouse } from "#test/dbt-warehouse.ts"

const warehouse = DbtWarehouse.use()
const note = (what: string) => `insert into {{ target.schema }}.log (what) values ('${what}')`

async function withLog(files: Record<string, string>) {
  const project = await warehouse.project(files)
  await project.execute("create table log (place serial, what text, tx xid8 default pg_current_xact_id())")
  return project
}

describe("hooks of a model", () => {
  it("run before and behind it, those outside of its transaction first and last", async () => {
    const project = await withLog({
      "models/m.sql": `{{ config(materialized='table',
        pre_hook=[before_begin("${note("outside, before")}"), "${note("inside, before")}"],
        post_hook=["${note("inside, behind")}", after_commit("${note("outside, behind")}")]) }}
        select count(*) as seen from {{ target.schema }}.log`,
    })
    await project.run()
    assert.deepEqual(await project.rows("select what from log order by place"), [
      "outside, before",
      "inside, before",
      "inside, behind",
      "outside, behind",
    ])
    assert.equal(await project.value("select seen from m"), "2")
    const [outside, before, behind, last] = await project.rows("select tx from log order by place")
    assert.equal(before, behind)
    assert.notEqual(outside, before)
    assert.notEqual(last, behind)
  })

  it("come from all levels of config, the project's first, as dicts and texts", async () => {
    const project = await withLog({
      "dbt_project.yml": `name: shop\nversion: '1.0'\nprofile: shop\nmodels:\n  +post-hook: "${note("project {{ this.name }}")}"\n  shop:\n    +post-hook: {sql: "${note("package")}", transaction: false}\n`,
      "models/m.sql": `{{ config(post_hook="${note("model")}") }} select 1 as id`,
    })
    await project.run()
    assert.deepEqual(await project.rows("select what from log order by place"), ["project m", "model", "package"])
  })

  it("may be of several statements, or of none", async () => {
    const project = await withLog({
      "models/m.sql": `{{ config(post_hook="${note("a")}; ${note("b")}", pre_hook="{% if false %}{% endif %}") }} select 1 as id`,
    })
    await project.run()
    assert.deepEqual(await project.rows("select what from log order by place"), ["a", "b"])
  })

  it("may call macros that run queries", async () => {
    const project = await withLog({
      "macros/m.sql": `{% macro noted(relation) %}
        {% set found = run_query("select count(*) from " ~ relation) %}
        ${note("{{ found.rows[0][0] }} rows in {{ relation.identifier }}")}
      {% endmacro %}`,
      "models/m.sql": `{{ config(materialized='table', post_hook="{{ noted(this) }}") }} select * from generate_series(1, 3) as id`,
    })
    await project.run()
    assert.deepEqual(await project.rows("select what from log"), ["3 rows in m"])
  })

  it("that fail undo the model's transaction, and leave the old relation", async () => {
    for (const when of ["pre_hook", "post_hook"]) {
      const project = await withLog({ "models/m.sql": "{{ config(materialized='table') }} select 1 as id" })
      await project.run()
      project.write({
        "models/m.sql": `{{ config(materialized='table', ${when}=["${note("undone")}", "select 1 / 0"]) }} select 2 as id`,
      })
      const { status, message } = (await project.attempt("run")).of("m")
      assert.deepEqual([status, message], ["error", "division by zero"])
      assert.deepEqual(await project.rows("select * from m"), ["1"])
      assert.equal(await project.value("select count(*) from log"), "0")
    }
  })

  it("behind the commit that fail leave the new relation, and the model failed", async () => {
    const project = await withLog({
      "models/m.sql": `{{ config(materialized='table', post_hook=after_commit("select 1 / 0")) }} select 2 as id`,
    })
    const { status } = (await project.attempt("run")).of("m")
    assert.equal(status, "error")
    assert.deepEqual(await project.rows("select * from m"), ["2"])
  })

  it("can vacuum outside of a transaction", async () => {
    const project = await withLog({
      "models/m.sql": `{{ config(materialized='table', post_hook=after_commit("vacuum analyze {{ this }}")) }} select 1 as id`,
    })
    await project.run()
    assert.equal(await project.value("select reltuples from pg_class where oid = 'm'::regclass"), "1")
  })
})

describe("hooks of a run", () => {
  const project = (hooks: string, models: Record<string, string>) =>
    withLog({ "dbt_project.yml": `name: shop\nversion: '1.0'\nprofile: shop\n${hooks}`, ...models })

  it("run before and behind all, in their order", async () => {
    const { rows, run } = bound(
      await project(
        `on-run-start:\n  - "${note("start 1")}"\n  - "${note("start 2")}"\non-run-end: "${note("end")}"\n`,
        { "models/m.sql": `{{ config(pre_hook="${note("model")}") }} select 1 as id` },
      ),
    )
    await run()
    assert.deepEqual(await rows("select what from log order by place"), ["start 1", "start 2", "model", "end"])
  })

  it("see results and schemas in the end", async () => {
    const end = `{% for r in results %}${note("{{ r.node.unique_id }} {{ r.status }} {{ r.adapter_response.rows_affected }} {{ r.execution_time is number }} {{ r.timing | length }} {{ r.node.config.materialized }}")};{% endfor %} ${note("{{ schemas | join }} {{ schemas[0] == target.schema }} {{ database_schemas | length }}")}`
    const { rows, attempt } = bound(
      await project(`on-run-end: "${end}"\n`, {
        "models/a.sql": "{{ config(materialized='table') }} select 1 as id",
        "models/b.sql": "select nowhere",
        "models/c.sql": "select * from {{ ref('b') }}",
      }),
    )
    await attempt("run")
    const said = await rows("select what from log order by what")
    assert.equal(said.length, 4)
    assert.ok(said.includes("model.shop.a success 1 True 2 table"))
    assert.ok(said.some((each) => each.startsWith("model.shop.b error")))
    assert.ok(said.some((each) => each.startsWith("model.shop.c skipped")))
    assert.match(said.find((each) => each.startsWith("s"))!, /^s\d+ True 1$/)
  })

  it("that fail at the start keep everything from running, with results that say so", async () => {
    const built = await project(`on-run-start: "select 1 / 0"\non-run-end: "${note("end")}"\n`, {
      "models/m.sql": "select 1 as id",
    })
    const run = await built.attempt("run")
    assert.deepEqual(run.statuses, ["shop-on-run-start-0 error", "m skipped"])
    assert.equal(
      await built.value(
        "select count(*) from pg_class where relname = 'm' and relnamespace = current_schema()::regnamespace",
      ),
      "0",
    )
    assert.deepEqual(await built.rows("select what from log"), [])
  })

  it("that fail in the end fail the run", async () => {
    const built = await project(`on-run-end:\n  - "select 1 / 0"\n  - "${note("later")}"\n`, {
      "models/m.sql": "select 1 as id",
    })
    const run = await built.attempt("run")
    assert.deepEqual(run.statuses, ["m success", "shop-on-run-end-0 error"])
  })
})

type Built = Awaited<ReturnType<typeof withLog>>
function bound(project: Built) {
  return {
    rows: project.rows.bind(project),
    run: project.run.bind(project),
    attempt: project.attempt.bind(project),
  }
}
