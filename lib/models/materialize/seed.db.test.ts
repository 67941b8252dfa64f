import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { DbtWarehouse } from "#test/dbt-warehouse.ts"

const warehouse = DbtWarehouse.use()
const TYPES =
  "select string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' order by attnum) from pg_attribute where attrelid = 's'::regclass and attnum > 0 and not attisdropped"
const config = (yaml: string) => `seeds:\n  - name: s\n    config: ${yaml}\n`

describe("seed", () => {
  it("gets the types of its values", async () => {
    const csv =
      "id,price,day,at,is_open,name,empty\n1,1.50,2026-01-02,2026-01-02 03:04:05,true,Ann,\n2,2,2026-01-03,2026-01-03 00:00:00,False,Bob,\n"
    const project = await warehouse.project({ "seeds/s.csv": csv })
    const run = await project.run("seed")
    assert.equal(run.of("s").message, "INSERT 2")
    assert.equal(
      await project.value(TYPES),
      "id integer, price double precision, day date, at timestamp without time zone, is_open boolean, name text, empty integer",
    )
    assert.deepEqual(await project.rows("select id, price, is_open, name, empty from s order by 1"), [
      "1|1.5|t|Ann|null",
      "2|2|f|Bob|null",
    ])
  })

  it("keeps what CSV quotes, and lines within values", async () => {
    const csv = `id,text\n1,"a, ""b"""\n2,"two\nlines\t\\N"\n3,' spaced '\n4,"null"\n`
    const project = await warehouse.project({ "seeds/s.csv": `\uFEFF${csv}` })
    await project.run("seed")
    assert.deepEqual(await project.rows("select text from s order by id"), [
      'a, "b"',
      "two\nlines\t\\N",
      "' spaced '",
      "null",
    ])
    assert.equal(await project.value("select text is null from s where id = 4"), "t")
  })

  it("takes types from column_types, and quotes or folds names as quote_columns says", async () => {
    const project = await warehouse.project({
      "seeds/s.csv": "Id,Zip\n1,00501\n2,10001\n",
      "seeds/s.yml": config("{column_types: {Id: bigint, Zip: varchar(5)}, quote_columns: true}"),
    })
    await project.run("seed")
    assert.equal(await project.value(TYPES), "Id bigint, Zip character varying(5)")
    assert.deepEqual(await project.rows('select "Zip" from s order by 1'), ["00501", "10001"])
    project.write({ "seeds/s.yml": config("{column_types: {Id: bigint, Zip: varchar(5)}, quote_columns: false}") })
    await project.run("seed", { fullRefresh: true })
    assert.equal(await project.value(TYPES), "id bigint, zip character varying(5)")
    await project.run("seed")
    assert.equal(await project.value("select count(*) from s"), "2")
  })

  it("reads files with another delimiter", async () => {
    const project = await warehouse.project({
      "seeds/s.csv": "a;b\n1;x,y\n",
      "seeds/s.yml": config("{delimiter: ';'}"),
    })
    await project.run("seed")
    assert.deepEqual(await project.rows("select * from s"), ["1|x,y"])
  })

  it("replaces the rows and keeps the table, and builds it anew in a full refresh with what reads it", async () => {
    const project = await warehouse.project({ "seeds/s.csv": "id\n1\n" })
    await project.run("seed")
    await project.execute("create view reader as select * from s")
    const oid = await project.value("select 's'::regclass::oid")
    project.write({ "seeds/s.csv": "id\n2\n3\n" })
    await project.run("seed")
    assert.deepEqual(await project.rows("select * from reader order by 1"), ["2", "3"])
    assert.equal(await project.value("select 's'::regclass::oid"), oid)
    project.write({ "seeds/s.csv": "id,name\n4,x\n" })
    await project.run("seed", { fullRefresh: true })
    assert.deepEqual(await project.rows("select s.*, reader.id from s, reader"), ["4|x|4"])
  })

  it("says which columns its table lacks, and leaves it as it was", async () => {
    const project = await warehouse.project({ "seeds/s.csv": "id\n1\n" })
    await project.run("seed")
    project.write({ "seeds/s.csv": "id,name\n2,x\n" })
    const { status, message } = (await project.attempt("seed")).of("s")
    assert.equal(status, "error")
    assert.match(message!, /columns that its table lacks: name.*--full-refresh/)
    assert.deepEqual(await project.rows("select * from s"), ["1"])
  })

  it("fills only the columns of the file where the table has more", async () => {
    const project = await warehouse.project({ "seeds/s.csv": "id,name\n1,x\n" })
    await project.run("seed")
    project.write({ "seeds/s.csv": "id\n2\n" })
    await project.run("seed")
    assert.deepEqual(await project.rows("select * from s"), ["2|null"])
  })

  it("of a file that is no CSV names the file and the line, and leaves the table as it was", async () => {
    const project = await warehouse.project({ "seeds/s.csv": "id,name\n1,x\n" })
    await project.run("seed")
    project.write({ "seeds/s.csv": "id,name\n1,x\n2,y,z\n" })
    const { status, message, error } = (await project.attempt("seed")).of("s")
    assert.equal(status, "error")
    assert.match(message!, /Seed s is no valid CSV file: .*line 3/)
    assert.match(error!.file!, /seeds\/s\.csv/)
    assert.equal(error!.line, 3)
    assert.equal(error!.kind, "data")
    assert.deepEqual(await project.rows("select * from s"), ["1|x"])
  })

  it("of a value that does not fit its type names the column, and leaves the table as it was", async () => {
    const project = await warehouse.project({
      "seeds/s.csv": "id,name\n1,x\n",
      "seeds/s.yml": config("{column_types: {id: int}}"),
    })
    await project.run("seed")
    project.write({ "seeds/s.csv": "id,name\n1,x\none,y\n" })
    const { status, message } = (await project.attempt("seed")).of("s")
    assert.equal(status, "error")
    assert.match(message!, /invalid input syntax for type integer: "one" \(row 2, column id\)/)
    assert.deepEqual(await project.rows("select * from s"), ["1|x"])
  })

  it("refuses two columns of one name, a nameless one and a file without a header", async () => {
    for (const [csv, said] of [
      ["id,ID\n1,2\n", /column.*ID.*twice/],
      ["id,\n1,2\n", /column 2 .*no name/],
      ["", /has no header/],
    ] as const) {
      const project = await warehouse.project({ "seeds/s.csv": csv, "seeds/s.yml": config("{quote_columns: false}") })
      const { status, message } = (await project.attempt("seed")).of("s")
      assert.equal(status, "error")
      assert.match(message!, said)
    }
  })

  it("may have no rows", async () => {
    const project = await warehouse.project({ "seeds/s.csv": "id,name\n" })
    await project.run("seed")
    await project.run("seed")
    assert.equal(await project.value("select count(*) from s"), "0")
  })

  it("runs hooks, and models read it", async () => {
    const project = await warehouse.project({
      "seeds/s.csv": "id\n1\n",
      "seeds/s.yml": config(
        "{post-hook: 'alter table {{ this }} add column if not exists extra int default 9', indexes: [{columns: [id]}]}",
      ),
      "models/m.sql": "select * from {{ ref('s') }}",
    })
    await project.run("build")
    assert.deepEqual(await project.rows("select * from m"), ["1|9"])
    assert.equal(await project.value("select count(*) from pg_indexes where schemaname = current_schema()"), "1")
  })

  it("gives no rows with --empty", async () => {
    const project = await warehouse.project({
      "seeds/s.csv": "id\n1\n",
      "models/m.sql": "select * from {{ ref('s') }}",
    })
    await project.run("build", { empty: true })
    assert.equal(await project.value("select count(*) from m"), "0")
  })
})
