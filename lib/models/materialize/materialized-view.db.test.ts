import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { DbtWarehouse } from "#test/dbt-warehouse.ts"

const warehouse = DbtWarehouse.use()
const model = (query: string, config = "") =>
  `{{ config(materialized='materialized_view'${config && `, ${config}`}) }}\n${query}`
const SOURCES = 'sources:\n  - name: raw\n    schema: "{{ target.schema }}"\n    tables:\n      - name: input\n'
const OID = "select 'm'::regclass::oid"

async function inputProject(config = "", query = "select id from {{ source('raw', 'input') }}") {
  const project = await warehouse.project({ "models/m.sql": model(query, config), "models/sources.yml": SOURCES })
  await project.execute("create table input as select 1 as id, 2 as other")
  return project
}

describe("materialized_view", () => {
  it("is created once, and refreshed from then on", async () => {
    const project = await inputProject()
    const first = await project.run()
    assert.equal(first.of("m").message, "SELECT 1")
    const oid = await project.value(OID)
    await project.execute("insert into input values (7, 8)")
    const second = await project.run()
    assert.equal(second.of("m").message, "REFRESH MATERIALIZED VIEW")
    assert.deepEqual(await project.rows("select * from m order by 1"), ["1", "7"])
    assert.equal(await project.value(OID), oid)
  })

  it("takes up another query in a full refresh, with what reads it", async () => {
    const project = await inputProject()
    await project.run()
    await project.execute("create view reader as select id from m")
    project.write({ "models/m.sql": model("select id + 1 as id, other from {{ source('raw', 'input') }}") })
    await project.run()
    assert.deepEqual(await project.rows("select * from m"), ["1"])
    await project.run("run", { fullRefresh: true })
    assert.deepEqual(await project.rows("select m.id, m.other, reader.id from m, reader"), ["2|2|2"])
  })

  it("takes the place of a table and of a view", async () => {
    const project = await inputProject()
    await project.execute("create table m as select 0 as id")
    await project.run()
    assert.equal(await project.value("select relkind from pg_class where oid = 'm'::regclass"), "m")
  })

  it("gets the indexes that its config names, and loses those it no longer names, without being built anew", async () => {
    const project = await inputProject("indexes=[{'columns': ['id'], 'unique': true}]")
    await project.run()
    const oid = await project.value(OID)
    const indexes =
      "select regexp_replace(indexdef, ' INDEX .* USING', '') from pg_indexes where tablename = 'm' and schemaname = current_schema()"
    assert.deepEqual(await project.rows(indexes), ["CREATE UNIQUE btree (id)"])
    project.write({
      "models/m.sql": model(
        "select id from {{ source('raw', 'input') }}",
        "indexes=[{'columns': ['id'], 'type': 'hash'}]",
      ),
    })
    await project.run()
    assert.deepEqual(await project.rows(indexes), ["CREATE hash (id)"])
    assert.equal(await project.value(OID), oid)
  })

  it("leaves its indexes where on_configuration_change is continue, and is refused where it is fail", async () => {
    for (const mode of ["continue", "fail"]) {
      const project = await inputProject(`on_configuration_change='${mode}'`)
      await project.run()
      const query = "select id from {{ source('raw', 'input') }}"
      project.write({
        "models/m.sql": model(query, `on_configuration_change='${mode}', indexes=[{'columns': ['id']}]`),
      })
      const { status, message, warnings } = (await project.attempt("run")).of("m")
      const said = mode === "fail" ? message : warnings.join()
      assert.equal(status, mode === "fail" ? "error" : "success")
      assert.match(said!, /indexes of .*"m" are not those of its config/)
      assert.equal(await project.value("select count(*) from pg_indexes where schemaname = current_schema()"), "0")
    }
  })

  it("of a refresh that fails keeps its rows", async () => {
    const project = await inputProject("", "select 10 / id as id from {{ source('raw', 'input') }}")
    await project.run()
    await project.execute("insert into input values (0, 0)")
    const { status, message } = (await project.attempt("run")).of("m")
    assert.deepEqual([status, message], ["error", "division by zero"])
    assert.deepEqual(await project.rows("select * from m"), ["10"])
  })
})
