import assert from "node:assert/strict"
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import { after, before, test } from "node:test"
import { cancelBackfill } from "#lib/actions/cancel-backfill.ts"
import { changeBackfill, rerunFailedSlots } from "#lib/actions/change-backfill.ts"
import { createBackfill } from "#lib/actions/create-backfill.ts"
import { createBackfillSchema } from "#lib/contracts/api/backfills.ts"
import { openStore, type Store } from "#lib/store/client.ts"
import { readBackfill } from "#lib/store/read/backfills.ts"
import { createTestDatabase, type TestDatabase } from "./db.ts"
import { startWorker, type WorkerProcess, waitFor } from "./spawn-worker.ts"

/**
 * A backfill of hundreds of partitions beside live schedules, on real workers that are killed while it launches.
 * HEADRACE_PARTITIONS=10000 makes it the size that people are promised.
 */
const PARTITIONS = Number(process.env.HEADRACE_PARTITIONS ?? 240)
const FIRST = Date.UTC(1998, 0, 1)
const DAY_MS = 86_400_000
const PIPELINES = `import { noop, pipeline } from "headrace"
pipeline({ id: "filled", partition: "day", startDate: "1998-01-01" }, ({ task }) => {
  task("second", noop()).after(task("first", noop()))
})
pipeline({ id: "live", schedule: { every: "1s", catchup: "all" }, maxActiveRuns: 5 }, ({ task }) => void task("only", noop()))
`

let database: TestDatabase
let store: Store
let dir: string
const workers: WorkerProcess[] = []

before(async () => {
  database = await createTestDatabase()
  store = await openStore({ databaseUrl: database.url, applicationName: "test", onError: () => undefined })
  dir = await mkdtemp(path.join(os.tmpdir(), "headrace-backfill-"))
  await mkdir(path.join(dir, "workspace/pipelines"), { recursive: true })
  await writeFile(path.join(dir, "workspace/pipelines/filled.ts"), PIPELINES)
  await Promise.all([start(), start()])
})
after(async () => {
  await Promise.all(workers.map((worker) => worker.stop()))
  await store.close()
  await database.drop()
  await rm(dir, { recursive: true, force: true })
})

async function start(): Promise<void> {
  workers.push(
    await startWorker({
      databaseUrl: database.url,
      warehouseUrl: database.warehouseUrl,
      workspaceDir: path.join(dir, "workspace"),
      homeDir: path.join(dir, "home"),
      env: { HEADRACE_HEARTBEAT_TIMEOUT_MS: "1500", HEADRACE_AUTHOR_PROCESSES: "1" },
    }),
  )
}

async function fill(selection: "all" | "missing"): Promise<string> {
  const day = (index: number) => new Date(FIRST + index * DAY_MS).toISOString().slice(0, 10)
  const request = { pipelineId: "filled", from: day(0), to: day(PARTITIONS - 1), selection, concurrency: 8 }
  const { id } = await createBackfill(store, { ...createBackfillSchema.parse(request), actor: "test" })
  return id!
}

const doneOf = async (id: string) => (await readBackfill(store.pool, id)).counts.done
const waitForDone = (id: string, count: number) =>
  waitFor(database.url, `${count} partitions`, async () => (await doneOf(id)) >= count, 600_000)
const ended = (id: string) =>
  waitFor(
    database.url,
    `backfill ${id} to end`,
    async () => {
      const { finishedAt, state } = await readBackfill(store.pool, id)
      return finishedAt && state
    },
    600_000,
  )

test("kills while it launches lose no partition and run none twice, and live schedules go on", async () => {
  const id = await fill("all")
  for (const share of [0.1, 0.3, 0.6]) {
    await waitForDone(id, Math.floor(PARTITIONS * share))
    const victim = workers.shift()
    await Promise.all([victim?.kill(), start()])
  }
  assert.equal(await ended(id), "success")
  const { rows } = await store.pool.query(
    `select count(*)::int as runs, count(distinct r.partition_key)::int as partitions, count(s.run_id)::int as slots
     from run r
     left join backfill_slot s on s.run_id = r.id
     where r.backfill_id = $1`,
    [id],
  )
  assert.deepEqual(rows[0], { runs: PARTITIONS, partitions: PARTITIONS, slots: PARTITIONS })
  await assertLiveGoesOn()
})

test("cancelled in the middle, then run again, and paused on the way, it loads what was missing", async () => {
  await store.pool.query("delete from run where pipeline_id = 'filled'")
  const first = await fill("all")
  await waitForDone(first, 20)
  await cancelBackfill(store, { backfillId: first, actor: "test" })
  await waitFor(database.url, "the cancelled to end", async () => {
    const { counts, state } = await readBackfill(store.pool, first)
    return state === "cancelled" && counts.running === 0
  })
  const loaded = await doneOf(first)
  assert(loaded < PARTITIONS, "it was cancelled in the middle")
  const second = await fill("missing")
  const { counts } = await readBackfill(store.pool, second)
  assert.equal(counts.skip, loaded)
  await waitForDone(second, 20)
  await changeBackfill(store, { backfillId: second, isPaused: true, actor: "test" })
  await waitFor(database.url, "the pause", async () => (await readBackfill(store.pool, second)).counts.running === 0)
  const atPause = await doneOf(second)
  assert(atPause < counts.create, "it was paused in the middle")
  await changeBackfill(store, { backfillId: second, isPaused: false, concurrency: 16, actor: "test" })
  assert.equal(await ended(second), "success")
  await assert.rejects(rerunFailedSlots(store, { backfillId: second, actor: "test" }), { code: "backfill.invalid" })
  await assertLiveGoesOn()
})

/** Every tick of the live schedule since the start has its run, and none is far behind. */
async function assertLiveGoesOn(): Promise<void> {
  await waitFor(database.url, "a live run that is up to date", async () => {
    const { rowCount } = await store.pool.query(
      `select from run where pipeline_id = 'live' and state = 'success' and logical_at > now() - interval '10 seconds'`,
    )
    return rowCount
  })
  const { rows } = await store.pool.query<{ runs: number; ticks: number }>(
    `select count(*)::int as runs, extract(epoch from max(logical_at) - min(logical_at))::int + 1 as ticks
     from run where pipeline_id = 'live'`,
  )
  assert.equal(rows[0]!.runs, rows[0]!.ticks, "no tick is missing")
}
