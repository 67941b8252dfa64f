import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { DbtWarehouse } from "#test/dbt-warehouse.ts"

const warehouse = DbtWarehouse.use()

describe("view", () => {
  it("is created from the query", async () => {
    const project = await warehouse.project({ "models/a.sql": "select 1 as id" })
    const run = await project.run()
    assert.deepEqual(await project.rows("select * from a"), ["1"])
    assert.equal(run.of("a").message, "CREATE VIEW")
  })

  it("is replaced where it stands, so that what reads it stays the same relation", async () => {
    const project = await warehouse.project({ "models/a.sql": "select 1 as id" })
    await project.run()
    await project.execute("create view reader as select * from a; create materialized view kept as select * from a")
    const before = await project.rows("select 'a'::regclass::oid, 'reader'::regclass::oid, 'kept'::regclass::oid")
    project.write({ "models/a.sql": "select 2 as id, 'new' as name" })
    await project.run()
    assert.deepEqual(await project.rows("select id, name from a"), ["2|new"])
    assert.deepEqual(await project.rows("select * from reader"), ["2"])
    const after = await project.rows("select 'a'::regclass::oid, 'reader'::regclass::oid, 'kept'::regclass::oid")
    assert.deepEqual(after, before)
  })

  it("whose columns change is swapped, and views that read it read the new one", async () => {
    const project = await warehouse.project({ "models/a.sql": "select 1 as id, 'x' as gone" })
    await project.run()
    await project.execute(`
      create view near as select id from a;
      create view far with (security_barrier) as select id + 1 as more from near`)
    project.write({ "models/a.sql": "select 5 as id" })
    const run = await project.run()
    assert.deepEqual(await project.rows("select near.id, far.more from near, far"), ["5|6"])
    assert.equal(
      await project.value(
        "select reloptions from pg_class where relname = 'far' and relnamespace = current_schema()::regnamespace",
      ),
      "{security_barrier=true}",
    )
    assert.deepEqual(run.of("a").warnings, [])
    assert.deepEqual(
      await project.rows("select relname from pg_class where relnamespace = current_schema()::regnamespace order by 1"),
      ["a", "far", "near"],
    )
  })

  it("drops views that no longer fit, and says so", async () => {
    const project = await warehouse.project({ "models/a.sql": "select 1 as id, 'x' as gone" })
    await project.run()
    await project.execute(
      "create view fits as select id from a; create view broken as select gone from a; create view behind as select * from broken",
    )
    project.write({ "models/a.sql": "select 5 as id" })
    const { warnings } = (await project.run()).of("a")
    assert.deepEqual(
      await project.rows("select viewname from pg_views where schemaname = current_schema() order by 1"),
      ["a", "fits"],
    )
    assert.equal(warnings.length, 2)
    assert.match(warnings[0]!, /view "s\d+"\."broken" no longer fits .* is dropped: column .*gone.* does not exist/)
    assert.match(warnings[1]!, /view "s\d+"\."behind"/)
  })

  it("takes the place of a table, whose readers then read the view", async () => {
    const project = await warehouse.project({ "models/a.sql": "{{ config(materialized='table') }} select 1 as id" })
    await project.run()
    await project.execute("create view reader as select * from a")
    project.write({ "models/a.sql": "select 2 as id" })
    await project.run()
    assert.deepEqual(await project.rows("select relkind from pg_class where oid = 'a'::regclass"), ["v"])
    assert.deepEqual(await project.rows("select * from reader"), ["2"])
  })

  it("of a query that fails leaves the old one untouched, and shows the failing line", async () => {
    const project = await warehouse.project({ "models/a.sql": "select 1 as id" })
    await project.run()
    project.write({ "models/a.sql": "select\n  1 as id,\n  nowhere\n" })
    const { status, message, error } = (await project.attempt("run")).of("a")
    assert.equal(status, "error")
    assert.match(message!, /column "nowhere" does not exist/)
    assert.equal(error?.compiledLine, 3)
    assert.deepEqual(await project.rows("select * from a"), ["1"])
  })
})
