import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { DbtWarehouse } from "#test/dbt-warehouse.ts"

const warehouse = DbtWarehouse.use()

const MODELS = {
  "models/customers.sql":
    "select 1 as id, 'Ann'::text as name, 1.5::numeric as amount, null::date as born, false as is_vip",
  "models/orders.sql":
    "{{ config(materialized='table') }} select 1 as id, 1 as customer_id, timestamp '2024-01-01' as at, '{}'::jsonb as extra",
  "models/m.sql": `
select customers.id, upper(customers.name) as name, count(o.id) as orders, coalesce(customers.amount, 0) as amount, max(o.extra ->> 'k') as k
from {{ ref('customers') }}
left join {{ ref('orders') }} o on o.customer_id = customers.id
group by customers.id, customers.name, customers.amount`,
}

const tests = (yaml: string) => ({ "models/unit.yml": `unit_tests:\n${yaml}` })

const TEST = `
  - name: t
    model: m
    given:
      - input: ref('customers')
        rows:
          - {id: 1, name: ann, amount: 2.50}
          - {id: 2, name: "it's \\\\ bob"}
          - {id: 3}
      - input: ref('orders')
        rows:
          - {id: 10, customer_id: 1, extra: '{"k": "v"}'}
          - {id: 11, customer_id: 1}
    expect:
      rows:
        - {id: 2, name: "IT'S \\\\ BOB", orders: 0, amount: 0}
        - {id: 1, name: ANN, orders: 2, amount: 2.5}
        - {id: 3, name: null, orders: 0}
`

