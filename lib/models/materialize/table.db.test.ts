import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { DbtWarehouse } from "#test/dbt-warehouse.ts"

const warehouse = DbtWarehouse.use()
const table = (sql: string, config = "") => `{{ config(materialized='table'${config && `, ${config}`}) }}\n${sql}`
const RELATIONS = `
  select relname, relkind from pg_class
  where relnamespace = current_schema()::regnamespace and relkind in ('r', 'v', 'm', 'p') order by 1`

describe("table", () => {
  it("holds the query's rows, and says how many", async () => {
    const project = await warehouse.project({ "models/a.sql": table("select * from generate_series(1, 3) as id") })
    const run = await project.run()
    assert.deepEqual(await project.rows("select * from a order by 1"), ["1", "2", "3"])
    assert.equal(run.of("a").message, "SELECT 3")
    assert.deepEqual(run.of("a").adapterResponse, { _message: "SELECT 3", code: "SELECT", rows_affected: 3 })
  })

  it("is swapped, and views that read it, directly or not, read the new one and keep their rights", async () => {
    const project = await warehouse.project({ "models/a.sql": table("select 1 as id, 'x' as name") })
    await project.run()
    await project.execute(`
      create view near as select id from a;
      create view far as select n.id + a.id as total from near n join a on true;
      grant select on far to public`)
    project.write({ "models/a.sql": table("select 'new' as name, 7 as id") })
    const run = await project.run()
    assert.deepEqual(await project.rows("select * from far"), ["14"])
    assert.equal(await project.value("select has_table_privilege('public', 'far', 'select')"), "t")
    assert.deepEqual(run.of("a").warnings, [])
    assert.deepEqual(await project.rows(RELATIONS), ["a|r", "far|v", "near|v"])
  })

  it("keeps materialized views that read it, with their indexes, rights and comments", async () => {
    const project = await warehouse.project({ "models/a.sql": table("select 1 as id") })
    await project.run()
    await project.execute(`
      create view between_them as select id from a;
      create materialized view kept as select id * 10 as id from between_them;
      create unique index kept_id on kept (id);
      comment on materialized view kept is 'it''s kept';
      grant select on kept to public;
      create view behind as select id + 1 as id from kept`)
    project.write({ "models/a.sql": table("select 7 as id") })
    const run = await project.run()
    assert.deepEqual(run.of("a").warnings, [])
    assert.deepEqual(await project.rows("select kept.id, behind.id from kept, behind"), ["70|71"])
    assert.deepEqual(await project.rows(RELATIONS), ["a|r", "behind|v", "between_them|v", "kept|m"])
    assert.equal(await project.value("select has_table_privilege('public', 'kept', 'select')"), "t")
    assert.equal(await project.value("select obj_description('kept'::regclass)"), "it's kept")
    assert.deepEqual(
      await project.rows("select indexname from pg_indexes where tablename = 'kept' and schemaname = current_schema()"),
      ["kept_id"],
    )
  })

  it("built beside others keeps the views that read several of them", async () => {
    const names = ["a", "b", "c", "d"]
    const project = await warehouse.project(
      Object.fromEntries(names.map((name) => [`models/${name}.sql`, table("select {{ var('v') }} as v")])),
    )
    await project.run("run", { vars: { v: 0 } })
    await project.execute(`
      create view ab as select a.v as a, b.v as b from a, b;
      create view dcba as select d.v as d, c.v as c, ab.b, ab.a from d, c, ab;
      create materialized view kept as select * from dcba`)
    for (let v = 1; v <= 4; v++) {
      const run = await project.run("run", { vars: { v }, threads: 4 })
      assert.deepEqual(
        run.results.flatMap(({ warnings }) => warnings),
        [],
      )
      assert.deepEqual(await project.rows("select dcba.*, kept.* from dcba, kept"), [Array(8).fill(v).join("|")])
    }
  })

  it("takes the place of a view and of a materialized view", async () => {
    const project = await warehouse.project({
      "models/a.sql": table("select 1 as id"),
      "models/b.sql": table("select 2 as id"),
    })
    await project.execute("create view a as select 0 as id; create materialized view b as select 0 as id")
    await project.run()
    assert.deepEqual(await project.rows(RELATIONS), ["a|r", "b|r"])
  })

  it("has the indexes of its config, also after the next run", async () => {
    const config = "indexes=[{'columns': ['id'], 'unique': true}, {'columns': ['Name'], 'type': 'hash'}]"
    const model = table("select 1 as id, 'x' as \"Name\"", config)
    const project = await warehouse.project({ "models/a.sql": model })
    await project.run()
    await project.run()
    const definitions = await project.rows(
      "select regexp_replace(indexdef, 'INDEX .* ON \\S+ ', '') from pg_indexes where schemaname = current_schema() order by indexdef ~ 'hash'",
    )
    assert.deepEqual(definitions, ["CREATE UNIQUE USING btree (id)", 'CREATE USING hash ("Name")'])
  })

  it("is unlogged where wished", async () => {
    const project = await warehouse.project({ "models/a.sql": table("select 1 as id", "unlogged=true") })
    await project.run()
    assert.equal(await project.value("select relpersistence from pg_class where oid = 'a'::regclass"), "u")
  })

  it("puts the sql_header before its statement", async () => {
    const model = `{{ config(materialized='table') }}
      {% call set_sql_header(config) %}
        create function pg_temp.twice(x int) returns int language sql return x * 2;
      {% endcall %}
      select pg_temp.twice(21) as id`
    const project = await warehouse.project({ "models/a.sql": model })
    await project.run()
    assert.deepEqual(await project.rows("select * from a"), ["42"])
  })

  it("drops what an attempt that died has left behind", async () => {
    const project = await warehouse.project({ "models/a.sql": table("select 1 as id") })
    await project.execute("create table a__dbt_tmp (x int); create view a__dbt_backup as select 1 as y")
    await project.run()
    await project.run()
    assert.deepEqual(await project.rows(RELATIONS), ["a|r"])
    await project.execute("create table a__dbt_backup (y int)")
    await project.run()
    assert.deepEqual(await project.rows(RELATIONS), ["a|r"])
  })

  it("keeps what a project's own macro has built over what was left behind", async () => {
    const project = await warehouse.project({
      "models/a.sql": table("select 1 as id"),
      "macros/create.sql": `{% macro get_create_table_as_sql(temporary, relation, sql) %}
        drop table if exists {{ relation }}; create table {{ relation }} as {{ sql }}
      {% endmacro %}`,
    })
    await project.execute("create table a__dbt_tmp (x int)")
    await project.run()
    assert.deepEqual(await project.rows("select * from a"), ["1"])
  })

  it("has names as long as the server keeps, in any letters", async () => {
    const long = `a${"x".repeat(62)}`
    const wide = `ü${"ö".repeat(30)}`
    const project = await warehouse.project({
      [`models/${long}.sql`]: table("select 1 as id"),
      "models/b.sql": table("select 2 as id", `alias='${wide}'`),
      "models/c.sql": table("select 3 as id", "alias='It is \"Quoted\"'"),
    })
    await project.run()
    await project.run()
    assert.deepEqual((await project.rows(RELATIONS)).sort(), [`${long}|r`, `${wide}|r`, 'It is "Quoted"|r'].sort())
  })

  it("of a query that fails leaves the old one and its readers untouched", async () => {
    const project = await warehouse.project({ "models/a.sql": table("select 1 as id") })
    await project.run()
    await project.execute("create view reader as select * from a")
    const before = await project.rows("select 'a'::regclass::oid, 'reader'::regclass::oid")
    project.write({ "models/a.sql": table("select 1 / (1 - id) as id from generate_series(0, 1) as id") })
    const { status, message } = (await project.attempt("run")).of("a")
    assert.deepEqual([status, message], ["error", "division by zero"])
    assert.deepEqual(await project.rows("select * from reader"), ["1"])
    assert.deepEqual(await project.rows("select 'a'::regclass::oid, 'reader'::regclass::oid"), before)
  })
})

