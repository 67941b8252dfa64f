import assert from "node:assert/strict"
import { after, afterEach, before, test } from "node:test"
import { askForCheck } from "#lib/actions/ask-for-check.ts"
import { saveWorkspace } from "#lib/actions/save-workspace.ts"
import type { Monitor } from "#lib/contracts/api/freshness.ts"
import { AppError } from "#lib/domain/errors.ts"
import { type Connections, createConnections, WAREHOUSE } from "#lib/server/connections.ts"
import { openStore, type Store } from "#lib/store/client.ts"
import { listMonitors } from "#lib/store/read/monitors.ts"
import { makeDatasetPolicy } from "#test/freshness-workspace.ts"
import { RunDriver } from "#test/run-driver.ts"
import type { MonitorCall, MonitorHook } from "./monitor-hooks.ts"
import { type Monitors, startMonitors } from "./start-monitors.ts"

let t: RunDriver
let other: Store
let connections: Connections
const started: Monitors[] = []
before(async () => {
  t = await RunDriver.open()
  other = await openStore({ databaseUrl: t.database.url, applicationName: "other", onError: () => undefined })
  connections = createConnections({
    warehouseUrl: t.database.warehouseUrl,
    connectionUrls: {},
    notifyUrls: {},
    authorVariables: {},
    workerSlots: 3,
  })
})
after(async () => {
  await Promise.all([other.close(), connections.end()])
  await t.close()
})
afterEach(async () => {
  await Promise.all(started.splice(0).map((each) => each.stop()))
  await t.store.pool.query("truncate dataset cascade")
})

async function watch(tables: Record<string, object>): Promise<void> {
  const policies = Object.entries(tables).map(([table, policy]) => makeDatasetPolicy(`warehouse.raw.${table}`, policy))
  await saveWorkspace(t.store, { pipelines: [], policies, problems: [] }, new Date())
}

function start(hooks: readonly MonitorHook[] | undefined, store: Store = t.store, timeoutMs = 60_000): Monitors {
  const monitors = startMonitors({
    store,
    connections,
    log: { info: () => {}, warn: () => {} },
    ...(hooks && { hooks }),
    timeoutMs,
  })
  started.push(monitors)
  return monitors
}

/** A part that does as the table's name says, and notes whom it was called for. */
function makeHook(act: (table: string, call: MonitorCall) => Promise<void> | void, seen: string[] = []): MonitorHook {
  return {
    name: "expectations",
    async run(call) {
      const table = call.datasetId.split(".").at(-1)!
      seen.push(table)
      await act(table, call)
      return { outcome: "ok", message: "Looked." }
    },
  }
}

async function until(isThere: (monitors: Monitor[]) => boolean): Promise<Monitor[]> {
  for (;;) {
    const { items } = await listMonitors(t.store.pool, { limit: 100 }, new Date())
    if (isThere(items)) return items
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const EVERY = { monitor: { every: "1h" } }

test("one table that fails and one that hangs hold up no other, and say so", async () => {
  await watch({ a: EVERY, fails: EVERY, hangs: EVERY, z: EVERY })
  start(
    [
      makeHook((table) => {
        if (table === "fails") throw new AppError("engine.timeout", "The table is locked.")
        if (table === "hangs") return new Promise(() => {})
      }),
      { name: "series", run: async () => null },
    ],
    t.store,
    300,
  )
  const monitors = await until((items) => items.length === 4 && items.every(({ outcome }) => outcome !== null))
  assert.deepEqual(
    monitors.map(({ datasetId, outcome, message }) => [datasetId.split(".").at(-1), outcome, message]),
    [
      ["a", "ok", "expectations: Looked."],
      ["fails", "failed", "expectations: The table is locked."],
      ["hangs", "failed", "expectations: It took longer than 0.3 s."],
      ["z", "ok", "expectations: Looked."],
    ],
  )
  for (const { nextAt, finishedAt } of monitors) assert.equal(Date.parse(nextAt) - Date.parse(finishedAt!), 3_600_000)
})

test("many workers look at each table once, and once more when somebody asks", async () => {
  await watch(Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`t${index}`, EVERY])))
  const seen: string[] = []
  const hooks = [makeHook(() => {}, seen)]
  start(hooks)
  start(hooks, other)
  await until((items) => items.every(({ outcome }) => outcome !== null))
  assert.equal(seen.length, 12)
  assert.equal(new Set(seen).size, 12)
  const { askedAt } = await askForCheck(t.store, "warehouse.raw.t3")
  for (const each of started) each.wake()
  await until((items) => items.some(({ finishedAt }) => finishedAt !== null && finishedAt > askedAt))
  assert.equal(seen.at(-1), "t3")
  assert.equal(seen.length, 13)
})

test("a table that no pipeline builds is looked at without being told to: its freshness, its rows and its figures", async () => {
  await connections
    .pool(WAREHOUSE)
    .query(
      "create schema raw; create table raw.outside (at timestamptz); insert into raw.outside values (now()), (null)",
    )
  await watch({
    outside: {
      freshness: { maxAge: "1h", column: "at" },
      anomalies: { volume: true },
      expectations: [{ notNull: "at" }, { unique: "at" }],
    },
    plain: { owner: "Ann" },
  })
  start(undefined)
  const [monitor, ...rest] = await until((items) => items.length > 0 && items.every(({ outcome }) => outcome !== null))
  assert.deepEqual(rest, [])
  assert.deepEqual(
    monitor?.parts.map(({ name, outcome, message }) => `${name} ${outcome} ${message}`),
    ["freshness ok Measured.", "expectations ok 2 expectations, 1 does not hold.", "series ok Counted 2 rows."],
  )
  const { rows } = await t.store.pool.query("select state from freshness_status")
  assert.deepEqual(rows, [{ state: "fresh" }])
})

test("nobody is asked to look at a dataset without a policy", async () => {
  await assert.rejects(() => askForCheck(t.store, "warehouse.raw.nothing"), { code: "dataset.not_watched" })
})
