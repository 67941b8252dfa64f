import assert from "node:assert/strict"
import { after, afterEach, before, test } from "node:test"
import pg from "pg"
import { askForCheck } from "#lib/actions/ask-for-check.ts"
import { openStore, type Store } from "#lib/store/client.ts"
import { claimMeasurements } from "#lib/store/freshness.ts"
import { savePoliciesOf } from "#test/freshness-workspace.ts"
import { RunDriver } from "#test/run-driver.ts"
import { type FreshnessSweep, startFreshness } from "./start-freshness.ts"

let t: RunDriver
let other: Store
let warehouse: pg.Pool
/** Nobody listens there. */
const away = new pg.Pool({ connectionString: "postgresql://127.0.0.1:1/nowhere", max: 2 })
const sweeps: FreshnessSweep[] = []
before(async () => {
  t = await RunDriver.open()
  other = await openStore({ databaseUrl: t.database.url, applicationName: "other", onError: () => undefined })
  warehouse = new pg.Pool({ connectionString: t.database.warehouseUrl, max: 4 })
  await warehouse.query("create schema raw; create table raw.orders (at timestamptz)")
})
after(async () => {
  await Promise.all([other.close(), warehouse.end(), away.end()])
  await t.close()
})
afterEach(async () => {
  await Promise.all(sweeps.splice(0).map((sweep) => sweep.stop()))
  await t.store.pool.query("truncate run, dataset, event, pipeline cascade")
  await warehouse.query("truncate raw.orders")
})

const ORDERS = "warehouse.raw.orders"
const log = { info: () => {}, warn: () => {} }
function sweep(pool: pg.Pool = warehouse, store: Store = t.store): FreshnessSweep {
  const started = startFreshness({ store, warehouse: pool, log })
  sweeps.push(started)
  return started
}

interface Status {
  state: string
  message: string
  checkAt: Date
  dataAt: Date | null
}

/** Waits until the screen would show it: the sweep announces what it writes. */
async function until(state: string): Promise<Status> {
  for (;;) {
    const { rows } = await t.store.pool.query<Status>(
      `select state, message, check_at as "checkAt", data_at as "dataAt" from freshness_status
       where dataset_id = $1 and measured_at is not null`,
      [ORDERS],
    )
    if (rows[0]?.state === state) return rows[0]
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const DATA = { [ORDERS]: { freshness: { maxAge: { warn: "1h", error: "2h" }, column: "at" } } }

test("data is measured at once, again when its deadline comes, and no more often than it must be", async () => {
  await warehouse.query("insert into raw.orders values (now() - interval '30 minutes')")
  await savePoliciesOf(t, DATA)
  sweep()
  const { checkAt, dataAt } = await until("fresh")
  const dueAt = dataAt!.getTime() + 3_600_000
  // Half of the half hour that is left.
  assert.ok(Math.abs(checkAt.getTime() - (Date.now() + dueAt) / 2) < 60_000, checkAt.toISOString())
})

test("a warehouse that is away makes unknown, with the reason, and its return is noticed", async () => {
  await warehouse.query("insert into raw.orders values (now())")
  await savePoliciesOf(t, DATA)
  const first = sweep(away)
  const { message } = await until("unknown")
  assert.match(message, /^Not measured: .*"warehouse"/)
  await first.stop()
  await askForCheck(t.store, ORDERS)
  sweep()
  await until("fresh")
  const { rows } = await t.store.pool.query("select type from event where type like 'freshness.%'")
  assert.deepEqual(rows, [])
})

test("two workers measure what is due once, and a breach is told of once", async () => {
  await warehouse.query("insert into raw.orders values (now() - interval '5 hours')")
  await savePoliciesOf(t, DATA)
  sweep(warehouse, t.store)
  sweep(warehouse, other)
  await until("error")
  for (const each of sweeps) each.wake()
  await warehouse.query("insert into raw.orders values (now())")
  await askForCheck(t.store, ORDERS)
  for (const each of sweeps) each.wake()
  await until("fresh")
  const { rows } = await t.store.pool.query("select type from event where type like 'freshness.%' order by id")
  assert.deepEqual(
    rows.map(({ type }) => type),
    ["freshness.error", "freshness.recovered"],
  )
})

test("what a dead worker had begun to measure is measured by another after its lease", async () => {
  await warehouse.query("insert into raw.orders values (now())")
  await savePoliciesOf(t, DATA)
  const now = new Date()
  const claim = { now, leaseMs: 200, limit: 5 }
  assert.equal((await claimMeasurements(t.store.pool, claim)).length, 1)
  assert.equal((await claimMeasurements(other.pool, claim)).length, 0)
  sweep(warehouse, other)
  await until("fresh")
  assert.ok(Date.now() >= now.getTime() + 200)
})
