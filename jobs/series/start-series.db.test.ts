import assert from "node:assert/strict"
import { after, afterEach, before, test } from "node:test"
import pg from "pg"
import { tellSchemaChanges } from "#lib/actions/tell-schema-changes.ts"
import { taskResultSchema } from "#lib/contracts/task-result.ts"
import type { Connections } from "#lib/server/connections.ts"
import { openStore, type Store } from "#lib/store/client.ts"
import { readDatasetSchema } from "#lib/store/read/dataset-schema.ts"
import { savePoliciesOf } from "#test/freshness-workspace.ts"
import { connectionsTo } from "#test/operator-context.ts"
import { RunDriver } from "#test/run-driver.ts"
import { SERIES_HOOK } from "../monitors/series-hook.ts"
import { type SeriesSweep, startSeries } from "./start-series.ts"

let t: RunDriver
let other: Store
let warehouse: pg.Pool
let connections: Connections
const sweeps: SeriesSweep[] = []
before(async () => {
  t = await RunDriver.open()
  other = await openStore({ databaseUrl: t.database.url, applicationName: "other", onError: () => undefined })
  warehouse = new pg.Pool({ connectionString: t.database.warehouseUrl, max: 4 })
  connections = connectionsTo({ warehouse: t.database.warehouseUrl })
  await warehouse.query("create schema raw; create table raw.orders (id bigint, total numeric)")
})
after(async () => {
  await Promise.all([other.close(), warehouse.end(), connections.end()])
  await t.close()
})
afterEach(async () => {
  await Promise.all(sweeps.splice(0).map((sweep) => sweep.stop()))
  await t.store.pool.query("truncate run, dataset, event, pipeline cascade")
})

const ORDERS = "warehouse.raw.orders"
const log = { info: () => {}, warn: () => {} }

/** A load of the table; `columns` as `name type`. */
async function load(columns: string[] | null, rows = { inserted: 10, total: 100 as number | null }) {
  await t.trigger("load")
  const [claim] = await t.claim()
  const shape = columns?.map((text) => ({ name: text.split(" ")[0], type: text.split(" ").slice(1).join(" ") }))
  const materialization = { dataset: ORDERS, rowsInserted: rows.inserted, rowsTotal: rows.total, durationSeconds: 1 }
  const result = taskResultSchema.parse({ materializations: [{ ...materialization, columns: shape ?? null }] })
  await t.finish(claim!, { kind: "success", result })
}

async function points(): Promise<string[]> {
  const { rows } = await t.store.pool.query<{ text: string }>(
    `select concat_ws(' ', metric, nullif(column_name, ''), value, case when run_id is null then 'monitor' end) as text
     from metric_point order by id`,
  )
  return rows.map(({ text }) => text)
}

async function until<Found>(find: () => Promise<Found | null | undefined | false>): Promise<Found> {
  for (;;) {
    const found = await find()
    if (found) return found
    await new Promise((resolve) => setImmediate(resolve))
  }
}

test("a load's counts become series by themselves", async () => {
  await savePoliciesOf(t, { [ORDERS]: {} })
  await load(null)
  assert.deepEqual(await points(), ["row_count 100", "rows 10", "rows_inserted 10", "rows_updated 0", "rows_deleted 0"])
})

test("columns that the policy names are measured once after a load, by one of the workers", async () => {
  await warehouse.query("truncate raw.orders; insert into raw.orders values (1, 5), (2, null)")
  const promised = { onChange: "fail", columns: ["id", { name: "total", type: "text" }] }
  const policy = { anomalies: { columns: [{ column: "total", metrics: ["null_share", "mean"] }] }, schema: promised }
  await savePoliciesOf(t, { [ORDERS]: policy })
  await load(null, { inserted: 2, total: null })
  for (const store of [t.store, other]) sweeps.push(startSeries({ store, warehouse, log }))
  await until(
    async () => (await t.store.pool.query("select 1 from dataset_measure where measured_at is not null")).rows[0],
  )
  for (const sweep of sweeps) sweep.wake()
  await Promise.all(sweeps.splice(0).map((sweep) => sweep.stop()))
  assert.deepEqual((await points()).slice(-3), ["row_count 2", "null_share total 0.5", "mean total 5"])
  const { rows } = await t.store.pool.query("select severity, passed, message from check_result")
  assert.deepEqual(rows, [{ severity: "error", passed: false, message: "total is numeric, not text." }])
})

test("other columns are told of once, with what breaks and whom", async () => {
  await savePoliciesOf(t, { [ORDERS]: { schema: { onChange: "warn" } } })
  await load(["id bigint", "total numeric"])
  await load(["id bigint", "total numeric", "note text"])
  await load(["id bigint", "note text"])
  const ask = async () => [
    { dataset: "warehouse.marts.sales", owner: "Ann", columns: ["total"], effect: "fails" as const },
  ]
  const told = await Promise.all([t.store, other].map((store) => tellSchemaChanges(store, ask)))
  assert.equal(told[0]! + told[1]!, 2)
  const { changes } = await readDatasetSchema(t.store.pool, ORDERS)
  assert.deepEqual(
    changes.map((one) => [
      one.severity,
      one.changes.map(({ kind, column }) => `${kind} ${column}`),
      one.affected.length,
    ]),
    [
      ["warn", ["removed total"], 1],
      ["info", ["added note"], 0],
    ],
  )
  const { rows } = await t.store.pool.query(
    "select data ->> 'message' as message, data -> 'affected' as affected from event where type = 'dataset.schema_changed' order by id",
  )
  assert.deepEqual(rows, [
    { message: "note is new (text)", affected: [] },
    { message: "total is gone (numeric)", affected: ["warehouse.marts.sales"] },
  ])
})

test("a monitor counts, measures, and sees columns that changed by no load", async () => {
  await warehouse.query("truncate raw.orders; insert into raw.orders values (1, 5)")
  await t.store.pool.query("insert into dataset (id) values ($1)", [ORDERS])
  await t.store.pool.query(
    `insert into dataset_policy (dataset_id, file, hash, policy)
     values ($1, 'q.yml', 'x', '{"anomalies":{"columns":["id"],"volume":true,"timezone":"UTC"}}')`,
    [ORDERS],
  )
  const look = () =>
    SERIES_HOOK.run({
      store: t.store,
      connections,
      datasetId: ORDERS,
      now: new Date(),
      signal: new AbortController().signal,
    })
  assert.deepEqual(await look(), { outcome: "ok", message: "Measured 5 values in 1 row." })
  assert.equal((await points())[0], "row_count 1 monitor")
  await warehouse.query("alter table raw.orders drop column total")
  try {
    await look()
    assert.equal(await tellSchemaChanges(t.store, async () => []), 1)
    const { changes, lines } = await readDatasetSchema(t.store.pool, ORDERS)
    assert.equal(changes[0]?.changes[0]?.kind, "removed")
    assert.deepEqual(
      lines.map(({ column }) => column),
      ["id"],
    )
  } finally {
    await warehouse.query("alter table raw.orders add column total numeric")
  }
})

test("a table that is gone is said to be, and nothing is measured", async () => {
  await savePoliciesOf(t, { "warehouse.raw.gone": {} })
  const datasetId = "warehouse.raw.gone"
  const call = { store: t.store, connections, datasetId, now: new Date(), signal: new AbortController().signal }
  const outcome = await SERIES_HOOK.run(call)
  assert.equal(outcome?.outcome, "failed")
  assert.match(outcome?.message ?? "", /no table raw\.gone/)
})