describe("a unit test", () => {
  it("runs its model's query over the given rows, and reads nothing else", async () => {
    const project = await warehouse.project({
      ...MODELS,
      ...tests(TEST.replace("{id: 3, name: null, orders: 0}", "{id: 3, name: null, orders: 0, amount: 0.00}")),
    })
    const run = await project.run("build")
    assert.deepEqual(
      run.statuses,
      ["orders success", "customers success", "t pass", "m success"].sort(
        (a, b) => run.statuses.indexOf(a) - run.statuses.indexOf(b),
      ),
    )
    assert.ok(run.statuses.indexOf("t pass") < run.statuses.indexOf("m success"))
    const { compiledCode } = run.of("t")
    assert.doesNotMatch(compiledCode!, new RegExp(`"${project.schema}"`))
  })

  it("that fails shows what differs, and keeps its model and what is built from it from being built", async () => {
    const project = await warehouse.project({
      ...MODELS,
      "models/next.sql": "select * from {{ ref('m') }}",
      ...tests(
        TEST.replace("orders: 2", "orders: 3").replace(
          "{id: 3, name: null, orders: 0}",
          "{id: 4, name: Zoe, orders: 9}",
        ),
      ),
    })
    const run = await project.attempt("build")
    const { status, failures, message } = run.of("t")
    assert.deepEqual([status, failures], ["fail", 1])
    assert.match(message!, /^Actual differs from expected:\n\n/)
    assert.match(message!, /\| → +\| 1 +\| ANN +\| 3→2 +\| 2\.5 +\|/)
    assert.match(message!, /\| --- \| 4 +\| Zoe +\| 9 +\|/)
    assert.equal(run.of("m").status, "skipped")
    assert.equal(run.of("next").status, "skipped")
    assert.deepEqual(
      await project.rows(
        "select relname from pg_class where relname = 'm' and relnamespace = current_schema()::regnamespace",
      ),
      [],
    )
  })

  it("compares only the columns of its expectation", async () => {
    const project = await warehouse.project({
      ...MODELS,
      ...tests(
        "  - {name: t, model: m, given: [{input: ref('customers'), rows: [{id: 7}]}, {input: ref('orders'), rows: []}], expect: {rows: [{ID: 7}]}}",
      ),
    })
    await project.run("build")
  })

  it("expects no rows where it lists none", async () => {
    const given = (rows: string) =>
      tests(
        `  - {name: t, model: m, given: [{input: ref('customers'), rows: ${rows}}, {input: ref('orders'), rows: []}], expect: {rows: []}}`,
      )
    const project = await warehouse.project({ ...MODELS, ...given("[]") })
    await project.run("build")
    project.write(given("[{id: 1}]"))
    assert.equal((await project.attempt("test")).of("t").status, "fail")
  })

  it("takes rows as CSV, as SQL and from fixture files", async () => {
    const project = await warehouse.project({
      ...MODELS,
      "tests/fixtures/some_orders.csv": "id,customer_id,at\n1,5,2024-01-01\n2,5,\n",
      "tests/fixtures/result.sql": "select 5 as id, 2::bigint as orders",
      ...tests(`
  - name: t
    model: m
    given:
      - {input: ref('customers'), format: sql, rows: "select 5 as id, 'x'::text as name, null::numeric as amount"}
      - {input: ref('orders'), format: csv, fixture: some_orders}
    expect: {format: sql, fixture: result}
  - name: u
    model: m
    given:
      - input: ref('customers')
        format: csv
        rows: |
          id,name,amount
          1,"a, b",
          2,,1.5
      - {input: ref('orders'), rows: []}
    expect:
      format: csv
      rows: |
        id,name,amount,orders
        1,"A, B",0,0
        2,,1.50,0
`),
    })
    await project.run("build")
  })

  it("stands in for sources, seeds, snapshots and ephemeral models", async () => {
    const project = await warehouse.project({
      "models/s.yml": 'sources: [{name: raw, schema: "{{ target.schema }}", tables: [{name: events, identifier: ev}]}]',
      "models/base.sql": "select 1 as id",
      "models/eph.sql": "{{ config(materialized='ephemeral') }} select id, 'x' as tag from {{ ref('base') }}",
      "seeds/seeded.csv": "id\n1\n",
      "snapshots/h.sql":
        "{% snapshot h %}{{ config(strategy='check', check_cols='all', unique_key='id') }} select 1 as id{% endsnapshot %}",
      "models/m.sql":
        "select e.id, eph.tag, seeded.id as s, h.id as h from {{ source('raw', 'events') }} e join {{ ref('eph') }} eph using (id) join {{ ref('seeded') }} on true join {{ ref('h') }} on true",
      ...tests(`
  - name: t
    model: m
    given:
      - {input: "source('raw', 'events')", rows: [{id: 4}]}
      - {input: ref('eph'), rows: [{id: 4, tag: y}]}
      - {input: ref('seeded'), rows: [{id: 5}]}
      - {input: ref('h'), rows: [{id: 6}]}
    expect: {rows: [{id: 4, tag: y, s: 5, h: 6}]}
`),
    })
    await project.execute("create table ev (id int)")
    await project.run("build")
  })

  it("overrides macros, vars and variables of the environment, for itself alone", async () => {
    const project = await warehouse.project({
      "macros/m.sql": "{% macro rate() %}2{% endmacro %}",
      "models/base.sql": "select 1 as id",
      "models/m.sql":
        "select id * {{ rate() }} * {{ var('times', 1) }} as x, '{{ env_var('WHERE', 'here') }}' as place, {{ dbt.current_timestamp() }}::date as today, '{{ dbt.type_string() }}' as t from {{ ref('base') }}",
      ...tests(`
  - name: t
    model: m
    overrides:
      macros: {rate: 10, dbt.current_timestamp: "'2024-01-01'", dbt.type_string: words}
      vars: {times: 3}
      env_vars: {WHERE: there}
    given: [{input: ref('base'), rows: [{id: 2}]}]
    expect: {rows: [{x: 60, place: there, today: 2024-01-01, t: words}]}
`),
    })
    await project.run("build", { env: {} })
    assert.deepEqual(await project.rows("select x, place, today = current_date, t from m"), ["2|here|t|TEXT"])
  })

  it("tests an incremental model as it begins, and as it goes on with rows for this", async () => {
    const project = await warehouse.project({
      "models/base.sql": "select 1 as id, date '2024-01-01' as day",
      "models/m.sql":
        "{{ config(materialized='incremental') }} select id, day from {{ ref('base') }} {% if is_incremental() %} where day > (select max(day) from {{ this }}) {% endif %}",
      ...tests(`
  - name: begins
    model: m
    given: [{input: ref('base'), rows: [{id: 1, day: 2024-01-01}, {id: 2, day: 2024-01-05}]}]
    expect: {rows: [{id: 1, day: 2024-01-01}, {id: 2, day: 2024-01-05}]}
  - name: goes_on
    model: m
    overrides: {macros: {is_incremental: true}}
    given:
      - {input: ref('base'), rows: [{id: 1, day: 2024-01-01}, {id: 2, day: 2024-01-05}]}
      - {input: this, rows: [{id: 9, day: 2024-01-03}]}
    expect: {rows: [{id: 2, day: 2024-01-05}]}
`),
    })
    await project.run("run")
    const run = await project.run("test")
    assert.deepEqual(run.statuses.sort(), ["begins pass", "goes_on pass"])
  })

  it("lets macros look at the columns of what it stands in for", async () => {
    const project = await warehouse.project({
      "models/base.sql": "select 1 as id, 'x' as name",
      "models/m.sql":
        "select {{ adapter.get_columns_in_relation(ref('base')) | map(attribute='name') | join(' || ') }} as joined from {{ ref('base') }} as b where b.id > 0",
      ...tests(
        "  - {name: t, model: m, given: [{input: ref('base'), rows: [{id: 3, name: y}]}], expect: {rows: [{joined: 3y}]}}",
      ),
    })
    await project.run("build")
  })

  it("says what is wrong with it", async () => {
    const given = (more: string, expect = "{rows: [{id: 1}]}") =>
      tests(`  - {name: t, model: m, given: [{input: ref('customers'), rows: [{id: 1}]}${more}], expect: ${expect}}`)
    const project = await warehouse.project({ ...MODELS, ...given("") })
    const said = async () => {
      const { status, message } = (await project.attempt("test")).of("t")
      assert.equal(status, "error")
      return message!
    }
    assert.match(
      await said(),
      /Input ref\('customers'\) of unit test t needs the columns of .*customers", which is not there\. Build it first/,
    )
    await project.run("run", { exclude: ["m"] })
    assert.match(await said(), /Unit test t gives no rows for ref\('orders'\), which its model reads\. Add an input/)
    project.write(given(", {input: ref('orders'), rows: [{idd: 1}]}"))
    assert.match(
      await said(),
      /Input ref\('orders'\) of unit test t has a column "idd" that is not there; did you mean "id"\?/,
    )
    project.write(given(", {input: ref('orders'), rows: []}", "{rows: [{gone: 1}]}"))
    assert.match(await said(), /The expectation of unit test t has a column "gone" that is not there/)
    project.write(given(", {input: ref('orders'), rows: [{at: someday}]}"))
    assert.match(await said(), /invalid input syntax for type timestamp/)
  })
})
