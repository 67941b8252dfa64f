import assert from "node:assert/strict"
import { after, before, beforeEach, describe, it } from "node:test"
import pg from "pg"
import type { JsonObject } from "#lib/contracts/json.ts"
import { type ExtractOptions, extractOptionsSchema } from "#lib/contracts/operators/extract.ts"
import { AppError } from "#lib/domain/errors.ts"
import type { Connections } from "#lib/server/connections.ts"
import { createDatabase, createTestDatabase, type TestDatabase } from "#test/db.ts"
import { connectionsTo, type LogLines, makeOperatorContext } from "#test/operator-context.ts"
import { extractOperator } from "./extract.ts"

let database: TestDatabase
let source: pg.Pool
let warehouse: pg.Pool
let connections: Connections

before(async () => {
  database = await createTestDatabase()
  const shop = await createDatabase("shop")
  source = new pg.Pool({ connectionString: shop })
  source.on("error", () => {})
  warehouse = new pg.Pool({ connectionString: database.warehouseUrl })
  warehouse.on("error", () => {})
  connections = connectionsTo({ warehouse: database.warehouseUrl, connections: { shop } })
})
after(async () => {
  await Promise.all([source.end(), warehouse.end(), connections.end()])
  await database.drop()
})
beforeEach(async () => {
  await source.query(
    `drop schema public cascade; create schema public;
     create table orders (id bigint primary key, status text, total numeric(10,2), updated_at timestamptz);
     insert into orders values (1, 'new', 1.50, '2026-01-01 10:00:00.123456Z'), (2, 'paid', 2.00, '2026-01-01 11:00Z')`,
  )
  await warehouse.query("drop schema if exists raw cascade; drop schema if exists headrace cascade")
})

const BASE = {
  source: "shop",
  table: "public.orders",
  columns: ["id", "status", "total", "updated_at"],
  into: "raw.orders",
  keys: ["id"],
}
const INCREMENTAL = { incremental: { column: "updated_at", lookback: "10m" } }

function optionsOf(change: object = {}): ExtractOptions {
  return extractOptionsSchema.parse({ ...BASE, ...change })
}

async function extract(change: object = {}, given: object = {}) {
  const result = await extractOperator.run(makeOperatorContext({ options: optionsOf(change), connections, ...given }))
  const { rowsRead, rowsInserted, rowsUpdated, rowsDeleted } = result.metrics as Record<string, number>
  const watermark = (result.outputs as JsonObject).watermark
  return { read: rowsRead, inserted: rowsInserted, updated: rowsUpdated, deleted: rowsDeleted, watermark, result }
}

function counts({ read, inserted, updated, deleted }: Awaited<ReturnType<typeof extract>>) {
  return [read, inserted, updated, deleted]
}

async function rows(sql: string): Promise<unknown[]> {
  return (await warehouse.query({ text: sql, rowMode: "array" })).rows
}

