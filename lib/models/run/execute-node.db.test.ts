import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { DbtWarehouse } from "#test/dbt-warehouse.ts"

const warehouse = DbtWarehouse.use()

describe("a project's own materialization", () => {
  const OWN = `
{% materialization stamped, default %}
  {%- set existing = load_cached_relation(this) -%}
  {%- set target_relation = this.incorporate(type='table') -%}
  {%- set tmp = make_intermediate_relation(target_relation) -%}
  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}
  {% call statement('main') -%}
    {{ get_create_table_as_sql(False, tmp, 'select *, 1 as stamp from (' ~ sql ~ ') q') }}
  {%- endcall %}
  {% if existing is not none %}{{ adapter.rename_relation(existing, make_backup_relation(target_relation, existing.type)) }}{% endif %}
  {{ adapter.rename_relation(tmp, target_relation) }}
  {% do persist_docs(target_relation, model) %}
  {% do apply_grants(target_relation, config.get('grants'), should_revoke=True) %}
  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {{ adapter.commit() }}
  {{ drop_relation_if_exists(load_relation(make_backup_relation(target_relation, 'table'))) }}
  {{ run_hooks(post_hooks, inside_transaction=False) }}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}`

  it("builds what it is written to", async () => {
    const project = await warehouse.project({
      "macros/own.sql": OWN,
      "models/m.sql":
        "{{ config(materialized='stamped', post_hook='insert into {{ this }} values (9, 9)') }} select 5 as id",
    })
    for (let run = 0; run < 2; run++) {
      const done = await project.run()
      assert.equal(done.of("m").message, "SELECT 1")
      assert.deepEqual(await project.rows("select * from m order by 1"), ["5|1", "9|9"])
    }
    assert.deepEqual(
      await project.rows(
        "select relname from pg_class where relnamespace = current_schema()::regnamespace and relkind = 'r'",
      ),
      ["m"],
    )
  })

  it("takes the place of a built-in one, the one for postgres before the one for all", async () => {
    const own = (adapter: string, what: string) => `{% materialization table, ${adapter} %}
      {% call statement('main') %}create or replace view {{ this }} as select '${what}' as by_whom{% endcall %}
      {{ return({'relations': [this.incorporate(type='view')]}) }}
    {% endmaterialization %}`
    const project = await warehouse.project({
      "macros/a.sql": own("default", "all"),
      "macros/b.sql": own("adapter='postgres'", "postgres"),
      "models/m.sql": "{{ config(materialized='table') }} select 1 as id",
    })
    await project.run()
    assert.deepEqual(await project.rows("select * from m"), ["postgres"])
  })

  it("that fails leaves nothing behind", async () => {
    const project = await warehouse.project({
      "macros/own.sql": OWN.replace("{{ adapter.commit() }}", "{{ exceptions.raise_compiler_error('no more') }}"),
      "models/m.sql": "{{ config(materialized='stamped') }} select 5 as id",
    })
    const { status, message, error } = (await project.attempt("run")).of("m")
    assert.equal(status, "error")
    assert.match(message!, /^no more\n {2}in macro materialization_stamped \(macros\/own.sql:16\)/)
    assert.deepEqual([error!.file, error!.line], ["macros/own.sql", 16])
    assert.deepEqual(
      await project.rows("select relname from pg_class where relnamespace = current_schema()::regnamespace"),
      [],
    )
  })

  it("has to return what it built", async () => {
    const project = await warehouse.project({
      "macros/own.sql": "{% materialization lazy, default %}{% endmaterialization %}",
      "models/m.sql": "{{ config(materialized='lazy') }} select 5 as id",
    })
    const { message, error } = (await project.attempt("run")).of("m")
    assert.match(message!, /has to return \{'relations': \[…\]\}/)
    assert.deepEqual([error!.file, error!.line], ["macros/own.sql", 1])
  })

  it("that nobody has is refused, with the one that may be meant", async () => {
    const project = await warehouse.project({ "models/m.sql": "{{ config(materialized='tables') }} select 5 as id" })
    const { message } = (await project.attempt("run")).of("m")
    assert.match(message!, /no materialization "tables"; did you mean "table"\?/)
  })
})

