import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import pg from "pg"
import { createConnections } from "#lib/server/connections.ts"
import { createTestDatabase, type TestDatabase } from "#test/db.ts"
import { type DyingProxy, startDyingProxy } from "#test/dying-proxy.ts"
import { QuietClient } from "./quiet-client.ts"
import { inTransaction } from "./transaction.ts"

let database: TestDatabase
let proxy: DyingProxy
before(async () => {
  database = await createTestDatabase()
  proxy = await startDyingProxy(new URL(database.url))
})
after(async () => {
  await proxy.close()
  await database.drop()
})

function openPool(): pg.Pool {
  const pool = new pg.Pool({ connectionString: proxy.through(database.url), max: 1, Client: QuietClient })
  pool.on("error", () => undefined)
  return pool
}
const openWarehouse = () =>
  createConnections({
    warehouseUrl: proxy.through(database.warehouseUrl),
    connectionUrls: {},
    notifyUrls: {},
    authorVariables: {},
    workerSlots: 2,
  }).pool("warehouse")

// An error that nobody hears would end this process, as it would a worker.
for (const [name, open] of [
  ["the store's", openPool],
  ["a connection's", openWarehouse],
] as const) {
  for (const answers of [1, 2, 3, 4]) {
    test(`${name} pool outlives sessions that the server ends with their answer ${answers}`, async () => {
      const pool = open()
      proxy.endAfter(answers)
      try {
        const outcomes = await Promise.allSettled(
          Array.from({ length: 6 }, () => inTransaction(pool, (transaction) => transaction.query("select 1"))),
        )
        // begin, select and commit come after the answer that says the session is open.
        if (answers < 4) assert.ok(outcomes.some(({ status }) => status === "rejected"))
        proxy.endAfter(Number.POSITIVE_INFINITY)
        while ((await pool.query("select 1").catch(() => null)) === null);
        await inTransaction(pool, (transaction) => transaction.query("select 1"))
      } finally {
        await pool.end()
      }
    })
  }
}
