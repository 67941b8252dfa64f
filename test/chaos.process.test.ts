import assert from "node:assert/strict"
import { execFile } from "node:child_process"
import path from "node:path"
import { test } from "node:test"
import { promisify } from "node:util"
import pg from "pg"
import { triggerRun } from "#lib/actions/trigger-run.ts"
import { openStore, type Store } from "#lib/store/client.ts"
import { createDatabase, createTestDatabase, type TestDatabase } from "./db.ts"
import { makeHomeDir, startWorker, type WorkerSettings, waitFor, waitForRun } from "./spawn-worker.ts"

/**
 * Kills the worker at random moments of the demo's daily_etl, days in a row, and compares every table of the warehouse
 * with that of a twin that nobody disturbed. `npm run chaos` kills 20 times; `npm test` does a few. A failing seed is
 * in the test's name and replays with HEADRACE_CHAOS_SEED.
 */
const KILLS = Number(process.env.HEADRACE_CHAOS_KILLS ?? 4)
const SEED = Number(process.env.HEADRACE_CHAOS_SEED ?? Date.now() % 1_000_000)
const KILLS_A_DAY = 4
const FIRST_DAY = Date.UTC(2026, 2, 1)
const BEGAN = new Date().toISOString()
const WORKSPACE = path.join(import.meta.dirname, "../workspace")

interface World {
  database: TestDatabase
  store: Store
  shopUrl: string
  settings: WorkerSettings
  dispose(): Promise<void>
}

test(`${KILLS} kills of the worker leave the tables of an undisturbed run (seed ${SEED})`, {
  timeout: 900_000,
}, async () => {
  const random = seeded(SEED)
  const calm = await openWorld()
  const wild = await openWorld()
  try {
    const days = Math.ceil(KILLS / KILLS_A_DAY)
    for (let day = 1; day <= days; day++) {
      const until = new Date(FIRST_DAY + day * 86_400_000).toISOString().slice(0, 10)
      for (const world of [calm, wild]) await demo(world, "move-shop.ts", "--day", until)
      await runCalmly(calm)
      await runWildly(wild, Math.min(KILLS_A_DAY, KILLS - (day - 1) * KILLS_A_DAY), random)
    }
    const [expected, actual] = [await contentsOf(calm), await contentsOf(wild)]
    assert.deepEqual(Object.keys(actual), Object.keys(expected))
    for (const [table, content] of Object.entries(expected)) assert.deepEqual(actual[table], content, table)
  } finally {
    await calm.dispose()
    await wild.dispose()
  }
})

async function openWorld(): Promise<World> {
  const database = await createTestDatabase()
  const home = await makeHomeDir()
  const shopUrl = await createDatabase("shop")
  const store = await openStore({ databaseUrl: database.url, applicationName: "test", onError: () => undefined })
  const world: World = {
    database,
    store,
    shopUrl,
    settings: {
      databaseUrl: database.url,
      warehouseUrl: database.warehouseUrl,
      workspaceDir: WORKSPACE,
      homeDir: home.dir,
      env: {
        HEADRACE_CONNECTION_SHOP: shopUrl,
        HEADRACE_HEARTBEAT_TIMEOUT_MS: "1000",
        HEADRACE_AUTHOR_PROCESSES: "1",
      },
    },
    async dispose() {
      await store.close()
      await database.drop()
      await home.dispose()
    },
  }
  await demo(world, "fill-shop.ts", "--customers", "400", "--products", "40", "--days", "20", "--until", "2026-03-01")
  return world
}

function demo(world: World, program: string, ...args: string[]) {
  return promisify(execFile)(process.execPath, [path.join(WORKSPACE, "demo", program), ...args], {
    env: { ...process.env, SHOP_URL: world.shopUrl },
  })
}

async function trigger(world: World): Promise<string> {
  // The worker that loads the workspace is up when this is called; the pipeline's schedule must not run beside it.
  await world.store.pool.query("update pipeline set is_paused = true")
  const { runId } = await triggerRun(world.store, { pipelineId: "daily_etl", kind: "manual", actor: "chaos" })
  return runId
}

async function runCalmly(world: World): Promise<void> {
  const worker = await startWorker(world.settings)
  const runId = await trigger(world)
  assert.equal(await waitForRun(world.database.url, world.store.pool, runId), "success")
  await worker.stop()
}

async function runWildly(world: World, kills: number, random: () => number): Promise<void> {
  let worker = await startWorker(world.settings)
  const runId = await trigger(world)
  const end = waitForRun(world.database.url, world.store.pool, runId, 300_000)
  for (let kill = 0; kill < kills; kill++) {
    // Something must be running, or the kill would prove nothing.
    const isLive = await waitFor(
      world.database.url,
      "a running attempt or the end",
      async () => {
        const { rows } = await world.store.pool.query<{ what: string }>(
          `select case when r.finished_at is not null then 'ended' else 'live' end as what
           from run r
           where r.id = $1 and (r.finished_at is not null
             or exists (select from attempt a where a.run_id = r.id and a.state = 'running'))`,
          [runId],
        )
        return rows[0]?.what
      },
      120_000,
    )
    if (isLive === "ended") break
    // The random moment itself: up to 400 ms into whatever is going on.
    await new Promise((resolve) => setTimeout(resolve, random() * 400))
    await worker.kill()
    worker = await startWorker(world.settings)
  }
  assert.equal(await end, "success")
  await worker.stop()
}

/**
 * A digest of every table by its rows, without the columns that say when and by which attempt a row came. Erased customers
 * leave the shop without a trace, so a version of theirs is valid until the load that found them gone: that it was found
 * during this test must agree, and the moment cannot.
 */
async function contentsOf(world: World): Promise<Record<string, { rows: number; digest: string }>> {
  const client = new pg.Client({ connectionString: world.database.warehouseUrl })
  await client.connect()
  try {
    const tables = await client.query<{ name: string; columns: string }>(
      `select format('%I.%I', c.table_schema, c.table_name) as name,
              string_agg(
                case when c.column_name = 'valid_to'
                  then format('case when valid_to between %L and now() then ''when found gone'' else valid_to::text end', $1::text)
                  else format('%I', c.column_name)
                end, ', ' order by c.ordinal_position) as columns
       from information_schema.columns c
       join information_schema.tables t using (table_schema, table_name)
       where t.table_type = 'BASE TABLE'
         and c.table_schema not in ('headrace', 'information_schema', 'pg_catalog')
         -- Partitions have names of their own each time; their rows are those of their table.
         and not exists (select from pg_catalog.pg_class p
                         where p.oid = format('%I.%I', c.table_schema, c.table_name)::regclass and p.relispartition)
         and c.column_name not in ('_headrace_loaded_at', '_headrace_run_id', '_headrace_version', 'load_date', 'load_version')
       group by 1
       order by 1`,
      [BEGAN],
    )
    assert.ok(tables.rows.length > 10, "the warehouse has its tables")
    const contents: Record<string, { rows: number; digest: string }> = {}
    for (const { name, columns } of tables.rows) {
      const { rows } = await client.query<{ rows: number; digest: string }>(
        `select count(*)::int as rows, coalesce(md5(string_agg(line, e'\\n' order by line)), '') as digest
         from (select row(${columns})::text as line from ${name}) lines`,
      )
      contents[name] = rows[0]!
    }
    return contents
  } finally {
    await client.end()
  }
}

/** Mulberry32: thirty-two bits of state are plenty for picking moments, and a seed replays them. */
function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
