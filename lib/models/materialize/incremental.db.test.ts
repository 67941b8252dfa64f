import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { DbtWarehouse } from "#test/dbt-warehouse.ts"

const warehouse = DbtWarehouse.use()

/** An incremental model over the table `input`, which tests fill. */
const model = (config = "", query = "select * from {{ source('raw', 'input') }}") =>
  `{{ config(materialized='incremental'${config && `, ${config}`}) }}\n${query}`

const SOURCES = 'sources:\n  - name: raw\n    schema: "{{ target.schema }}"\n    tables:\n      - name: input\n'

async function projectWith(sql: string, input = "values (1, 'a'), (2, 'b')", columns = "id, name") {
  const project = await warehouse.project({ "models/m.sql": sql, "models/sources.yml": SOURCES })
  await project.execute(`create table input as select * from (${input}) as v (${columns})`)
  return project
}

const feed = (rows: string) => `truncate input; insert into input values ${rows}`
const ROWS = "select * from m order by 1, 2"

describe("incremental", () => {
  it("is built as a table first, and appended to where it has no key", async () => {
    const project = await projectWith(model())
    const first = await project.run()
    assert.equal(first.of("m").message, "SELECT 2")
    const second = await project.run()
    assert.equal(second.of("m").message, "INSERT 0 2")
    assert.deepEqual(await project.rows(ROWS), ["1|a", "1|a", "2|b", "2|b"])
  })

  it("knows whether it adds to a table: not at first, not over a view, not in a full refresh", async () => {
    const query = "select '{{ is_incremental() }}' as added, '{{ this.identifier }}' as me"
    const project = await projectWith(model("", query))
    await project.execute("create view m as select 1 as x")
    await project.run()
    assert.deepEqual(await project.rows("select * from m"), ["False|m"])
    await project.run()
    assert.deepEqual(await project.rows("select added from m order by 1"), ["False", "True"])
    await project.run("run", { fullRefresh: true })
    assert.deepEqual(await project.rows("select added from m"), ["False"])
  })

  it("is not built anew where full_refresh is false, and always where it is true", async () => {
    const never = await projectWith(model("full_refresh=false"))
    await never.run()
    await never.run("run", { fullRefresh: true })
    assert.equal(await never.value("select count(*) from m"), "4")
    const always = await projectWith(model("full_refresh=true"))
    await always.run()
    await always.run()
    assert.equal(await always.value("select count(*) from m"), "2")
  })

  it("with a key deletes and inserts by default", async () => {
    const project = await projectWith(model("unique_key='id'"))
    await project.run()
    await project.execute(feed("(2, 'B'), (3, 'c')"))
    await project.run()
    assert.deepEqual(await project.rows(ROWS), ["1|a", "2|B", "3|c"])
  })

  it("takes lists of keys, and what stands in quotes", async () => {
    for (const strategy of ["delete+insert", "merge"]) {
      const project = await projectWith(
        model(`unique_key=['id', '"Name"'], incremental_strategy='${strategy}'`),
        "values (1, 'a', 1), (1, 'b', 1)",
        'id, "Name", n',
      )
      await project.run()
      await project.execute(feed("(1, 'b', 2), (2, 'a', 3)"))
      await project.run()
      assert.deepEqual(await project.rows(ROWS), ["1|a|1", "1|b|2", "2|a|3"], strategy)
    }
  })

  it("merges, and tells how many rows it touched", async () => {
    const project = await projectWith(model("unique_key='id', incremental_strategy='merge'"))
    await project.run()
    await project.execute(feed("(2, 'B'), (3, 'c')"))
    const run = await project.run()
    assert.deepEqual(await project.rows(ROWS), ["1|a", "2|B", "3|c"])
    assert.equal(run.of("m").message, "MERGE 2")
  })

  it("appends by merge where it has no key", async () => {
    const project = await projectWith(model("incremental_strategy='merge'"))
    await project.run()
    await project.run()
    assert.equal(await project.value("select count(*) from m"), "4")
  })

  it("updates only the columns of merge_update_columns, or all but those of merge_exclude_columns", async () => {
    for (const config of ["merge_update_columns=['name']", "merge_exclude_columns=['N']"]) {
      const project = await projectWith(
        model(`unique_key='id', incremental_strategy='merge', ${config}`),
        "values (1, 'a', 1)",
        "id, name, n",
      )
      await project.run()
      await project.execute(feed("(1, 'A', 2), (2, 'b', 2)"))
      await project.run()
      assert.deepEqual(await project.rows(ROWS), ["1|A|1", "2|b|2"], config)
    }
  })

  it("narrows what may be replaced by incremental_predicates", async () => {
    const deleting = await projectWith(
      model("unique_key='id', incremental_strategy='delete+insert', incremental_predicates=['name <> ' ~ \"'a'\"]"),
    )
    await deleting.run()
    await deleting.execute(feed("(1, 'A'), (2, 'B')"))
    await deleting.run()
    assert.deepEqual(await deleting.rows('select * from m order by id, name collate "C"'), ["1|A", "1|a", "2|B"])
    const merging = await projectWith(
      model("unique_key='id', incremental_strategy='merge', predicates=['DBT_INTERNAL_DEST.id > 1']"),
    )
    await merging.run()
    await merging.execute(feed("(1, 'A'), (2, 'B')"))
    await merging.run()
    assert.deepEqual(await merging.rows('select * from m order by id, name collate "C"'), ["1|A", "1|a", "2|B"])
  })

  it("says which strategies there are, and runs one that a macro defines", async () => {
    const project = await projectWith(model("incremental_strategy='upsert'"))
    await project.run()
    const { status, message } = (await project.attempt("run")).of("m")
    assert.equal(status, "error")
    assert.match(message!, /incremental_strategy "upsert" of m is not known: use append, merge, delete\+insert/)
    project.write({
      "macros/upsert.sql": `{% macro get_incremental_upsert_sql(arg_dict) %}
        insert into {{ arg_dict["target_relation"] }} select id, 'upsert' from {{ arg_dict["temp_relation"] }}
      {% endmacro %}`,
    })
    await project.run()
    assert.deepEqual(await project.rows(ROWS), ["1|a", "1|upsert", "2|b", "2|upsert"])
  })

  it("makes columns of text wide enough for what comes", async () => {
    const narrow = "select id, name::varchar({{ var('width') }}) as name from {{ source('raw', 'input') }}"
    const project = await projectWith(model("unique_key='id'", narrow))
    await project.run("run", { vars: { width: 2 } })
    await project.execute(feed("(1, 'much longer')"))
    await project.run("run", { vars: { width: 20 } })
    assert.deepEqual(await project.rows(ROWS), ["1|much longer", "2|b"])
  })

  it("of a statement that fails leaves the table as it was", async () => {
    const project = await projectWith(model("unique_key='id', incremental_strategy='merge'"))
    await project.run()
    await project.execute(feed("(1, 'x'), (1, 'y')"))
    const { status, message } = (await project.attempt("run")).of("m")
    assert.equal(status, "error")
    assert.match(message!, /MERGE command cannot affect row a second time/)
    assert.deepEqual(await project.rows(ROWS), ["1|a", "2|b"])
  })

  it("keeps one index of its config, however often it runs", async () => {
    const project = await projectWith(model("unique_key='id', indexes=[{'columns': ['id'], 'unique': true}]"))
    for (let run = 0; run < 3; run++) await project.run()
    const indexes = "select count(*) from pg_indexes where schemaname = current_schema()"
    assert.equal(await project.value(indexes), "1")
    project.write({
      "models/m.sql": model("unique_key='id', indexes=[{'columns': ['id'], 'unique': true}, {'columns': ['name']}]"),
    })
    for (let run = 0; run < 2; run++) await project.run()
    assert.equal(await project.value(indexes), "2")
  })
})

