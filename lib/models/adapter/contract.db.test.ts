import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { DbtWarehouse } from "#test/dbt-warehouse.ts"

const warehouse = DbtWarehouse.use()
const contract = (columns: string, more = "") => ({
  "models/m.yml": `models:\n  - name: m\n    config: {contract: {enforced: true}}\n${more}    columns:\n${columns
    .trim()
    .split("\n")
    .map((line) => `      - ${line.trim()}\n`)
    .join("")}`,
})
const model = (sql: string, materialized = "table") => ({
  "models/m.sql": `{{ config(materialized='${materialized}') }}\n${sql}`,
})

describe("an enforced contract", () => {
  for (const materialized of ["view", "table", "incremental"]) {
    it(`that a ${materialized} breaks shows what differs, and builds nothing`, async () => {
      const project = await warehouse.project({
        ...model("select 1 as id, 'x'::text as name, 1.5::numeric(10,2) as price, now() as extra", materialized),
        ...contract(`
          {name: ID, data_type: int}
          {name: name, data_type: integer}
          {name: price, data_type: "numeric(12,4)"}
          {name: gone, data_type: date}`),
      })
      const { status, message } = (await project.attempt("run")).of("m")
      assert.equal(status, "error")
      assert.equal(
        message!.slice(message!.indexOf("|")).split("\n  in macro")[0],
        `| column_name | definition_type          | contract_type | mismatch_reason       |
| ----------- | ------------------------ | ------------- | --------------------- |
| name        | text                     | integer       | data type mismatch    |
| gone        |                          | date          | missing in definition |
| extra       | timestamp with time zone |               | missing in contract   |`,
      )
      assert.deepEqual(
        await project.rows(
          "select relname from pg_class where relname = 'm' and relnamespace = current_schema()::regnamespace",
        ),
        [],
      )
    })
  }

  it("that a table keeps gives it the types and constraints, in the contract's order", async () => {
    const project = await warehouse.project({
      ...model("select 'x' as name, 1.5 as price, 1::bigint as id"),
      "models/other.sql":
        "{{ config(materialized='table', post_hook='alter table {{ this }} add primary key (id)') }} select 1 as id",
      ...contract(
        `
          {name: id, data_type: bigint, constraints: [{type: not_null}, {type: primary_key}, {type: check, expression: id > 0}]}
          {name: name, data_type: varchar(10), constraints: [{type: unique}]}
          {name: price, data_type: "numeric(10,2)"}`,
        "    constraints:\n      - {type: check, expression: price < 100, name: cheap}\n      - {type: foreign_key, columns: [id], to: ref('other'), to_columns: [id]}\n",
      ),
    })
    await project.run()
    assert.deepEqual(
      await project.rows(
        "select attname, format_type(atttypid, atttypmod), attnotnull from pg_attribute where attrelid = 'm'::regclass and attnum > 0 order by attnum",
      ),
      ["id|bigint|t", "name|character varying(10)|f", "price|numeric(10,2)|f"],
    )
    const constraints = await project.rows(
      "select contype, regexp_replace(pg_get_constraintdef(oid), 's\\d+\\.', '') from pg_constraint where conrelid = 'm'::regclass and contype <> 'n' order by 1, 2",
    )
    assert.deepEqual(constraints, [
      "c|CHECK ((id > 0))",
      "c|CHECK ((price < (100)::numeric))",
      "f|FOREIGN KEY (id) REFERENCES other(id)",
      "p|PRIMARY KEY (id)",
      "u|UNIQUE (name)",
    ])
    await project.run()
    assert.deepEqual(await project.rows("select * from m"), ["1|x|1.50"])
  })

  it("takes texts of all kinds for one, and numbers of a kind, but not whole numbers of 32 and 64 bits", async () => {
    const project = await warehouse.project({
      ...model("select 'x' as a, 1::smallint as b, 1::real as c"),
      ...contract("{name: a, data_type: varchar(5)}\n{name: b, data_type: int}\n{name: c, data_type: float}"),
    })
    await project.run()
    project.write({ ...model("select 1 as id"), ...contract("{name: id, data_type: bigint}") })
    assert.match((await project.attempt("run")).of("m").message!, /id +\| integer +\| bigint +\| data type mismatch/)
  })

  it("refuses rows that break a constraint, and leaves the old table", async () => {
    const yaml = contract("{name: id, data_type: int, constraints: [{type: not_null}]}")
    const project = await warehouse.project({ ...model("select 1 as id"), ...yaml })
    await project.run()
    project.write(model("select null::int as id"))
    const { status, message } = (await project.attempt("run")).of("m")
    assert.equal(status, "error")
    assert.match(message!, /violates not-null constraint/)
    assert.deepEqual(await project.rows("select * from m"), ["1"])
  })

  it("needs a type for each column", async () => {
    const project = await warehouse.project({ ...model("select 1 as id"), ...contract("{name: id}") })
    const { status, message } = await project.attempt("run").then(
      (run) => run.of("m"),
      (error: Error) => ({ status: "error", message: error.message }),
    )
    assert.equal(status, "error")
    assert.match(message!, /data_type/)
  })

  it("is kept on later runs of an incremental model", async () => {
    const project = await warehouse.project({
      "models/m.sql":
        "{{ config(materialized='incremental', on_schema_change='append_new_columns') }} select {{ var('value', 1) }} as id",
      ...contract("{name: id, data_type: int}"),
    })
    await project.run()
    await project.run()
    const { status } = (await project.attempt("run", { vars: { value: "'x'" } })).of("m")
    assert.equal(status, "error")
    assert.equal(await project.value("select count(*) from m"), "2")
  })
})
