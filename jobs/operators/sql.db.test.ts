import assert from "node:assert/strict"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import { after, before, beforeEach, describe, it } from "node:test"
import pg from "pg"
import type { Json, JsonObject } from "#lib/contracts/json.ts"
import { sqlOptionsSchema } from "#lib/contracts/operators/sql.ts"
import type { TaskResultInput } from "#lib/contracts/task-result.ts"
import { AppError } from "#lib/domain/errors.ts"
import type { Connections } from "#lib/server/connections.ts"
import { createDatabase, createTestDatabase, type TestDatabase } from "#test/db.ts"
import { connectionsTo, type LogLines, makeOperatorContext } from "#test/operator-context.ts"
import { sqlOperator } from "./sql.ts"

let database: TestDatabase
let warehouse: pg.Pool
let connections: Connections
let codeDir: string

before(async () => {
  database = await createTestDatabase()
  warehouse = new pg.Pool({ connectionString: database.warehouseUrl })
  warehouse.on("error", () => {})
  connections = connectionsTo({
    warehouse: database.warehouseUrl,
    connections: { shop: await createDatabase("shop") },
  })
  codeDir = await mkdtemp(path.join(os.tmpdir(), "headrace-sql-"))
})
after(async () => {
  await Promise.all([warehouse.end(), connections.end(), rm(codeDir, { recursive: true })])
  await database.drop()
})
beforeEach(async () => {
  await warehouse.query(
    "drop schema if exists marts cascade; drop schema if exists headrace cascade; create schema marts; create table marts.t (id int)",
  )
})

function run(options: object, given: object = {}) {
  return sqlOperator.run(
    makeOperatorContext({ options: sqlOptionsSchema.parse(options), connections, codeDir, ...given }),
  )
}

function rowOf(result: TaskResultInput): Json | undefined {
  return (result.outputs as JsonObject).row
}

async function rows(sql: string): Promise<unknown[]> {
  return (await warehouse.query({ text: sql, rowMode: "array" })).rows
}

