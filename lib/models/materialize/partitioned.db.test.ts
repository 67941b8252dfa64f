import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { DbtWarehouse } from "#test/dbt-warehouse.ts"

const warehouse = DbtWarehouse.use()
const SOURCES = 'sources:\n  - name: raw\n    schema: "{{ target.schema }}"\n    tables:\n      - name: input\n'
const PARTITIONS = `
  select c.relname ~ '^m_p', pg_get_expr(c.relpartbound, c.oid), pg_relation_size(c.oid) > 0
  from pg_inherits i join pg_class c on c.oid = i.inhrelid
  where i.inhparent = 'm'::regclass order by 2`

async function projectWith(config: string, type: string, rows: string) {
  const project = await warehouse.project({
    "models/m.sql": `{{ config(${config}) }} select * from {{ source('raw', 'input') }}`,
    "models/sources.yml": SOURCES,
  })
  await project.execute(`create table input (id int, "At" ${type}); insert into input values ${rows}`)
  return project
}

describe("partition_by", () => {
  it("declares a table as partitioned, with a partition for each range that has rows and one for the rest", async () => {
    const project = await projectWith(
      "materialized='table', partition_by={'field': 'At', 'granularity': 'month'}",
      "date",
      "(1, '2026-01-31'), (2, '2026-03-01'), (3, null)",
    )
    const run = await project.run()
    assert.equal(run.of("m").message, "SELECT 3")
    assert.deepEqual(await project.rows(PARTITIONS), [
      "t|DEFAULT|t",
      "t|FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')|t",
      "t|FOR VALUES FROM ('2026-03-01') TO ('2026-04-01')|t",
    ])
    await project.execute("create view reader as select count(*) from m")
    await project.run()
    assert.deepEqual(await project.rows("select * from reader"), ["3"])
    assert.equal(
      await project.value(
        "select count(*) from pg_class where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p')",
      ),
      "5",
    )
  })

  it("goes by days of a name alone, and by hours of instants", async () => {
    const daily = await projectWith(
      "materialized='table', partition_by='At'",
      "timestamptz",
      "(1, '2026-03-29 12:00+00')",
    )
    await daily.run()
    assert.equal((await daily.rows(PARTITIONS)).length, 2)
    const hourly = await projectWith(
      "materialized='table', partition_by={'field': 'At', 'granularity': 'hour'}",
      "timestamp",
      "(1, '2026-03-29 01:30'), (2, '2026-03-29 01:59'), (3, '2026-03-29 02:00')",
    )
    await hourly.run()
    assert.equal((await hourly.rows(PARTITIONS)).length, 3)
  })

  for (const type of ["date", "timestamp", "timestamptz"]) {
    it(`adds partitions to an incremental table as rows of new ranges come (${type})`, async () => {
      const project = await projectWith(
        "materialized='incremental', unique_key='id', incremental_strategy='merge', partition_by={'field': 'At', 'granularity': 'day'}",
        type,
        "(1, '2026-01-01'), (2, null)",
      )
      await project.run()
      await project.execute(
        "truncate input; insert into input values (1, '2026-01-01'), (3, '2026-01-02'), (4, '2026-01-01'), (5, null)",
      )
      await project.run()
      await project.execute("truncate input; insert into input values (6, '2026-01-03')")
      await project.run()
      assert.equal((await project.rows(PARTITIONS)).length, 4)
      assert.deepEqual(await project.rows('select id, "At"::date from m order by 1'), [
        "1|2026-01-01",
        "2|null",
        "3|2026-01-02",
        "4|2026-01-01",
        "5|null",
        "6|2026-01-03",
      ])
      await project.run("run", { fullRefresh: true })
      assert.deepEqual(await project.rows('select id, "At"::date from m order by 1'), ["6|2026-01-03"])
    })
  }

  it("is the same in any time zone of the session", async () => {
    const project = await projectWith(
      "materialized='incremental', partition_by='At', pre_hook=\"set timezone to '{{ var('zone') }}'\"",
      "timestamptz",
      "(1, '2026-06-01 23:30+00')",
    )
    await project.run("run", { vars: { zone: "America/New_York" } })
    await project.execute(
      "truncate input; insert into input values (2, '2026-06-01 23:45+00'), (3, '2026-06-02 00:15+00')",
    )
    await project.run("run", { vars: { zone: "Asia/Tokyo" } })
    assert.deepEqual(await project.rows("select id from m order by 1"), ["1", "2", "3"])
  })

  it("has indexes on all partitions", async () => {
    const project = await projectWith(
      "materialized='incremental', partition_by='At', indexes=[{'columns': ['id']}]",
      "date",
      "(1, '2026-01-01')",
    )
    await project.run()
    await project.execute("truncate input; insert into input values (2, '2026-02-01')")
    await project.run()
    assert.equal(await project.value("select count(*) from pg_indexes where schemaname = current_schema()"), "4")
  })

  it("says what it needs where it is wrong", async () => {
    const project = await projectWith(
      "materialized='table', partition_by={'field': 'At', 'granularity': 'fortnight'}",
      "date",
      "(1, null)",
    )
    const { message } = (await project.attempt("run")).of("m")
    assert.match(message!, /partition_by of m needs a field and a granularity of hour, day, month, year/)
    for (const [by, said] of [
      ["'at'", /names "at", which its query does not give; did you mean "At"\?/],
      ["'id'", /needs a date or timestamp; "id" is integer/],
      ["{'field': 'At', 'granularity': 'hour'}", /needs a timestamp; "At" is date/],
    ] as const) {
      project.write({
        "models/m.sql": `{{ config(materialized='table', partition_by=${by}) }} select * from {{ source('raw', 'input') }}`,
      })
      assert.match((await project.attempt("run")).of("m").message!, said)
    }
  })

  it("makes a plain table into a partitioned one in a full refresh, and leaves it plain before", async () => {
    const project = await projectWith("materialized='incremental'", "date", "(1, '2026-01-01')")
    await project.run()
    project.write({
      "models/m.sql":
        "{{ config(materialized='incremental', partition_by='At') }} select * from {{ source('raw', 'input') }}",
    })
    const run = await project.run()
    assert.match(run.of("m").warnings.join(), /"m" is not partitioned .*--full-refresh/)
    await project.run("run", { fullRefresh: true })
    assert.equal((await project.rows(PARTITIONS)).length, 2)
  })

  it("keeps to an enforced contract", async () => {
    const project = await projectWith("materialized='table', partition_by='At'", "date", "(1, '2026-01-01')")
    project.write({
      "models/m.yml": `
models:
  - name: m
    config: {contract: {enforced: true}}
    columns:
      - {name: id, data_type: int, constraints: [{type: not_null}]}
      - {name: At, data_type: date, quote: true}
`,
    })
    await project.run()
    assert.equal(
      await project.value("select attnotnull from pg_attribute where attrelid = 'm'::regclass and attname = 'id'"),
      "t",
    )
  })
})
