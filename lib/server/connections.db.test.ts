import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import pg from "pg"
import type { AppError } from "#lib/domain/errors.ts"
import { createTestDatabase, type TestDatabase } from "#test/db.ts"
import { withDatabase } from "./config.ts"
import { createConnections } from "./connections.ts"

let database: TestDatabase
const missing = `t_${process.pid}_missing "warehouse`
before(async () => {
  database = await createTestDatabase()
})
after(async () => {
  const client = new pg.Client(database.url)
  await client.connect()
  await client.query(`drop database if exists "${missing.replaceAll('"', '""')}" with (force)`)
  await client.end()
  await database.drop()
})

function connect(given: Partial<Parameters<typeof createConnections>[0]> = {}) {
  return createConnections({
    warehouseUrl: database.warehouseUrl,
    connectionUrls: { shop: database.url },
    notifyUrls: { team: "console:" },
    authorVariables: { token: "x" },
    workerSlots: 2,
    ...given,
  })
}

describe("createConnections", () => {
  it("opens each pool once, and only those that are asked for", async () => {
    const connections = connect({ connectionUrls: { nowhere: "postgresql://nowhere.invalid/x" } })
    assert.deepEqual(connections.names(), ["nowhere", "warehouse"])
    assert.equal(connections.pool("warehouse"), connections.pool("warehouse"))
    assert.equal((await connections.pool("warehouse").query("select 1 as one")).rows[0].one, 1)
    await connections.end()
  })

  it("creates a warehouse that is missing, also when several ask at once", async () => {
    const warehouseUrl = withDatabase(database.url, missing)
    const both = [connect({ warehouseUrl }), connect({ warehouseUrl })]
    const answers = await Promise.all(
      both
        .flatMap((each) => [each.pool("warehouse"), each.pool("warehouse")])
        .map((pool) => pool.query("select current_database() as name")),
    )
    assert.deepEqual([...new Set(answers.map(({ rows }) => rows[0].name))], [missing])
    await Promise.all(both.map((each) => each.end()))
  })

  it("names the connections that exist when asked for another", () => {
    assert.throws(
      () => connect().pool("nope"),
      (error: AppError) => {
        return error.code === "connection.unknown" && /HEADRACE_CONNECTION_NOPE.*shop, warehouse/.test(error.message)
      },
    )
    assert.throws(() => connect().pool("constructor"), { code: "connection.unknown" })
  })

  it("waits for a free connection instead of failing", async () => {
    const connections = connect({ workerSlots: 1 })
    const pool = connections.pool("shop")
    const queries = Array.from({ length: 10 }, () => pool.query("select pg_backend_pid() as pid"))
    const pids = new Set((await Promise.all(queries)).map(({ rows }) => rows[0].pid))
    assert.equal(pids.size, 2)
    await connections.end()
  })

  it("knows channels and variables by name, and gives null for others", () => {
    const connections = connect()
    assert.deepEqual([connections.notifyUrl("team"), connections.notifyUrl("toString")], ["console:", null])
    assert.deepEqual([connections.variable("TOKEN"), connections.variable("other")], ["x", null])
  })
})
