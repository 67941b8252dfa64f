import assert from "node:assert/strict"
import { after, afterEach, before, test } from "node:test"
import { openStore, type Store } from "#lib/store/client.ts"
import { nextFreshnessAt } from "#lib/store/freshness.ts"
import { CONTROL_CHANNEL } from "#lib/store/notify.ts"
import { loadDataset, savePoliciesOf } from "#test/freshness-workspace.ts"
import { RunDriver } from "#test/run-driver.ts"
import { judgeFreshness } from "./judge-freshness.ts"

let t: RunDriver
let other: Store
before(async () => {
  t = await RunDriver.open()
  other = await openStore({ databaseUrl: t.database.url, applicationName: "other", onError: () => undefined })
})
after(async () => {
  await other.close()
  await t.close()
})
afterEach(() => t.store.pool.query("truncate run, dataset, event, pipeline cascade"))

const ORDERS = "warehouse.marts.orders"
const HOUR_MS = 3_600_000
const later = (ms: number) => new Date(Date.now() + ms)

async function status(id = ORDERS) {
  const { rows } = await t.store.pool.query<{
    state: string
    since: Date
    dueAt: Date
    checkAt: Date
    loadedAt: Date
    message: string
  }>(
    `select state, since, due_at as "dueAt", check_at as "checkAt", loaded_at as "loadedAt", message
     from freshness_status where dataset_id = $1`,
    [id],
  )
  return rows[0]!
}

async function events(): Promise<string[]> {
  const { rows } = await t.store.pool.query<{ type: string; id: string }>(
    "select type, data ->> 'datasetId' as id from event where type like 'freshness.%' order by id",
  )
  return rows.map(({ type, id }) => `${type} ${id}`)
}

async function history(id = ORDERS): Promise<string[]> {
  const { rows } = await t.store.pool.query<{ state: string; from: Date; to: Date | null }>(
    `select state, from_at as "from", to_at as "to" from freshness_interval where dataset_id = $1 order by id`,
    [id],
  )
  for (const [index, { from }] of rows.entries()) {
    if (index > 0)
      assert.equal(rows[index - 1]!.to!.getTime(), from.getTime(), "states follow each other without a gap")
  }
  assert.ok(rows.every(({ to }, index) => (to === null) === (index === rows.length - 1)))
  return rows.map(({ state }) => state)
}

test("a load that never comes is told of once, however many look, and its end once", async () => {
  await savePoliciesOf(t, { [ORDERS]: { freshness: { maxAge: { warn: "1h", error: "2h" } } } })
  await loadDataset(t, ORDERS)
  await judgeFreshness(t.store, new Date())
  assert.equal((await status()).state, "fresh")
  const { loadedAt, checkAt } = await status()
  assert.equal(checkAt.getTime(), loadedAt.getTime() + HOUR_MS + 1)

  for (const at of [later(1.5 * HOUR_MS), later(3 * HOUR_MS), later(4 * HOUR_MS)]) {
    await Promise.all(Array.from({ length: 8 }, (_, index) => judgeFreshness(index % 2 ? other : t.store, at)))
  }
  assert.deepEqual(await events(), [`freshness.warn ${ORDERS}`, `freshness.error ${ORDERS}`])
  const late = await status()
  assert.equal(late.since.getTime(), loadedAt.getTime() + 2 * HOUR_MS)
  assert.equal(await nextFreshnessAt(t.store.pool, false), null)

  await loadDataset(t, ORDERS)
  await judgeFreshness(t.store, new Date())
  assert.deepEqual((await events()).slice(2), [`freshness.recovered ${ORDERS}`])
  assert.deepEqual((await history()).slice(-3), ["warn", "error", "fresh"])
})

test("a load tells the workers in the transaction that records it", async () => {
  await savePoliciesOf(t, { [ORDERS]: { freshness: { maxAge: "1h" } } })
  const client = await t.store.pool.connect()
  await client.query(`listen ${CONTROL_CHANNEL}`)
  const told = new Promise<void>((resolve) => {
    client.on("notification", ({ payload }) => payload?.includes("freshness") && resolve())
  })
  await loadDataset(t, ORDERS)
  await told
  assert.ok((await status()).checkAt <= new Date())
  client.release(true)
})