describe("what is built from another", () => {
  it("is skipped when that fails, with its name", async () => {
    const project = await warehouse.project({
      "models/a.sql": "select nowhere",
      "models/b.sql": "select * from {{ ref('a') }}",
      "models/c.sql": "select * from {{ ref('b') }}",
      "models/d.sql": "select 1 as id",
    })
    const run = await project.attempt("run")
    assert.deepEqual(run.statuses.sort(), ["a error", "b skipped", "c skipped", "d success"])
    assert.match(run.of("b").message!, /of a$/)
  })

  it("reads ephemeral models through any number of others, each once", async () => {
    const project = await warehouse.project({
      "models/base.sql": "select 1 as id",
      "models/e1.sql":
        "{{ config(materialized='ephemeral') }} select id + 1 as id from {{ ref('base') }} -- {{ this.name }}",
      "models/e2.sql":
        "{{ config(materialized='ephemeral') }} with x as (select * from {{ ref('e1') }}) select id + 1 as id from x",
      "models/e3.sql":
        "{{ config(materialized='ephemeral') }} select a.id + b.id as id from {{ ref('e1') }} a, {{ ref('e2') }} b",
      "models/top.sql":
        "-- the top\nwith own as (select * from {{ ref('e3') }})\nselect own.id, e1.id as e1, '{{ this.identifier }}' as me from own, {{ ref('e1') }} as e1",
    })
    const run = await project.run()
    assert.deepEqual(await project.rows("select * from top"), ["5|2|top"])
    assert.deepEqual(run.statuses.sort(), ["base success", "top success"])
    const compiled = run.of("top").compiledCode!
    assert.equal(compiled.match(/__dbt__cte__e1 as \(/g)?.length, 1)
  })
})
