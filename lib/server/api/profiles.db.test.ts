// First of all: schemas that are made before it lack what the API adds to them.
import "@hono/zod-openapi"
import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import pg from "pg"
import { startProfiles } from "#jobs/profiles/start-profiles.ts"
import type { DatasetProfile } from "#lib/contracts/api/profiles.ts"
import { datasetPolicySchema } from "#lib/contracts/quality/dataset-policy.ts"
import { savePolicies } from "#lib/store/dataset-policies.ts"
import { askForProfile, claimProfile, finishProfile, KEPT_PROFILES } from "#lib/store/profiles.ts"
import { inTransaction } from "#lib/store/transaction.ts"
import { TestApi } from "#test/api-client.ts"
import { connectionsTo } from "#test/operator-context.ts"
import { log } from "../log.ts"

log.level = "silent"
let t: TestApi
let warehouse: pg.Pool
before(async () => {
  t = await TestApi.open()
  warehouse = new pg.Pool({ connectionString: t.database.warehouseUrl })
  await warehouse.query(`
    create schema shop;
    create table shop.orders as select i as id, i % 3 as state, 'person' || i as buyer from generate_series(1, 90) as i`)
})
after(async () => {
  await warehouse.end()
  await t.close()
})

async function setPolicies(policies: Record<string, object>): Promise<void> {
  const loaded = Object.entries(policies).map(([datasetId, policy]) => {
    return {
      datasetId,
      file: "quality/a.yml",
      line: 2,
      hash: JSON.stringify(policy),
      policy: datasetPolicySchema.parse(policy),
    }
  })
  await inTransaction(t.store.pool, (transaction) => savePolicies(transaction, loaded, []))
}

const ORDERS = "warehouse.shop.orders"
const address = (id: string) => `/datasets/${id}/profile`
const read = (id: string) => t.get<DatasetProfile>(address(id))

/** Runs a worker's part until a dataset has what is wanted. */
async function until(id: string, isSo: (profile: DatasetProfile) => boolean): Promise<DatasetProfile> {
  const connections = connectionsTo({ warehouse: t.database.warehouseUrl })
  const profiles = startProfiles({ store: t.store, connections, log })
  try {
    for (let look = 0; look < 1_000; look++) {
      const profile = await read(id)
      if (isSo(profile)) return profile
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    throw new Error(`${id} was not profiled`)
  } finally {
    await profiles.stop()
    await connections.end()
  }
}

test("makes a profile that is asked for, once however often, and keeps the one before", async () => {
  await setPolicies({ [ORDERS]: { expectations: { expect: [{ not_null: "id" }], mask: ["buyer"] } } })
  const { id } = await t.post<{ id: string }>(address(ORDERS), {})
  assert.equal((await t.post<{ id: string }>(address(ORDERS), { sample: 200 })).id, id)
  const waiting = await read(ORDERS)
  assert.deepEqual([waiting.pending?.id, waiting.pending?.state, waiting.latest], [id, "queued", null])
  const first = await until(ORDERS, ({ latest }) => latest !== null)
  assert.deepEqual([first.pending, first.latest?.id, first.before], [null, id, null])
  assert.deepEqual([first.latest?.sample, first.latest?.rowsRead, first.latest?.actor], [100_000, 90, "local owner"])
  const buyer = first.latest!.columns.find(({ name }) => name === "buyer")!
  assert.deepEqual([buyer.isMasked, buyer.distinct, buyer.top], [true, 90, []])
  await t.post(address(ORDERS), { sample: "all" })
  const second = await until(ORDERS, ({ before }) => before !== null)
  assert.deepEqual([second.latest?.sample, second.before?.id, second.history.length], [null, id, 2])
})

test("hides what was kept of a column that is marked as personal later", async () => {
  await setPolicies({ [ORDERS]: { expectations: { expect: [{ not_null: "id" }], mask: ["state", "buyer"] } } })
  const { latest, before } = await read(ORDERS)
  for (const profile of [latest, before]) {
    const state = profile!.columns.find(({ name }) => name === "state")!
    assert.deepEqual([state.isMasked, state.top, state.measures, state.distinct], [true, [], null, 3])
  }
})

test("makes the profiles that policies want, after loads and by the clock", async () => {
  const daily = "warehouse.shop.daily"
  const loaded = "warehouse.shop.loaded"
  await warehouse.query(
    "create table shop.daily as select * from shop.orders; create table shop.loaded as select * from shop.orders",
  )
  await setPolicies({
    [daily]: { profile: { every: "1d", sample: "all" } },
    [loaded]: { profile: { after: "load" } },
  })
  const byClock = await until(daily, ({ latest }) => latest !== null)
  assert.deepEqual([byClock.latest?.cause, byClock.latest?.sample], ["clock", null])
  assert.equal((await read(loaded)).history.length, 0)
  await t.store.pool.query(
    "insert into materialization (dataset_id, run_id, attempt_id, duration_seconds) values ($1, 1, 1, 1)",
    [loaded],
  )
  const afterLoad = await until(loaded, ({ latest }) => latest !== null)
  assert.deepEqual([afterLoad.latest?.cause, afterLoad.history.length], ["load", 1])
  assert.equal((await read(daily)).history.length, 1)
})

test("says why a table could not be profiled, and refuses what is no table of the warehouse", async () => {
  const missing = "warehouse.shop.missing"
  await setPolicies({ [missing]: { profile: { every: "1d" } } })
  const failed = await until(missing, ({ pending }) => pending?.state === "failed")
  assert.match(failed.pending!.message, /no table shop\.missing yet/)
  for (const id of ["warehouse.shop.unheard_of", "files.orders"]) {
    assert.equal((await t.send(address(id))).status, 404, id)
  }
})

test("keeps so many profiles of a table, and one whose worker is gone is made by another", async () => {
  const pool = t.store.pool
  await pool.query(
    `insert into table_profile (dataset_id, state, cause, finished_at)
     select $1, 'failed', 'clock', now() from generate_series(1, $2)`,
    [ORDERS, KEPT_PROFILES + 5],
  )
  const asked = { datasetId: ORDERS, sample: null, cause: "person", actor: "somebody" } as const
  await askForProfile(pool, asked)
  const lost = await claimProfile(pool, -1)
  const again = await claimProfile(pool, 60_000)
  assert.equal(again?.id, lost?.id)
  assert.equal(await claimProfile(pool, 60_000), null)
  await finishProfile(pool, again!.id, { state: "failed", message: "no" })
  const { rows } = await pool.query("select count(*)::int as n from table_profile where dataset_id = $1", [ORDERS])
  assert.equal(rows[0].n, KEPT_PROFILES)
})
