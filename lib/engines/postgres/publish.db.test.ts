import assert from "node:assert/strict"
import { after, before, beforeEach, describe, it } from "node:test"
import pg from "pg"
import type { AppError } from "#lib/domain/errors.ts"
import { createTestDatabase, type TestDatabase } from "#test/db.ts"
import { ensureSchema } from "./catalog.ts"
import { type Execution, pruneLedger } from "./ledger.ts"
import { type PublishTarget, publish } from "./publish.ts"
import { inTransaction } from "./session.ts"
import { ensureWarehouseSchema } from "./warehouse-schema.ts"
import { advanceWatermark, readWatermark } from "./watermark.ts"

let database: TestDatabase
let warehouse: pg.Pool

before(async () => {
  database = await createTestDatabase()
  warehouse = new pg.Pool({ connectionString: database.warehouseUrl })
  warehouse.on("error", () => {})
})
after(async () => {
  await warehouse.end()
  await database.drop()
})
beforeEach(async () => {
  await warehouse.query("drop schema if exists headrace cascade; drop table if exists t; create table t (id int)")
  await withClient(ensureWarehouseSchema)
})

async function withClient<Value>(use: (client: pg.PoolClient) => Promise<Value>): Promise<Value> {
  const client = await warehouse.connect()
  try {
    return await use(client)
  } finally {
    client.release()
  }
}

function execution(change: Partial<Execution> = {}): Execution {
  return { executionKey: "1:1:0", token: "10", runId: "1", taskId: "load", partitionKey: null, ...change }
}

const TARGET = { dataset: "warehouse.public.t", partitionKey: null }

/** Publishes one row. `meanwhile` runs inside the transaction, after the row was written. */
function insertRow(
  given: Partial<Execution> = {},
  meanwhile?: () => Promise<void>,
  target: PublishTarget[] = [TARGET],
) {
  return withClient((client) =>
    publish(client, execution(given), target, async () => {
      await client.query("insert into t values (1)")
      await meanwhile?.()
      return { outputs: { token: given.token ?? "10" } }
    }),
  )
}

async function countRows(): Promise<number> {
  return (await warehouse.query("select from t")).rowCount ?? 0
}