describe("sql", () => {
  it("runs a file's statements with the run's and the task's values", async () => {
    await writeFile(
      path.join(codeDir, "x.sql"),
      `create table marts.x as select :day::date as day, :interval_start - interval '1 day' as before, :run_id as run;
       insert into marts.x values (:day, :interval_end, 2), (null, null, 3);
       delete from marts.x where run = any(:runs::bigint[])`,
    )
    const result = await run(
      { file: "x.sql", params: { runs: [3, 4] } },
      { run: { params: { day: "2026-03-01", nested: {} } } },
    )
    const { durationSeconds: _, ...metrics } = result.metrics!
    assert.deepEqual(metrics, { statements: 3, rowsInserted: 3, rowsUpdated: 0, rowsDeleted: 1, rowsSelected: 0 })
    assert.deepEqual(await rows("select day::text, before::text, run from marts.x order by run"), [
      ["2026-03-01", "2026-02-28 00:00:00+00", "1"],
      ["2026-03-01", "2026-03-02 00:00:00+00", "2"],
    ])
  })

  it("records what was written, also through a swap of tables", async () => {
    const text = `create table marts.t__next as select g as id, g::text as name from generate_series(1, 5) as g;
      drop table marts.t; alter table marts.t__next rename to t`
    const result = await run({ text, writes: "marts.t" })
    const [written] = result.materializations!
    assert.equal(written!.dataset, "warehouse.marts.t")
    assert.deepEqual([written!.rowsInserted, written!.rowsTotal, result.metrics!.rowsInserted], [5, 5, 5])
    assert.deepEqual(written!.columns, [
      { name: "id", type: "integer" },
      { name: "name", type: "text" },
    ])
    assert.match(written!.schemaHash!, /^[0-9a-f]{16}$/)
  })

  it("rolls everything back when a statement fails, and says where", async () => {
    await writeFile(path.join(codeDir, "bad.sql"), "insert into marts.t values (1);\n\nselect 1,\n  nope from marts.t")
    await assert.rejects(run({ file: "bad.sql" }), (error: AppError) => {
      assert.equal(error.code, "sql.failed")
      assert.equal(error.retry, "never")
      assert.equal(error.where, "bad.sql:4")
      assert.match(error.message, /column "nope" does not exist/)
      return true
    })
    assert.deepEqual(await rows("select * from marts.t"), [])
    assert.deepEqual(await rows("select * from headrace.load_ledger"), [])
  })

  it("calls data that does not fit by its name, without its value", async () => {
    const text = "select 1;\ninsert into marts.t select 'secret'::text::int"
    await assert.rejects(run({ text }), (error: AppError) => {
      assert.equal(error.code, "data.invalid_row")
      assert.equal(error.where, "text:2")
      assert.doesNotMatch(error.message, /secret/)
      return true
    })
  })

  it("does not run twice for one execution, and again for the next", async () => {
    const text = "insert into marts.t values (1)"
    const first = await run({ text }, { executionKey: "1:1:0" })
    assert.deepEqual(await run({ text }, { executionKey: "1:1:0" }), first)
    assert.equal((await rows("select * from marts.t")).length, 1)
    await run({ text }, { executionKey: "1:1:1" })
    assert.equal((await rows("select * from marts.t")).length, 2)
  })

  it("refuses an attempt that was overtaken, and leaves its writes out", async () => {
    const options = { text: "insert into marts.t values (1)", writes: "marts.t" }
    await run(options, { attemptId: "900", executionKey: "1:1:0" })
    await assert.rejects(run(options, { attemptId: "899", executionKey: "1:2:0" }), { code: "load.superseded" })
    assert.equal((await rows("select * from marts.t")).length, 1)
  })

  it("fails when a table it says to write is not there", async () => {
    await assert.rejects(run({ text: "select 1", writes: "marts.gone" }), { code: "sql.failed" })
  })

  it("reads a query of any size without keeping it, and gives its first row", async () => {
    const before = process.memoryUsage.rss()
    const result = await run({
      text: "select g as id, repeat('x', 1000) as pad, g > 1 as more from generate_series(1, 400000) as g",
    })
    assert.equal(result.metrics!.rowsSelected, 400_000)
    assert.deepEqual(rowOf(result), { id: 1, pad: "x".repeat(1000), more: false })
    const grownMb = (process.memoryUsage.rss() - before) / 1_048_576
    assert.ok(grownMb < 200, `grew by ${grownMb} MB for 400 MB of rows`)
  })

  it("writes what SQL raises into the log", async () => {
    const lines: LogLines = []
    await run({ text: "do $$ begin raise notice 'half way'; end $$" }, { lines })
    assert.ok(lines.some((line) => line.message === "half way"))
  })

  it("is cancelled on the server when its attempt is", async () => {
    const stop = new AbortController()
    const reason = new AppError("attempt.timed_out", "too long")
    const text = "insert into marts.t values (1); do $$ begin raise notice 'in it'; perform pg_sleep(600); end $$"
    const running = run(
      { text },
      { signal: stop.signal, log: (_: string, message: string) => message === "in it" && stop.abort(reason) },
    )
    await assert.rejects(running, reason)
    assert.deepEqual(
      await rows(
        "select 1 from pg_stat_activity where state = 'active' and query like 'do %' and datname = current_database()",
      ),
      [],
    )
    assert.deepEqual(await rows("select * from marts.t"), [])
    assert.deepEqual(rowOf(await run({ text: "select 1 as alive" })), { alive: 1 })
  })

  it("says when the server ended the session, and that it is worth another try", async () => {
    const text = "do $$ begin perform pg_terminate_backend(pg_backend_pid()); end $$; select 1"
    await assert.rejects(
      run({ text }),
      (error: AppError) => error.code === "connection.failed" && error.retry === "later",
    )
  })

  it("shows on the server which task a session belongs to, and leaves no setting behind", async () => {
    const name = "select current_setting('application_name') as name, current_setting('TimeZone') as zone"
    assert.deepEqual(rowOf(await run({ text: `set timezone = 'Asia/Tokyo'; ${name}` })), {
      name: "headrace:demo.load",
      zone: "Asia/Tokyo",
    })
    assert.equal((rowOf(await run({ text: name })) as { zone: string }).zone, "UTC")
  })

  it("leaves no schema of ours in a database that it only reads", async () => {
    const result = await run({ connection: "shop", text: "select to_regnamespace('headrace') is null as clean" })
    assert.deepEqual(rowOf(result), { clean: true })
    await assert.rejects(run({ connection: "nowhere", text: "select 1" }), { code: "connection.unknown" })
  })

  it("reads no file outside the workspace's version", async () => {
    await assert.rejects(run({ file: "../../etc/passwd" }), { code: "workspace.missing_file" })
    await assert.rejects(run({ file: "gone.sql" }), { code: "workspace.missing_file" })
  })
})
