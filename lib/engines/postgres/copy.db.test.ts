import assert from "node:assert/strict"
import { Readable } from "node:stream"
import { after, before, beforeEach, describe, it } from "node:test"
import pg from "pg"
import type { AppError } from "#lib/domain/errors.ts"
import { createDatabase, createTestDatabase, type TestDatabase } from "#test/db.ts"
import { copyBetween, copyInto, copyOut } from "./copy.ts"
import { copyTextRow } from "./copy-text.ts"
import { withSession } from "./session.ts"

let database: TestDatabase
let warehouse: pg.Pool
let source: pg.Pool

before(async () => {
  database = await createTestDatabase()
  warehouse = new pg.Pool({ connectionString: database.warehouseUrl })
  source = new pg.Pool({ connectionString: await createDatabase("shop") })
  warehouse.on("error", () => {})
  source.on("error", () => {})
})
after(async () => {
  await Promise.all([warehouse.end(), source.end()])
  await database.drop()
})
beforeEach(async () => {
  await warehouse.query(
    "drop table if exists t; create table t (id int, note text, tags text[], data jsonb, at timestamptz)",
  )
})

const atWarehouse = <Value>(work: (client: pg.PoolClient) => Promise<Value>) =>
  withSession(warehouse, { connection: "warehouse", applicationName: "test" }, work)
const atSource = <Value>(work: (client: pg.PoolClient) => Promise<Value>) =>
  withSession(source, { connection: "shop", applicationName: "test" }, work)

describe("copyInto", () => {
  it("writes any value that JavaScript has so that Postgres reads it back", async () => {
    const row = [
      1,
      "tab\t line\n \\N back\\slash é😀",
      ['a"b', null, "c\\,{}"],
      { k: ["\\", 1n.toString()] },
      new Date(0),
    ]
    await atWarehouse((client) =>
      copyInto(
        client,
        "copy t from stdin",
        Readable.from(
          [copyTextRow(row, [false, false, true]), copyTextRow([null])].map((text) =>
            text.replace(/^\\N\n$/, "\\N\t\\N\t\\N\t\\N\t\\N\n"),
          ),
        ),
      ),
    )
    const { rows } = await warehouse.query({ text: "select * from t order by id", rowMode: "array" })
    assert.deepEqual(rows, [row, [null, null, null, null, null]])
  })

  it("says in which line and column a CSV breaks, without its value, and loads nothing", async () => {
    const csv = "id,note\n1,good\nnot-a-number,bad\n"
    const broken = atWarehouse((client) =>
      copyInto(client, "copy t (id, note) from stdin (format csv, header)", Readable.from([csv])),
    )
    await assert.rejects(broken, (error: AppError) => {
      assert.equal(error.code, "data.invalid_row")
      assert.equal(error.retry, "never")
      assert.match(error.message, /line 3, column "id"/)
      assert.doesNotMatch(error.message, /not-a-number/)
      return true
    })
    const tooShort = atWarehouse((client) =>
      copyInto(client, "copy t (id, note) from stdin (format csv)", Readable.from(["1\n"])),
    )
    await assert.rejects(
      tooShort,
      (error: AppError) => error.code === "data.invalid_row" && /line 1/.test(error.message),
    )
    assert.equal((await warehouse.query("select from t")).rowCount, 0)
  })

  it("takes the rows back when their source fails, and the connection goes on", async () => {
    async function* failing() {
      yield copyTextRow([1, "a", null, null, null])
      throw new Error("the source broke")
    }
    await atWarehouse(async (client) => {
      await assert.rejects(copyInto(client, "copy t from stdin", failing()), /the source broke/)
      assert.deepEqual((await client.query("select count(*)::int as n from t")).rows, [{ n: 0 }])
    })
  })

  it("says at once that there is no such table, also while the source has not begun", async () => {
    async function* never(): AsyncGenerator<string> {
      await new Promise(() => {})
    }
    for (const rows of [Readable.from(["1\n"]), never()]) {
      await assert.rejects(
        atWarehouse((client) => copyInto(client, "copy nowhere from stdin", rows)),
        { code: "sql.failed" },
      )
    }
  })

  it("pulls from its source only as fast as the server takes it", async () => {
    let produced = 0
    function* endless() {
      for (;;) {
        produced += 64 * 1024
        yield `${produced}\t${"x".repeat(64 * 1024)}\n`
      }
    }
    const blocker = await warehouse.connect()
    await blocker.query("begin; lock table t")
    const stop = new AbortController()
    const reason = new Error("enough")
    const copying = withSession(
      warehouse,
      { connection: "warehouse", applicationName: "test", signal: stop.signal },
      (client) => copyInto(client, "copy t (id, note) from stdin", Readable.from(endless())),
    )
    // The server waits for the table, so nothing is taken beyond what buffers hold.
    for (;;) {
      const { rowCount } = await warehouse.query(
        "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
      )
      if (rowCount) break
    }
    stop.abort(reason)
    await assert.rejects(copying, reason)
    assert.ok(produced < 8 * 1024 * 1024, `${produced} bytes were produced for a server that took none`)
    await blocker.query("rollback")
    blocker.release()
  })
})

describe("copyOut", () => {
  it("streams a result far larger than the memory it takes", async () => {
    const before = process.memoryUsage.rss()
    let bytes = 0
    await atSource((client) =>
      copyOut(client, "copy (select repeat('x', 1000) from generate_series(1, 400000)) to stdout", async (stream) => {
        for await (const chunk of stream) bytes += (chunk as Buffer).length
      }),
    )
    assert.equal(bytes, 400_000 * 1_001)
    const grownMb = (process.memoryUsage.rss() - before) / 1_048_576
    assert.ok(grownMb < 200, `grew by ${grownMb} MB for 400 MB`)
  })
})

describe("copyBetween", () => {
  const between = (read: string, write: string) =>
    atSource((from) =>
      atWarehouse((to) =>
        copyBetween(
          { client: from, connection: "shop", statement: read },
          { client: to, connection: "warehouse", statement: write },
        ),
      ),
    )

  it("counts rows and bytes", async () => {
    const copied = await between("copy (select generate_series(1, 1000)) to stdout", "copy t (id) from stdin")
    assert.deepEqual(copied, { rows: 1_000, bytes: 3_893 })
  })

  it("names the side on which it failed, and neither side hangs", async () => {
    const read = "copy (select g, 1 / (g - 500000) from generate_series(1, 1000000) as g) to stdout"
    await assert.rejects(
      between(read, "copy t (id, note) from stdin"),
      (error: AppError) => error.details.connection === "shop",
    )
    await assert.rejects(
      between("copy (select g from generate_series(1, 1000000) as g) to stdout", "copy t (id, note) from stdin"),
      (error: AppError) => {
        return error.code === "data.invalid_row" && error.details.connection === "warehouse"
      },
    )
    assert.equal((await warehouse.query("select from t")).rowCount, 0)
  })
})