describe("a full extract", () => {
  it("copies every row and keeps the source's types and microseconds", async () => {
    assert.deepEqual(counts(await extract()), [2, 2, 0, 0])
    assert.deepEqual(await rows("select id, total, updated_at::text, _headrace_deleted from raw.orders order by id"), [
      ["1", "1.50", "2026-01-01 10:00:00.123456+00", false],
      ["2", "2.00", "2026-01-01 11:00:00+00", false],
    ])
    assert.deepEqual(
      await rows(
        "select format_type(atttypid, atttypmod) from pg_attribute where attrelid = 'raw.orders'::regclass and attname = 'total'",
      ),
      [["numeric(10,2)"]],
    )
  })

  it("says nothing in the log but what it reads and writes", async () => {
    const lines: LogLines = []
    await extract({}, { lines })
    await extract({}, { lines })
    const said = /^(Reading all of|\d+ rows read,|\d+ rows inserted,)/
    assert.deepEqual(
      lines.filter(({ message }) => !said.test(message)),
      [],
    )
  })

  it("changes nothing when it runs again on the same rows", async () => {
    await extract()
    const before = await rows("select * from raw.orders order by id")
    assert.deepEqual(counts(await extract()), [2, 0, 0, 0])
    assert.deepEqual(await rows("select * from raw.orders order by id"), before)
  })

  it("appends a version for each row that changed, and keeps the old one", async () => {
    await extract()
    await source.query(
      "update orders set status = 'sent' where id = 2; insert into orders values (3, null, null, null)",
    )
    assert.deepEqual(counts(await extract()), [3, 2, 0, 0])
    assert.deepEqual(await rows("select id, status from raw.orders order by id, _headrace_version"), [
      ["1", "new"],
      ["2", "paid"],
      ["2", "sent"],
      ["3", null],
    ])
  })

  it("appends a version when a row goes back to what it was", async () => {
    await extract()
    await source.query("update orders set status = 'sent' where id = 2")
    await extract()
    await source.query("update orders set status = 'paid' where id = 2")
    assert.deepEqual(counts(await extract()), [2, 1, 0, 0])
    assert.deepEqual(counts(await extract()), [2, 0, 0, 0])
  })

  it("sees changes of letter case, scale of text and null that other comparisons miss", async () => {
    await source.query(
      "alter table orders add note jsonb, add tag text; update orders set tag = 'a', note = '{\"a\": 1}'",
    )
    const columns = [...BASE.columns, "note", "tag"]
    await extract({ columns })
    await source.query("update orders set tag = 'A' where id = 1; update orders set note = null where id = 2")
    assert.deepEqual(counts(await extract({ columns })), [2, 2, 0, 0])
  })

  it("marks deleted keys once, and brings them back when they return", async () => {
    await extract({ deletes: "mark" })
    await source.query("delete from orders where id = 1")
    assert.deepEqual(counts(await extract({ deletes: "mark" })), [1, 0, 0, 1])
    assert.deepEqual(counts(await extract({ deletes: "mark" })), [1, 0, 0, 0])
    await source.query("insert into orders values (1, 'new', 1.50, '2026-01-01 10:00:00.123456Z')")
    assert.deepEqual(counts(await extract({ deletes: "mark" })), [2, 1, 0, 0])
    assert.deepEqual(await rows("select _headrace_deleted from raw.orders where id = 1 order by _headrace_version"), [
      [false],
      [true],
      [false],
    ])
  })

  it("with upsert keeps one row a key and counts only real changes", async () => {
    const upsert = { write: "upsert", deletes: "mark" }
    assert.deepEqual(counts(await extract(upsert)), [2, 2, 0, 0])
    await source.query("update orders set status = 'sent' where id = 2; insert into orders values (3, 'new', 3, now())")
    assert.deepEqual(counts(await extract(upsert)), [3, 1, 1, 0])
    await source.query("delete from orders where id = 1")
    assert.deepEqual(counts(await extract(upsert)), [2, 0, 0, 1])
    assert.deepEqual(counts(await extract(upsert)), [2, 0, 0, 0])
    assert.deepEqual(await rows("select id, status, _headrace_deleted from raw.orders order by id"), [
      ["1", "new", true],
      ["2", "sent", false],
      ["3", "new", false],
    ])
  })

  it("adds a newly wanted column and fills it", async () => {
    await extract({ columns: ["id", "status"] })
    assert.deepEqual(counts(await extract({ columns: ["id", "status", "total"] })), [2, 2, 0, 0])
    assert.deepEqual(await rows("select id, total from raw.orders where total is not null order by id"), [
      ["1", "1.50"],
      ["2", "2.00"],
    ])
  })

  it("takes enums, domains and arrays of a source whose types the warehouse does not have", async () => {
    await source.query(
      `create type mood as enum ('low', 'high'); create domain code as varchar(3) check (value <> '');
       create table odd (id int primary key, m mood, ms mood[], c code, a int[], j json);
       insert into odd values (1, 'low', '{low,high}', 'ab', '{1,null}', '{"x":1}')`,
    )
    const odd = { table: "public.odd", columns: ["id", "m", "ms", "c", "a", "j"], into: "raw.odd" }
    assert.deepEqual(counts(await extract(odd)), [1, 1, 0, 0])
    assert.deepEqual(counts(await extract(odd)), [1, 0, 0, 0])
    assert.deepEqual(await rows("select m, ms, c, a, j from raw.odd"), [
      ["low", "{low,high}", "ab", [1, null], { x: 1 }],
    ])
  })

  it("moves far more than it holds in memory", async () => {
    await source.query(
      "create table wide as select g as id, repeat(md5(g::text), 40) as pad from generate_series(1, 200000) as g",
    )
    const wide = { table: "public.wide", columns: ["id", "pad"], into: "raw.wide" }
    const before = process.memoryUsage.rss()
    assert.deepEqual(counts(await extract(wide)), [200_000, 200_000, 0, 0])
    const grownMb = (process.memoryUsage.rss() - before) / 1_048_576
    assert.ok(grownMb < 130, `grew by ${grownMb} MB for 260 MB`)
  })

  it("quotes whatever names and values it meets", async () => {
    const table = `o"; drop table orders; --`
    const column = `we"ird, 'name' $1`
    const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`
    await source.query(
      `create table ${quoted(table)} (${quoted(column)} text primary key, "Select" int);
       insert into ${quoted(table)} values ('''; drop table orders; --', 1)`,
    )
    const evil = { table: `public.${table}`, columns: [column, "Select"], keys: [column], into: `raw.${table}` }
    assert.deepEqual(counts(await extract(evil)), [1, 1, 0, 0])
    assert.deepEqual(counts(await extract(evil)), [1, 0, 0, 0])
    assert.deepEqual(await rows(`select ${quoted(column)} from raw.${quoted(table)}`), [["'; drop table orders; --"]])
  })
})

describe("an incremental extract", () => {
  it("reads from the watermark on and stores how far it got", async () => {
    const first = await extract({ mode: INCREMENTAL })
    assert.equal(first.watermark, "2026-01-01 11:00:00+00")
    await source.query("insert into orders values (3, 'new', 3, '2026-01-01 12:00Z')")
    const second = await extract({ mode: INCREMENTAL })
    assert.deepEqual(counts(second), [2, 1, 0, 0])
    assert.deepEqual(second.result.materializations?.[0]?.watermark, {
      source: "shop.public.orders",
      column: "updated_at",
      before: "2026-01-01 11:00:00+00",
      after: "2026-01-01 12:00:00+00",
    })
    assert.deepEqual(counts(await extract({ mode: INCREMENTAL })), [1, 0, 0, 0])
  })

  it("loads a row that came in late but within the lookback, once", async () => {
    await extract({ mode: INCREMENTAL })
    await source.query("insert into orders values (9, 'late', 9, '2026-01-01 10:55Z')")
    assert.deepEqual(counts(await extract({ mode: INCREMENTAL })), [2, 1, 0, 0])
    assert.deepEqual(counts(await extract({ mode: INCREMENTAL })), [2, 0, 0, 0])
  })

  it("does not jump over a row whose transaction is in flight, however short the lookback", async () => {
    const mode = { incremental: { column: "updated_at", lookback: 0 } }
    await extract({ mode })
    const slow = await source.connect()
    await slow.query("begin; insert into orders values (5, 'slow', 5, now())")
    await source.query("insert into orders values (6, 'quick', 6, clock_timestamp())")
    assert.deepEqual(counts(await extract({ mode })), [2, 1, 0, 0])
    await slow.query("commit")
    slow.release()
    assert.equal((await extract({ mode })).inserted, 1)
    assert.deepEqual(await rows("select status from raw.orders where id = 5"), [["slow"]])
  })

  it("is not led astray by a row dated in the future", async () => {
    await source.query("insert into orders values (7, 'future', 7, now() + interval '10 years')")
    await extract({ mode: INCREMENTAL })
    await source.query("insert into orders values (8, 'now', 8, now())")
    assert.equal((await extract({ mode: INCREMENTAL })).inserted, 1)
  })

  it("keeps reading rows without a value in the watermark column", async () => {
    await extract({ mode: INCREMENTAL })
    await source.query("insert into orders values (4, 'undated', 4, null)")
    assert.equal((await extract({ mode: INCREMENTAL })).inserted, 1)
  })

  it("keeps the watermark when there was nothing to read", async () => {
    await extract({ mode: INCREMENTAL })
    await source.query("delete from orders")
    const empty = await extract({ mode: INCREMENTAL })
    assert.deepEqual(counts(empty), [0, 0, 0, 0])
    assert.equal(empty.watermark, "2026-01-01 11:00:00+00")
  })

  it("refuses a watermark column that is no time", async () => {
    await assert.rejects(
      extract({ mode: { incremental: { column: "id", lookback: "1m" } } }),
      (error: AppError) => error.code === "pipeline.invalid" && /bigint/.test(error.message),
    )
  })
})

describe("exactly one effect", () => {
  it("a retry after a crash between publish and finish returns the first try's result without loading", async () => {
    const options = optionsOf()
    const first = await extractOperator.run(makeOperatorContext({ options, connections, executionKey: "1:1:0" }))
    await source.query("update orders set status = 'moved on'")
    const lines: LogLines = []
    const again = await extractOperator.run(makeOperatorContext({ options, connections, executionKey: "1:1:0", lines }))
    assert.deepEqual(again, first)
    assert.equal((await rows("select * from raw.orders")).length, 2)
    assert.match(lines.map((line) => line.message).join(), /earlier attempt/)
  })

  it("loads again after a person cleared the task", async () => {
    await extract({}, { executionKey: "1:1:0" })
    await source.query("update orders set status = 'moved on' where id = 1")
    assert.equal((await extract({}, { executionKey: "1:1:1" })).inserted, 1)
  })

  it("an attempt that a later one has overtaken writes nothing", async () => {
    await extract({}, { attemptId: "900", executionKey: "1:1:0" })
    await source.query("update orders set status = 'late write'")
    await assert.rejects(
      extract({}, { attemptId: "899", executionKey: "1:2:0" }),
      (error: AppError) => error.code === "load.superseded" && error.retry === "later",
    )
    assert.equal((await rows("select * from raw.orders where status = 'late write'")).length, 0)
  })

  it("leaves everything as it was when the COPY breaks in the middle", async () => {
    await extract()
    await source.query("create view broken as select id, (1 / (id - 3))::int as x from generate_series(1, 5) as id")
    const view = { table: "public.broken", columns: ["id", "x"], into: "raw.broken" }
    await assert.rejects(extract(view), (error: AppError) => error.code === "data.invalid_row")
    assert.deepEqual(await rows("select to_regclass('raw.broken')"), [[null]])
    assert.deepEqual(
      await rows(
        "select relname from pg_class where relname like 'load_%' and relkind = 'r' and relname <> 'load_ledger'",
      ),
      [],
    )
  })
})

describe("what is wrong is said in one error", () => {
  it("names a vanished column, its table and the columns there are, and writes nothing", async () => {
    await extract()
    await source.query("alter table orders drop column status")
    await assert.rejects(extract(), (error: AppError) => {
      assert.equal(error.code, "source.column_missing")
      assert.equal(error.retry, "never")
      assert.match(
        error.message,
        /public\.orders of source "shop" has no column "status"; it has id, total, updated_at/,
      )
      return true
    })
    assert.equal((await rows("select * from raw.orders")).length, 2)
  })

  it("names a missing table", async () => {
    await assert.rejects(extract({ table: "public.gone" }), { code: "source.table_missing" })
  })

  it("refuses keys that do not tell rows apart", async () => {
    await source.query("update orders set status = 'same'")
    await assert.rejects(extract({ keys: ["status"] }), (error: AppError) => {
      return error.code === "data.invalid_row" && /have the same status/.test(error.message)
    })
    await assert.rejects(extract({ keys: ["status"], write: "upsert" }), { code: "data.invalid_row" })
  })

  it("refuses a null in a key and says in which line", async () => {
    await source.query("insert into orders values (3, null, 1, now())")
    await assert.rejects(extract({ keys: ["id", "status"] }), (error: AppError) => {
      return error.code === "data.invalid_row" && /line 3, column "status"/.test(error.message)
    })
  })

  it("refuses to load into a table that is not its own", async () => {
    await warehouse.query("create schema raw; create table raw.orders (id bigint)")
    await assert.rejects(extract(), { code: "pipeline.invalid" })
  })

  it("names a connection that refuses, never its password", async () => {
    const broken = connectionsTo({
      warehouse: database.warehouseUrl,
      connections: { shop: "postgresql://someone:s3cret@127.0.0.1:1/shop" },
    })
    await assert.rejects(extract({}, { connections: broken }), (error: AppError) => {
      assert.equal(error.code, "connection.failed")
      assert.equal(error.retry, "later")
      assert.match(error.message, /"shop".*HEADRACE_CONNECTION_SHOP/)
      assert.doesNotMatch(error.message, /s3cret/)
      return true
    })
    await broken.end()
  })

  it("stops within the statement when its attempt is cancelled", async () => {
    await source.query("create view slow as select id, pg_sleep(60)::text as x from generate_series(1, 5) as id")
    const stop = new AbortController()
    const reason = new AppError("attempt.cancelled", "stop")
    const running = extract(
      { table: "public.slow", columns: ["id", "x"], into: "raw.slow" },
      { signal: stop.signal, log: () => stop.abort(reason) },
    )
    await assert.rejects(running, reason)
    const { rows: left } = await source.query(
      "select 1 from pg_stat_activity where state = 'active' and query like 'copy%' and datname = current_database()",
    )
    assert.deepEqual(left, [])
  })
})
