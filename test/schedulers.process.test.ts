import assert from "node:assert/strict"
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import { after, before, test } from "node:test"
import { openStore, type Store } from "#lib/store/client.ts"
import { createTestDatabase, type TestDatabase } from "./db.ts"
import { startWorker, type WorkerProcess, waitFor } from "./spawn-worker.ts"

/** Real scheduler processes on a real Postgres, killed and started while schedules tick. */
const EVERY_MS = 2_000
const FILES = {
  "ticking.ts": `import { noop, pipeline } from "headrace"
pipeline({ id: "ticking", schedule: { every: "2s", catchup: "all" }, maxActiveRuns: 5 }, ({ task }) => void task("only", noop()))
pipeline({ id: "lazy", schedule: { every: "2s", catchup: "latest" }, maxActiveRuns: 5 }, ({ task }) => void task("only", noop()))
pipeline({ id: "following", after: "ticking", maxActiveRuns: 5 }, ({ task }) => void task("only", noop()))
`,
}

let database: TestDatabase
let store: Store
let dir: string
const workers: WorkerProcess[] = []

before(async () => {
  database = await createTestDatabase()
  store = await openStore({ databaseUrl: database.url, applicationName: "test", onError: () => undefined })
  dir = await mkdtemp(path.join(os.tmpdir(), "headrace-schedulers-"))
  await mkdir(path.join(dir, "workspace/pipelines"), { recursive: true })
  for (const [name, text] of Object.entries(FILES)) await writeFile(path.join(dir, "workspace/pipelines", name), text)
})
after(async () => {
  await Promise.all(workers.map((worker) => worker.stop()))
  await store.close()
  await database.drop()
  await rm(dir, { recursive: true, force: true })
})

async function start(): Promise<WorkerProcess> {
  const worker = await startWorker({
    databaseUrl: database.url,
    warehouseUrl: database.warehouseUrl,
    workspaceDir: path.join(dir, "workspace"),
    homeDir: path.join(dir, "home"),
    env: { HEADRACE_HEARTBEAT_TIMEOUT_MS: "1500", HEADRACE_AUTHOR_PROCESSES: "1" },
  })
  workers.push(worker)
  return worker
}

async function ticksOf(pipelineId: string): Promise<number[]> {
  const { rows } = await store.pool.query<{ at: Date }>(
    "select logical_at as at from run where pipeline_id = $1 order by logical_at, id",
    [pipelineId],
  )
  return rows.map((row) => row.at.getTime())
}

/** Waits for `count` more ticks of the clock, whoever runs them. */
const ticksLater = (count: number) => {
  const until = Date.now() + count * EVERY_MS
  return waitFor(database.url, `${count} ticks`, async () => Date.now() >= until)
}
const waitForTick = (pipelineId: string, at: number) =>
  waitFor(database.url, `the tick of ${pipelineId}`, async () => ((await ticksOf(pipelineId)).at(-1) ?? 0) >= at)

function assertNoGap(ticks: readonly number[]): void {
  assert.deepEqual(
    ticks,
    ticks.map((_, index) => ticks[0]! + index * EVERY_MS),
  )
}

test("three schedulers, killed and started again, run each tick once, and what follows each run once", async () => {
  const [first, second] = await Promise.all([start(), start(), start()])
  await ticksLater(3)
  await first?.kill()
  await ticksLater(2)
  await Promise.all([second?.kill(), start()])
  await ticksLater(2)
  const last = Date.now()
  await waitForTick("ticking", last - EVERY_MS)
  const ticks = await ticksOf("ticking")
  assert.ok(ticks.length >= 7, `${ticks.length} ticks`)
  assertNoGap(ticks)

  await waitFor(database.url, "each end to be followed", async () => {
    const { rows } = await store.pool.query<{ ended: string[]; followed: string[] }>(
      `select (select array_agg(id::text order by id) from run where pipeline_id = 'ticking' and state = 'success'
               and logical_at <= $1) as ended,
              (select array_agg(trigger #>> '{arrivals,0,runId}' order by (trigger #>> '{arrivals,0,runId}')::bigint)
               from run where pipeline_id = 'following') as followed`,
      [new Date(last - EVERY_MS)],
    )
    const { ended, followed } = rows[0]!
    const counted = followed?.filter((id) => ended.includes(id)) ?? []
    assert.deepEqual(counted, [...new Set(counted)])
    return ended.length >= 6 && counted.length === ended.length
  })
})

test("after an outage of all schedulers, each pipeline catches up by its own policy", async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop()))
  const stopped = { ticking: (await ticksOf("ticking")).at(-1)!, lazy: (await ticksOf("lazy")).at(-1)! }
  await ticksLater(4)
  const back = Date.now()
  await start()
  await Promise.all([waitForTick("ticking", back), waitForTick("lazy", back)])
  const ticking = await ticksOf("ticking")
  assertNoGap(ticking)
  const lazy = (await ticksOf("lazy")).filter((tick) => tick > stopped.lazy)
  // One run for all that was missed: the first gap is the outage.
  assert.ok(lazy[0]! - stopped.lazy >= 4 * EVERY_MS, `${lazy[0]! - stopped.lazy} ms`)
  assert.deepEqual(lazy, [...new Set(lazy)])
})