/** Resolves when another session of the database waits for a lock. */
async function someoneWaits(): Promise<void> {
  for (;;) {
    const { rowCount } = await warehouse.query(
      "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    )
    if (rowCount) return
  }
}

describe("ensureWarehouseSchema", () => {
  it("makes the schema once, however many processes ask at the same time", async () => {
    for (let round = 0; round < 5; round++) {
      await warehouse.query("drop schema headrace cascade")
      await Promise.all(Array.from({ length: 8 }, () => withClient(ensureWarehouseSchema)))
      const { rowCount } = await warehouse.query("select from pg_tables where schemaname = 'headrace'")
      assert.equal(rowCount, 4)
    }
  })
})

describe("ensureSchema", () => {
  it("makes the schema once, however many transactions ask at the same time, and each can use it", async () => {
    await warehouse.query("drop schema if exists raw cascade")
    const makeTable = (index: number) =>
      withClient((client) =>
        inTransaction(client, "begin", async () => {
          await ensureSchema(client, "raw.t")
          await client.query(`create table raw.t${index} ()`)
        }),
      )
    await Promise.all(Array.from({ length: 8 }, (_, index) => makeTable(index)))
    const { rowCount } = await warehouse.query("select from pg_tables where schemaname = 'raw'")
    assert.equal(rowCount, 8)
  })
})

describe("publish", () => {
  it("has one effect when an attempt and its zombie publish at the same time", async () => {
    const first = insertRow({ token: "10" }, async () => {
      void second
      await someoneWaits()
    })
    const second = insertRow({ token: "11" })
    const kinds = (await Promise.all([first, second])).map((published) => published.kind)
    assert.deepEqual(kinds.sort(), ["already_published", "published"])
    assert.equal(await countRows(), 1)
  })

  it("has one effect without a dataset to lock", async () => {
    const first = insertRow({ token: "10" }, someoneWaits, [])
    const second = insertRow({ token: "11" }, undefined, [])
    const kinds = (await Promise.all([first, second])).map((published) => published.kind)
    assert.deepEqual(kinds.sort(), ["already_published", "published"])
    assert.equal(await countRows(), 1)
  })

  it("gives an overtaken attempt its execution's result where there is one", async () => {
    await insertRow({ token: "10" })
    await insertRow({ token: "12", executionKey: "2:2:0" })
    const again = await insertRow({ token: "11" })
    assert.deepEqual([again.kind, again.result.outputs], ["already_published", { token: "10" }])
  })

  it("refuses an attempt that another task overtook, to be tried again", async () => {
    await insertRow({ token: "12", executionKey: "2:2:0" })
    await assert.rejects(insertRow({ token: "11" }), (error: AppError) => {
      return error.code === "load.superseded" && error.retry === "later"
    })
    assert.equal(await countRows(), 1)
  })

  it("fences partitions apart", async () => {
    const partition = (partitionKey: string) => [{ dataset: TARGET.dataset, partitionKey }]
    await insertRow({ token: "12", executionKey: "2:2:0", partitionKey: "b" }, undefined, partition("b"))
    await insertRow({ token: "11", partitionKey: "a" }, undefined, partition("a"))
    assert.equal(await countRows(), 2)
    const { rows } = await warehouse.query("select partition_key, state from headrace.partition_state order by 1")
    assert.deepEqual(rows, [
      { partition_key: "a", state: "fresh" },
      { partition_key: "b", state: "fresh" },
    ])
  })

  it("leaves nothing when its change fails", async () => {
    const broken = insertRow({}, () => Promise.reject(new Error("gate")))
    await assert.rejects(broken, /gate/)
    assert.equal(await countRows(), 0)
    for (const table of ["fence", "load_ledger"]) {
      assert.equal((await warehouse.query(`select from headrace.${table}`)).rowCount, 0, table)
    }
  })

  it("leaves nothing when its session is lost before the commit", async () => {
    const lost = withClient((client) => {
      client.on("error", () => {})
      return publish(client, execution(), [TARGET], async () => {
        await client.query("insert into t values (1)")
        const { rows } = await client.query("select pg_backend_pid() as pid")
        await warehouse.query("select pg_terminate_backend($1, 5000)", [rows[0].pid])
        return {}
      })
    })
    await assert.rejects(lost)
    assert.equal(await countRows(), 0)
    assert.equal((await insertRow({ token: "11" })).kind, "published")
  })

  it("does not deadlock when two publish the same datasets in another order", async () => {
    const both = [TARGET, { dataset: "warehouse.public.a", partitionKey: null }]
    const writes = Array.from({ length: 10 }, (_, index) =>
      insertRow({ token: "10", executionKey: `${index}` }, undefined, index % 2 ? both : both.toReversed()),
    )
    await Promise.all(writes)
    assert.equal(await countRows(), 10)
  })
})

describe("watermarks", () => {
  const reading = (value: string, readAt: string) => ({ column: "at", value, readAt })
  const advance = (value: string, readAt: string) =>
    withClient((client) => advanceWatermark(client, "warehouse.raw.t", "shop.public.t", reading(value, readAt)))

  it("refuse a reading that is older than the one loaded last", async () => {
    await advance("b", "2026-01-01 00:00:00.000002Z")
    await assert.rejects(advance("a", "2026-01-01 00:00:00.000001Z"), (error: AppError) => {
      return error.code === "load.superseded" && error.retry === "later"
    })
    const stored = await withClient((client) => readWatermark(client, "warehouse.raw.t", "shop.public.t", "at"))
    assert.equal(stored?.value, "b")
  })

  it("are forgotten when another column is asked for", async () => {
    await advance("b", "2026-01-01Z")
    assert.equal(await withClient((client) => readWatermark(client, "warehouse.raw.t", "shop.public.t", "x")), null)
  })
})

describe("pruneLedger", () => {
  it("forgets only loads too old to be tried again", async () => {
    await insertRow({ executionKey: "old" })
    await insertRow({ executionKey: "new" })
    await warehouse.query(
      "update headrace.load_ledger set published_at = now() - interval '91 days' where execution_key = 'old'",
    )
    assert.equal(await withClient((client) => pruneLedger(client)), 1)
    const { rows } = await warehouse.query("select execution_key as key from headrace.load_ledger")
    assert.deepEqual(rows, [{ key: "new" }])
  })
})
