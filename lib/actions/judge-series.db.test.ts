import assert from "node:assert/strict"
import { after, afterEach, before, test } from "node:test"
import { applyRetention } from "#lib/actions/apply-retention.ts"
import { saveWorkspace } from "#lib/actions/save-workspace.ts"
import { seriesQuerySchema } from "#lib/contracts/api/series.ts"
import { openStore, type Store } from "#lib/store/client.ts"
import { listSeries, readSeries } from "#lib/store/read/series.ts"
import { makeDatasetPolicy } from "#test/freshness-workspace.ts"
import { RunDriver } from "#test/run-driver.ts"
import { callAnomalyFine, undoAnomalyFine } from "./call-anomaly-fine.ts"
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

async function idOf(value: number): Promise<string> {
  const { rows } = await t.store.pool.query<{ id: string }>("select id::text from anomaly where value = $1", [value])
  return rows[0]!.id
}

test("what a person calls fine is no anomaly, and is not one when it comes again, until that is taken back", async () => {
  await measure([...USUAL, 250])
  await judgeSeries(t.store, NOW)
  const id = await idOf(250)
  await callAnomalyFine(t.store, id, { lesson: "point", note: "A holiday.", actor: "ann" })
  await measure([1_001, 260], { from: 21 })
  assert.deepEqual(await judgeSeries(t.store, NOW), { judged: 2, unusual: 0 })
  assert.deepEqual(await anomalies(), ["row_count 250 fine"])
  await undoAnomalyFine(t.store, id, "ann")
  await judgeSeries(t.store, NOW)
  assert.deepEqual(await anomalies(), ["row_count 250 closed", "row_count 260 open"])
  await assert.rejects(() => undoAnomalyFine(t.store, id, "ann"), { code: "anomaly.not_fine" })
  const { rows } = await t.store.pool.query("select type, actor from event where type like 'anomaly.%' order by id")
  assert.deepEqual(rows, [
    { type: "anomaly.fine", actor: "ann" },
    { type: "anomaly.undo", actor: "ann" },
  ])
})

test("judging again what was followed by others long ago opens nothing anew", async () => {
  await measure([...USUAL, 600, ...USUAL, 100, 1_001])
  await judgeSeries(t.store, NOW)
  assert.deepEqual(await anomalies(), ["row_count 600 closed", "row_count 100 closed"])
  const id = await idOf(600)
  await callAnomalyFine(t.store, id, { lesson: "point", note: "", actor: "ann" })
  await judgeSeries(t.store, NOW)
  assert.deepEqual(await anomalies(), ["row_count 600 fine", "row_count 100 closed"])
  await undoAnomalyFine(t.store, id, "ann")
  await judgeSeries(t.store, NOW)
  assert.deepEqual(await anomalies(), ["row_count 600 closed", "row_count 100 closed"])
})

test("a new level that a person calls fine is the level, also of what came since", async () => {
  await measure([...USUAL, 5_000, 5_004, 5_002])
  await judgeSeries(t.store, NOW)
  assert.deepEqual(await anomalies(), ["row_count 5000 closed", "row_count 5004 closed", "row_count 5002 open"])
  await callAnomalyFine(t.store, await idOf(5_000), { lesson: "shift", note: "", actor: "ann" })
  await judgeSeries(t.store, NOW)
  assert.deepEqual(await anomalies(), ["row_count 5000 fine", "row_count 5004 closed", "row_count 5002 closed"])
  await measure([1_003], { from: 23 })
  assert.equal((await judgeSeries(t.store, NOW)).unusual, 1)
})

test("an anomaly that is not there cannot be called fine", async () => {
  const say = { lesson: "point", note: "", actor: "ann" } as const
  await assert.rejects(() => callAnomalyFine(t.store, "99", say), { code: "anomaly.not_found" })
})

test("a series is read with what is expected next", async () => {
  await measure(USUAL.slice(0, 5))
  await judgeSeries(t.store, NOW)
  const query = seriesQuerySchema.parse({})
  const { next } = await readSeries(t.store.pool, ORDERS, query)
  assert.deepEqual(next, { kind: "learning", missing: 9, needed: 14 })
  await measure([...USUAL.slice(5), 250], { from: 5 })
  await judgeSeries(t.store, NOW)
  const series = await readSeries(t.store.pool, ORDERS, query)
  assert.equal(series.points.at(-1)?.anomaly?.state, "open")
  assert.equal(series.points.at(-1)?.state, "unusual")
  assert.ok(series.next?.kind === "band" && series.next.lower > 900 && series.next.upper < 1_100)
  const { items } = await listSeries(t.store.pool, ORDERS)
  assert.deepEqual(
    items.map(({ metric, kind, points, openAnomalies, isWatched }) => [metric, kind, points, openAnomalies, isWatched]),
    [["row_count", "table", 21, 1, true]],
  )
  await assert.rejects(() => readSeries(t.store.pool, "warehouse.no.table", query), { code: "dataset.not_found" })
})

test("old measurements go with the history, and an open anomaly stays", async () => {
  await measure([...USUAL, 250])
  await judgeSeries(t.store, NOW)
  await t.store.pool.query(
    "update metric_point set at = now() - case when value <> 1000 then 100 else 80 end * interval '1 day'",
  )
  await applyRetention(t.store, 90)
  const { rows } = await t.store.pool.query("select distinct value from metric_point")
  assert.deepEqual(rows, [{ value: 1_000 }])
  assert.deepEqual(await anomalies(), ["row_count 250 open"])
  await t.store.pool.query("update anomaly set state = 'closed', closed_at = now() - interval '100 days'")
  await applyRetention(t.store, 90)
  assert.deepEqual(await anomalies(), [])
})