test("an old partition that is loaded again makes nothing fresh", async () => {
  await savePoliciesOf(t, {
    [ORDERS]: { freshness: { partition: { unit: "day", after: "1h" }, maxAge: { error: "30d" } } },
  })
  const yesterday = (days: number) => new Date(Date.now() - days * 24 * HOUR_MS).toISOString().slice(0, 10)
  // The policy is some days old.
  await t.store.pool.query("update freshness_status set watched_since = now() - interval '4 days'")
  await loadDataset(t, ORDERS, yesterday(9))
  await judgeFreshness(t.store, later(24 * HOUR_MS))
  assert.equal((await status()).state, "error")
  assert.match((await status()).message, /others are missing too/)
  for (const days of [5, 4, 3, 2, 1, 0]) await loadDataset(t, ORDERS, yesterday(days))
  await judgeFreshness(t.store, later(HOUR_MS))
  assert.equal((await status()).state, "fresh")
  const { loadedAt } = await status()
  await loadDataset(t, ORDERS, yesterday(8))
  assert.deepEqual((await status()).loadedAt, loadedAt)
})

test("judging goes on where a scheduler died in the middle of it", async () => {
  await savePoliciesOf(t, { [ORDERS]: { freshness: { maxAge: "1h" } } })
  const client = await t.store.pool.connect()
  await client.query("begin")
  await client.query("select from freshness_status for update")
  await judgeFreshness(other, later(2 * HOUR_MS))
  assert.deepEqual(await events(), [])
  client.release(true)
  for (let tries = 0; tries < 100 && (await events()).length === 0; tries++)
    await judgeFreshness(other, later(2 * HOUR_MS))
  assert.deepEqual(await events(), [`freshness.error ${ORDERS}`])
})

test("a changed policy is judged anew and asks for nothing that was due before it; one that is gone leaves no state", async () => {
  await savePoliciesOf(t, { [ORDERS]: { freshness: { maxAge: "1h" } } })
  await loadDataset(t, ORDERS)
  await judgeFreshness(t.store, later(2 * HOUR_MS))
  assert.equal((await status()).state, "error")
  await savePoliciesOf(t, { [ORDERS]: { freshness: { maxAge: "1d" } } })
  await judgeFreshness(t.store, later(HOUR_MS / 2))
  assert.equal((await status()).state, "fresh")
  await savePoliciesOf(t, { [ORDERS]: { owner: "Ann" } })
  assert.equal(await status(), undefined)
  const { rows } = await t.store.pool.query("select from freshness_interval where to_at is null")
  assert.equal(rows.length, 0)
})

test("a new policy knows the loads of before", async () => {
  await savePoliciesOf(t, { [ORDERS]: { owner: "Ann" } })
  for (let load = 0; load < 4; load++) await loadDataset(t, ORDERS)
  await savePoliciesOf(t, { [ORDERS]: { freshness: { maxAge: "1h" } } })
  await judgeFreshness(t.store, new Date())
  assert.equal((await status()).state, "fresh")
  const { rows } = await t.store.pool.query("select cardinality(arrivals) as n from freshness_status")
  assert.equal(rows[0].n, 4)
})

test("a policy that cannot be judged holds up no other", async () => {
  const partition = { unit: "day", by: "07:00", timezone: "Europe/Berlin" }
  const other = "warehouse.marts.other"
  await savePoliciesOf(t, { [ORDERS]: { freshness: { partition } }, [other]: { freshness: { maxAge: "1h" } } })
  await t.store.pool.query(
    `update freshness_status set policy = jsonb_set(policy, '{partitions,timezone}', '"Mars/Crater"') where dataset_id = $1`,
    [ORDERS],
  )
  await judgeFreshness(t.store, later(2 * HOUR_MS))
  assert.equal((await status(other)).state, "error")
  assert.equal((await status()).state, "unknown")
  assert.match((await status()).message, /^The policy cannot be judged/)
})

test("thousands of datasets are judged in batches, each once", async () => {
  await savePoliciesOf(t, { [ORDERS]: { freshness: { maxAge: "1h" } } })
  await t.store.pool.query("insert into dataset (id) select 'warehouse.many.t' || n from generate_series(1, 2000) n")
  await t.store.pool.query(
    `insert into freshness_status (dataset_id, origin, policy, check_at)
     select 'warehouse.many.t' || n, 'policy', s.policy, now() from generate_series(1, 2000) n, freshness_status s`,
  )
  await Promise.all([t.store, other, t.store, other].map((store) => judgeFreshness(store, later(2 * HOUR_MS))))
  const all = await events()
  assert.equal(all.length, 2001)
  assert.equal(new Set(all).size, 2001)
})
