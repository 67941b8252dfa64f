import assert from "node:assert/strict"
import { after, afterEach, before, test } from "node:test"
import { saveWorkspace } from "#lib/actions/save-workspace.ts"
import { openStore, type Store } from "#lib/store/client.ts"
import { makeDatasetPolicy } from "#test/freshness-workspace.ts"
import { RunDriver } from "#test/run-driver.ts"
import { judgeSeries } from "./judge-series.ts"

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
afterEach(() => t.store.pool.query("truncate dataset cascade"))

const ORDERS = "warehouse.marts.orders"
const NOW = new Date("2026-06-01T12:00:00Z")
const DAY_MS = 86_400_000

/** Measurements of days, the last one yesterday. */
async function measure(values: readonly number[], { dataset = ORDERS, metric = "row_count", from = 0 } = {}) {
  await t.store.pool.query("insert into dataset (id) values ($1) on conflict do nothing", [dataset])
  await t.store.pool.query(
    `insert into metric_point (dataset_id, metric, at, value)
     select $1, $2, $3::timestamptz + (n + $5) * interval '1 day', v from unnest($4::float8[]) with ordinality u (v, n)`,
    [dataset, metric, new Date(NOW.getTime() - 60 * DAY_MS), values, from],
  )
}

async function measurePartitions(rows: Record<string, number>) {
  await t.store.pool.query("insert into dataset (id) values ($1) on conflict do nothing", [ORDERS])
  for (const [key, value] of Object.entries(rows)) {
    await t.store.pool.query(
      "insert into metric_point (dataset_id, metric, partition_key, value) values ($1, 'rows', $2, $3)",
      [ORDERS, key, value],
    )
  }
}

async function anomalies(): Promise<string[]> {
  const { rows } = await t.store.pool.query<{ text: string }>(
    `select concat_ws(' ', metric, partition_key, value::text, state) as text from anomaly order by id`,
  )
  return rows.map(({ text }) => text)
}

async function states(): Promise<Record<string, number>> {
  const { rows } = await t.store.pool.query<{ state: string; count: number }>(
    "select state, count(*)::int as count from metric_point group by state",
  )
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]))
}

const USUAL = Array.from({ length: 20 }, (_, day) => 1_000 + ((day * 7) % 11))

test("nothing is said before enough is known, then the unusual is told, and the next usual one ends it", async () => {
  await measure(USUAL)
  await judgeSeries(t.store, NOW)
  assert.deepEqual(await states(), { learning: 14, expected: 6 })
  await measure([250], { from: 20 })
  assert.deepEqual(await judgeSeries(t.store, NOW), { judged: 1, unusual: 1 })
  assert.deepEqual(await anomalies(), ["row_count 250 open"])
  await measure([260], { from: 21 })
  await judgeSeries(t.store, NOW)
  assert.deepEqual(await anomalies(), ["row_count 250 closed", "row_count 260 open"])
  await measure([1_003], { from: 22 })
  await judgeSeries(t.store, NOW)
  assert.deepEqual(await anomalies(), ["row_count 250 closed", "row_count 260 closed"])
})

test("what no policy watches, and what a policy does not watch, is kept and not judged", async () => {
  await saveWorkspace(
    t.store,
    { pipelines: [], policies: [makeDatasetPolicy(ORDERS, { anomalies: { volume: false } })], problems: [] },
    NOW,
  )
  await measure([...USUAL, 5])
  await measure([1, 2], { dataset: "warehouse.raw.other", metric: "rows_deleted" })
  await judgeSeries(t.store, NOW)
  assert.deepEqual(await states(), { unwatched: 23 })
  assert.deepEqual(await anomalies(), [])
})

test("a partition is compared with those before it, whenever it is loaded", async () => {
  const keys = Array.from({ length: 21 }, (_, day) => new Date(Date.UTC(2026, 4, 11 + day)).toISOString().slice(0, 10))
  // Loaded newest first, as a backfill may.
  await measurePartitions(
    Object.fromEntries(keys.map((key, day): [string, number] => [key, USUAL[day % 20]!]).toReversed()),
  )
  await judgeSeries(t.store, NOW)
  assert.deepEqual(await states(), { learning: 14, expected: 7 })
  await measurePartitions({ "2026-05-30": 12 })
  await judgeSeries(t.store, NOW)
  assert.deepEqual(await anomalies(), ["rows 2026-05-30 12 open"])
  // An earlier one ends nothing; loading it again does.
  await measurePartitions({ "2026-05-28": 1_004 })
  await judgeSeries(t.store, NOW)
  assert.deepEqual(await anomalies(), ["rows 2026-05-30 12 open"])
  await measurePartitions({ "2026-05-30": 1_004 })
  await judgeSeries(t.store, NOW)
  assert.deepEqual(await anomalies(), ["rows 2026-05-30 12 closed"])
  // Today is not over.
  await measurePartitions({ "2026-06-01": 3 })
  await judgeSeries(t.store, NOW)
  assert.deepEqual(await anomalies(), ["rows 2026-05-30 12 closed"])
})

test("many workers judge each point once, and each dataset one after the other", async () => {
  for (let table = 0; table < 8; table++) await measure([...USUAL, 250], { dataset: `warehouse.raw.t${table}` })
  const results = await Promise.all([t.store, other, t.store, other].map((store) => judgeSeries(store, NOW)))
  // What was another's at that moment is left to the loop.
  const rest = await judgeSeries(t.store, NOW)
  const total = [...results, rest].reduce((sum, { judged }) => sum + judged, 0)
  assert.equal(total, 8 * 21)
  assert.deepEqual(await states(), { learning: 8 * 14, expected: 8 * 6, unusual: 8 })
  assert.equal((await anomalies()).length, 8)
})
