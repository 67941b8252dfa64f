import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import pg from "pg"
import type { AppError } from "#lib/domain/errors.ts"
import { createTestDatabase, type TestDatabase } from "#test/db.ts"
import { inTransaction, withSession } from "./session.ts"

let database: TestDatabase
let pool: pg.Pool
before(async () => {
  database = await createTestDatabase()
  pool = new pg.Pool({ connectionString: database.warehouseUrl, max: 1 })
  pool.on("error", () => {})
})
after(async () => {
  await pool.end()
  await database.drop()
})

function session<Value>(work: (client: pg.PoolClient) => Promise<Value>, signal?: AbortSignal): Promise<Value> {
  return withSession(pool, { connection: "warehouse", applicationName: "test", ...(signal && { signal }) }, work)
}

describe("withSession", () => {
  it("gives the next user a session without the tables, settings and locks of the last", async () => {
    await session((client) =>
      client.query("create temporary table x (id int); set timezone = 'Asia/Tokyo'; select pg_advisory_lock(1)"),
    )
    const { rows } = await session((client) =>
      client.query(
        `select to_regclass('pg_temp.x') as x, current_setting('TimeZone') as zone,
                (select count(*)::int from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()) as locks`,
      ),
    )
    assert.deepEqual(rows, [{ x: null, zone: "UTC", locks: 0 }])
  })

  it("gives no broken session to the next user", async () => {
    await assert.rejects(
      session(async (client) => {
        await client.query("begin; create temporary table y (id int)")
        throw new Error("left in the middle")
      }),
      /left in the middle/,
    )
    const { rows } = await session((client) => client.query("select to_regclass('pg_temp.y') as y"))
    assert.deepEqual(rows, [{ y: null }])
  })

  it("ends a session that is idle in its transaction when its attempt is stopped", async () => {
    const stop = new AbortController()
    const reason = new Error("stopped")
    let pid = 0
    const working = session(async (client) => {
      await client.query("begin")
      pid = (await client.query("select pg_backend_pid() as pid")).rows[0].pid
      stop.abort(reason)
      await new Promise((resolve) => client.once("end", resolve))
      return client.query("commit")
    }, stop.signal)
    await assert.rejects(working, reason)
    const { rowCount } = await session((client) => client.query("select from pg_stat_activity where pid = $1", [pid]))
    assert.equal(rowCount, 0)
  })

  it("does not begin for an attempt that was stopped already", async () => {
    const reason = new Error("stopped")
    await assert.rejects(
      session(() => assert.fail("it began"), AbortSignal.abort(reason)),
      reason,
    )
  })

  it("survives the loss of a session that waits", async () => {
    const lost = session(async (client) => {
      const { rows } = await client.query("select pg_backend_pid() as pid")
      const other = new pg.Client(database.warehouseUrl)
      await other.connect()
      await other.query("select pg_terminate_backend($1, 5000)", [rows[0].pid])
      await other.end()
      return client.query("select 1")
    })
    await assert.rejects(lost, (error: AppError) => error.code === "connection.failed" && error.retry === "later")
    assert.equal((await session((client) => client.query("select 1 as one"))).rows[0].one, 1)
  })
})

describe("inTransaction", () => {
  it("does not take a commit that was a rollback for one", async () => {
    const swallowed = session((client) =>
      inTransaction(client, "begin", () => client.query("select 1 / 0").catch(() => "never mind")),
    )
    await assert.rejects(swallowed, { code: "internal" })
  })
})