describe("a project's own version of a built-in macro", () => {
  it("makes tables (create_table_as)", async () => {
    const project = await warehouse.project({
      "macros/m.sql": `{% macro postgres__create_table_as(temporary, relation, sql) %}
        create {{ 'temporary' if temporary }} table {{ relation }} with (fillfactor = 70) as {{ sql }}
      {% endmacro %}`,
      "models/m.sql": "{{ config(materialized='table') }} select 1 as id",
    })
    await project.run()
    assert.equal(await project.value("select reloptions from pg_class where oid = 'm'::regclass"), "{fillfactor=70}")
  })

  it("makes views (create_view_as), also where one is there", async () => {
    const project = await warehouse.project({
      "macros/m.sql":
        "{% macro create_view_as(relation, sql) %}create view {{ relation }} as select *, {{ var('v') }} as v from ({{ sql }}) q{% endmacro %}",
      "models/m.sql": "select 1 as id",
    })
    await project.run("run", { vars: { v: 1 } })
    await project.run("run", { vars: { v: 2 } })
    assert.deepEqual(await project.rows("select * from m"), ["1|2"])
  })

  it("names schemas, aliases (generate_schema_name, generate_alias_name)", async () => {
    const project = await warehouse.project({
      "macros/m.sql": `
        {% macro generate_schema_name(custom_schema_name, node) %}{{ target.schema }}{{ '_x_' ~ custom_schema_name if custom_schema_name }}{% endmacro %}
        {% macro generate_alias_name(custom_alias_name, node) %}t_{{ node.name }}{% endmacro %}`,
      "models/m.sql": "{{ config(schema='mart') }} select 1 as id",
      "models/n.sql": "select * from {{ ref('m') }}",
    })
    await project.run()
    assert.deepEqual(await project.rows(`select * from ${project.schema}_x_mart.t_m, t_n`), ["1|1"])
  })

  it("merges (get_merge_sql, default__get_merge_sql)", async () => {
    for (const name of ["get_merge_sql", "default__get_merge_sql", "postgres__get_merge_sql"]) {
      const project = await warehouse.project({
        "macros/m.sql": `{% macro ${name}(target, source, unique_key, dest_columns, incremental_predicates=none) %}
          insert into {{ target }} select id * 100 from {{ source }}
        {% endmacro %}`,
        "models/m.sql":
          "{{ config(materialized='incremental', incremental_strategy='merge', unique_key='id') }} select 1 as id",
      })
      await project.run()
      await project.run()
      assert.deepEqual(await project.rows("select * from m order by 1"), ["1", "100"], name)
    }
  })

  it("resolves refs (ref), with the built-in one at hand", async () => {
    const project = await warehouse.project({
      "macros/m.sql": "{% macro ref(name) %}{% do return(builtins.ref(name).include(database=false)) %}{% endmacro %}",
      "models/a.sql": "{{ config(materialized='table') }} select 1 as id",
      "models/b.sql": "select * from {{ ref('a') }}",
    })
    const run = await project.run()
    assert.equal(run.of("b").compiledCode, `select * from "${project.schema}"."a"`)
  })
})

describe("numbers of YAML", () => {
  it("stay what they are on their way to templates", async () => {
    const project = await warehouse.project({
      "dbt_project.yml":
        "name: shop\nversion: '1.0'\nprofile: shop\nvars: {whole: 1, real: 1.0, more: {deep: [2.0, 2]}}\n",
      "models/m.sql":
        "select '{{ config.get('meta').real }} {{ config.get('meta').whole }} {{ var('real') }} {{ var('whole') }} {{ var('more').deep }} {{ model.config.meta.half }}' as said",
      "models/m.yml": "models: [{name: m, config: {meta: {real: 1.0, whole: 1, half: 0.5}}}]",
    })
    await project.run()
    assert.deepEqual(await project.rows("select * from m"), ["1.0 1 1.0 1 [2.0, 2] 0.5"])
  })
})

describe("templates that ask the database", () => {
  it("get rows by run_query, statement and load_result", async () => {
    const project = await warehouse.project({
      "models/a.sql":
        "{{ config(materialized='table') }} select i, i * 1.5 as f, i % 2 = 0 as b, null as n, 'x' || i as t, date '2026-01-01' + i as d from generate_series(1, 2) i",
      "models/m.sql": `
{% set rows = run_query("select * from " ~ ref('a') ~ " order by i") %}
{% if execute %}
{% call statement('total', fetch_result=True) %}select sum(i) as s from {{ ref('a') }}{% endcall %}
select
{% for row in rows %}
  '{{ row.i }} {{ row['f'] }} {{ row[2] }} {{ row.n }} {{ row.t }} {{ row.d }}' as c{{ loop.index }},
{% endfor %}
  {{ load_result('total')['data'][0][0] }} as total,
  '{{ rows.columns[0].values() | join("-") }} {{ rows.column_names | join(",") }} {{ dbt_utils_like(ref("a")) }}' as more
{% endif %}`,
      "macros/u.sql":
        "{% macro dbt_utils_like(relation) %}{{ return(adapter.get_columns_in_relation(relation) | map(attribute='dtype') | join(' ')) }}{% endmacro %}",
    })
    await project.run()
    assert.deepEqual(await project.rows("select * from m"), [
      "1 1.5 False None x1 2026-01-02|2 3.0 True None x2 2026-01-03|3|1-2 i,f,b,n,t,d integer numeric boolean text text date",
    ])
  })

  it("leave what they did in a transaction that fails undone", async () => {
    const project = await warehouse.project({
      "models/m.sql":
        "{% if execute %}{% do run_query('create table ' ~ target.schema ~ '.side (x int)') %}{% endif %} select nowhere",
    })
    await project.attempt("run")
    await project.run("run", { exclude: ["m"] })
  })
})