describe("on_schema_change", () => {
  const changed = async (mode: string) => {
    const project = await projectWith(
      model(`unique_key='id', on_schema_change='${mode}'`),
      "values (1, 'a', 1)",
      "id, name, gone",
    )
    await project.run()
    await project.execute(
      "drop table input; create table input as select 2::bigint as id, 'b' as name, now()::date as added",
    )
    return project
  }
  const COLUMNS =
    "select string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' order by attnum) from pg_attribute where attrelid = 'm'::regclass and attnum > 0 and not attisdropped"

  it("ignore refuses rows that lack a column of the table", async () => {
    const project = await changed("ignore")
    const { message } = (await project.attempt("run")).of("m")
    assert.match(message!, /gone/)
    assert.equal(await project.value("select count(*) from m"), "1")
  })

  it("ignore leaves out columns that are new", async () => {
    const project = await projectWith(model("unique_key='id'"))
    await project.run()
    await project.execute("alter table input add column added int default 5")
    await project.run()
    assert.equal(await project.value(COLUMNS), "id integer, name text")
  })

  it("append_new_columns adds what is new and keeps what is gone", async () => {
    const project = await changed("append_new_columns")
    await project.run()
    assert.equal(await project.value(COLUMNS), "id integer, name text, gone integer, added date")
    assert.deepEqual(await project.rows("select id, name, gone, added is null from m order by 1"), [
      "1|a|1|t",
      "2|b|null|f",
    ])
  })

  it("sync_all_columns makes columns and types those of the query", async () => {
    const project = await changed("sync_all_columns")
    await project.run()
    assert.equal(await project.value(COLUMNS), "id bigint, name text, added date")
  })

  it("sync_all_columns makes views anew that stand in the way, and drops those that no longer fit", async () => {
    const project = await changed("sync_all_columns")
    await project.execute(`
      create view reader as select id, name from m;
      create view behind as select id + 1 as id from reader;
      grant select on behind to public;
      comment on view behind is 'reads it';
      create view broken as select gone from m`)
    const { warnings } = (await project.run()).of("m")
    assert.deepEqual(await project.rows("select id from behind order by 1"), ["2", "3"])
    assert.equal(await project.value("select pg_typeof(id) from reader limit 1"), "bigint")
    assert.equal(await project.value("select has_table_privilege('public', 'behind', 'select')"), "t")
    assert.equal(await project.value("select obj_description('behind'::regclass)"), "reads it")
    assert.equal(warnings.length, 1)
    assert.match(warnings[0]!, /"broken" no longer fits/)
  })

  it("fail names what differs, and changes nothing", async () => {
    const project = await changed("fail")
    const { status, message } = (await project.attempt("run")).of("m")
    assert.equal(status, "error")
    assert.match(message!, /new in the query: added; gone from the query: gone; of another type: id to bigint/)
    assert.match(message!, /--full-refresh/)
    assert.deepEqual(await project.rows(ROWS), ["1|a|1"])
  })

  it("fail lets equal columns pass", async () => {
    const project = await projectWith(model("on_schema_change='fail'"))
    await project.run()
    await project.run()
    assert.equal(await project.value("select count(*) from m"), "4")
  })

  it("of another word is taken for ignore, with a warning", async () => {
    const project = await projectWith(model("on_schema_change='everything'"))
    await project.run()
    const run = await project.run()
    assert.match(run.logs.join("\n"), /not everything; ignore is used/)
  })
})