describe("an error", () => {
  it("of SQL names its line in the compiled query", async () => {
    const project = await warehouse.project({
      "models/e.sql": "{{ config(materialized='ephemeral') }}\nselect 1 as id",
      "models/m.sql":
        "{{ config(materialized='table') }}\n\nselect id,\n  'ü' as x,\n  {{ 'nowhere' }}\nfrom {{ ref('e') }}",
    })
    const { error, compiledCode } = (await project.attempt("run")).of("m")
    assert.equal(error!.kind, "database")
    assert.equal(error!.sqlState, "42703")
    assert.match(compiledCode!.split("\n")[error!.compiledLine! - 1]!, /nowhere/)
  })

  it("of SQL that a macro runs names the macro and the line that called it", async () => {
    const project = await warehouse.project({
      "macros/m.sql": "\n{% macro ask() %}\n  {% do run_query('select nowhere') %}\n{% endmacro %}",
      "models/m.sql": "select 1 as id\n{{ ask() }}",
    })
    const { message, error } = (await project.attempt("run")).of("m")
    assert.match(message!, /column "nowhere" does not exist/)
    assert.match(message!, /in macro ask \(macros\/m.sql:3\)/)
    assert.deepEqual([error!.file, error!.line, error!.kind], ["macros/m.sql", 3, "database"])
  })

  it("of a template names file and line, and the macros on the way", async () => {
    const project = await warehouse.project({
      "macros/m.sql":
        "{% macro inner() %}\n{{ exceptions.raise_compiler_error('stop here') }}\n{% endmacro %}\n{% macro outer() %}\n\n{{ inner() }}{% endmacro %}",
      "models/m.sql": "select 1\n\n{% if execute %}{{ outer() }}{% endif %}",
    })
    const { message, error } = (await project.attempt("run")).of("m")
    assert.deepEqual(message!.split("\n").slice(0, 4), [
      "stop here",
      "  in macro inner (macros/m.sql:2)",
      "  in macro outer (macros/m.sql:6)",
      "  in models/m.sql:3",
    ])
    assert.deepEqual([error!.file, error!.line, error!.kind], ["macros/m.sql", 2, "compilation"])
  })

  it("of a ref that only a run knows says how to declare it", async () => {
    const project = await warehouse.project({
      "models/a.sql": "select 1 as id",
      "models/m.sql": "{% if execute %}select * from {{ ref('a') }}{% else %}select 1{% endif %}",
    })
    const run = await project.attempt("run")
    if (run.of("m").status === "error") assert.match(run.of("m").message!, /depends_on: \{\{ ref\('a'\) \}\}/)
  })

  it("does not come in the way of the next node on the same thread", async () => {
    const project = await warehouse.project({
      "models/a.sql":
        "{{ config(materialized='table', pre_hook='create temp table left_over (x int)') }} select nowhere",
      "models/b.sql":
        "{{ config(materialized='table', pre_hook='create temp table left_over (x int)') }} select 1 as id",
    })
    const run = await project.attempt("run")
    assert.deepEqual(run.statuses.sort(), ["a error", "b success"])
  })
})

describe("show and compile", () => {
  it("give rows and queries, and build nothing", async () => {
    const project = await warehouse.project({
      "models/e.sql": "{{ config(materialized='ephemeral') }} select i as id, null as n from generate_series(1, 9) i",
      "models/m.sql": "select * from {{ ref('e') }} order by 1",
    })
    const shown = await project.run("show", { select: ["m"], limit: 2 })
    assert.deepEqual(shown.of("m").preview, {
      columns: ["id", "n"],
      rows: [
        ["1", null],
        ["2", null],
      ],
    })
    const compiled = await project.run("compile")
    assert.match(compiled.of("m").compiledCode!, /^with __dbt__cte__e as/)
    assert.deepEqual(
      await project.rows("select relname from pg_class where relnamespace = current_schema()::regnamespace"),
      [],
    )
  })
})
