import assert from "node:assert/strict"
import { once } from "node:events"
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import { after, afterEach, before, test } from "node:test"
import pg from "pg"
import { triggerRun } from "#lib/actions/trigger-run.ts"
import type { RunId } from "#lib/domain/ids.ts"
import { openStore, type Store } from "#lib/store/client.ts"
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../scripts/embedded-postgres.ts"
import { type SilentProxy, startSilentProxy } from "./silent-proxy.ts"
import { type ApiProcess, startApi } from "./spawn-api.ts"
import { startWorker, type WorkerProcess, waitFor, waitForRun } from "./spawn-worker.ts"

/** A real worker and a real API process on a real Postgres that goes away in the ways that servers and networks do. */
const WORKSPACE = path.join(import.meta.dirname, "workspaces/orchestration")
let dir: string
let server: EmbeddedPostgres
let proxy: SilentProxy
let store: Store
let api: ApiProcess
const workers: WorkerProcess[] = []

/** Few connections, so that they can all be taken. */
const SETTINGS = { fsync: "off", max_connections: "80" }

const start = () =>
  startEmbeddedPostgres(path.join(dir, "data"), { logFile: path.join(dir, "postgres.log"), settings: SETTINGS })

before(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), "headrace outage-"))
  await cp(WORKSPACE, path.join(dir, "workspace"), { recursive: true })
  server = await start()
  const admin = new pg.Client(server.url("postgres"))
  await admin.connect()
  for (const name of ["headrace", "warehouse"]) await admin.query(`create database ${name}`)
  await admin.end()
  proxy = await startSilentProxy(server.port)
  await addWorker()
  api = await startApi(environment())
  store = await openStore({ databaseUrl: server.url("headrace"), applicationName: "test", onError: () => undefined })
})
afterEach(async () => {
  for (const { child, output } of [...workers, api]) {
    assert.equal(child.exitCode, null, `no process exits; the last it said: ${output().slice(-3_000)}`)
  }
})
after(async () => {
  await Promise.all([...workers, api].map((each) => each?.stop()))
  await store.close()
  await proxy.close()
  await server.stop()
  await rm(dir, { recursive: true, force: true })
})

const environment = () => ({
  DATABASE_URL: proxy.through(server.url("headrace")),
  HEADRACE_WAREHOUSE_URL: server.url("warehouse"),
  HEADRACE_HOME: path.join(dir, "home"),
})

async function addWorker(): Promise<void> {
  workers.push(
    await startWorker({
      databaseUrl: proxy.through(server.url("headrace")),
      warehouseUrl: server.url("warehouse"),
      workspaceDir: path.join(dir, "workspace"),
      homeDir: path.join(dir, "home"),
      env: { HEADRACE_HEARTBEAT_TIMEOUT_MS: "4000", HEADRACE_DRAIN_MS: "300" },
    }),
  )
}

const output = () => workers.map((worker) => worker.output()).join("\n")
/** Listens to the workers' log from now on. */
function listen(): { heard(pattern: RegExp): boolean; says(pattern: RegExp): Promise<void> } {
  const before = output().length
  const heard = (pattern: RegExp) => pattern.test(output().slice(before))
  return {
    heard,
    async says(pattern) {
      const signal = AbortSignal.timeout(60_000)
      while (!heard(pattern)) await Promise.race(workers.map(({ child }) => once(child.stdout!, "data", { signal })))
    },
  }
}
const databaseUrl = () => server.url("headrace")
const ended = (runId: RunId) => waitForRun(databaseUrl(), store.pool, runId)

/** A run whose first task waits, until the gate is opened. */
async function startHeldRun(logicalAt: number): Promise<{ runId: RunId; open(): Promise<void> }> {
  const gate = path.join(dir, `gate-${logicalAt}`)
  await writeFile(gate, "")
  const { runId } = await triggerRun(store, {
    pipelineId: "processes",
    kind: "manual",
    actor: "test",
    params: { gate },
    logicalAt: new Date(logicalAt),
  })
  await waitFor(databaseUrl(), `run ${runId} to hold`, async () => {
    const { rowCount } = await store.pool.query(
      `select from log_line l join attempt a on a.id = l.attempt_id where a.run_id = $1 and l.message = 'holding'`,
      [runId],
    )
    return rowCount
  })
  return { runId, open: () => rm(gate) }
}

/** The states of runs that the API process tells its followers, from now on. */
async function followRuns(): Promise<{
  told(runId: RunId, state: string): Promise<unknown>
  /** How often it has said that it may have missed something. */
  resyncs(): number
  /** That it has said so more often than `before`: it listens again, and from then on misses nothing. */
  resynced(before: number): Promise<unknown>
  stop(): void
}> {
  const abort = new AbortController()
  const response = await fetch(`${api.url}/events/stream`, { signal: abort.signal })
  let heard = ""
  const reading = (async () => {
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) heard += chunk
  })().catch(() => undefined)
  const resyncs = () => heard.split('{"type":"resync"}').length - 1
  return {
    resyncs,
    resynced: (before) => waitFor(databaseUrl(), "the stream to listen again", async () => resyncs() > before),
    told: (runId, state) =>
      waitFor(databaseUrl(), `the stream to tell that run ${runId} is ${state}`, async () =>
        heard.includes(`{"type":"run","id":"${runId}","pipelineId":"processes","state":"${state}"}`),
      ),
    stop() {
      abort.abort()
      void reading
    },
  }
}

/** Waits until the API answers a question that only the database can. */
function answers(): Promise<unknown> {
  return waitFor(databaseUrl(), "the API to answer", async () => {
    const response = await fetch(`${api.url}/runs?limit=1`)
    return response.ok && ((await response.json()) as { items: unknown[] }).items.length === 1
  })
}

test("goes on after the server was restarted in the middle of a task", async () => {
  const follower = await followRuns()
  try {
    const { runId, open } = await startHeldRun(1)
    const resyncs = follower.resyncs()
    await server.stop()
    const away = await fetch(`${api.url}/runs`)
    assert.equal(away.status, 503)
    assert.equal((await fetch(`${api.url}/health`)).status, 503, "the probe says that the database is away")
    server = await start()
    await follower.resynced(resyncs)
    await open()
    assert.equal(await ended(runId), "success")
    await answers()
    await follower.told(runId, "success")
  } finally {
    follower.stop()
  }
})

test("goes on after the server crashed in the middle of a task", async () => {
  const { runId, open } = await startHeldRun(2)
  server.kill()
  server = await start()
  await open()
  assert.equal(await ended(runId), "success")
  await answers()
})

test("goes on after the network forgot every connection without a word", async () => {
  const { runId, open } = await startHeldRun(3)
  proxy.forgetConnections()
  await open()
  assert.equal(await waitForRun(databaseUrl(), store.pool, runId, 120_000), "success")
  await answers()
})

test("goes on after the server ended every session", async () => {
  const follower = await followRuns()
  try {
    const { runId, open } = await startHeldRun(31)
    const resyncs = follower.resyncs()
    await store.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where application_name like 'headrace%' and pid <> pg_backend_pid()`,
    )
    await follower.resynced(resyncs)
    await open()
    assert.equal(await ended(runId), "success")
    await answers()
    await follower.told(runId, "success")
  } finally {
    follower.stop()
  }
})

test("waits, and says so, while others hold every connection of the server", async () => {
  const { runId, open } = await startHeldRun(32)
  const log = listen()
  const taken: pg.Client[] = []
  const takeAll = async () => {
    for (;;) {
      const client = new pg.Client({ connectionString: databaseUrl(), application_name: "somebody's pool" })
      client.on("error", () => undefined)
      try {
        await client.connect()
      } catch (error) {
        return assert.match(String(error), /too many clients|remaining connection slots/)
      }
      taken.push(client)
    }
  }
  try {
    await open()
    // Whoever loses a session wants another at once: all are taken as often as it takes to be first.
    for (let round = 0; round < 50 && !log.heard(/too many clients|connection slots/); round++) {
      await takeAll()
      await taken[0]!.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'headrace-worker%'",
      )
    }
    await log.says(/too many clients|connection slots/)
  } finally {
    await Promise.all(taken.map((client) => client.end().catch(() => undefined)))
  }
  assert.equal(await ended(runId), "success")
  await answers()
})

test("answers again when a table that all need was locked, however many asked meanwhile", async () => {
  const { runId, open } = await startHeldRun(33)
  const log = listen()
  const idle = new pg.Client({ connectionString: databaseUrl(), application_name: "somebody's migration" })
  await idle.connect()
  try {
    await idle.query("begin")
    await idle.query("lock table task_run in access exclusive mode")
    await open()
    // Many more than there are connections: all of them wait, or are told to come back.
    const asked = Array.from({ length: 60 }, () => fetch(`${api.url}/runs/${runId}`).then(({ status }) => status))
    await log.says(/somebody's migration/)
    await idle.query("rollback")
    for (const status of await Promise.all(asked)) assert.ok([200, 503, 500].includes(status), String(status))
  } finally {
    await idle.end()
  }
  assert.equal(await ended(runId), "success")
  await answers()
})

test("a session that sits on a run's row holds up that run alone, and the log names it", async () => {
  const { runId, open } = await startHeldRun(4)
  const log = listen()
  const idle = new pg.Client({ connectionString: databaseUrl(), application_name: "somebody's psql" })
  await idle.connect()
  try {
    await idle.query("begin")
    await idle.query("select from run where id = $1 for update", [runId])
    await open()
    const { runId: other } = await triggerRun(store, { pipelineId: "chain_40", kind: "manual", actor: "test" })
    assert.equal(await ended(other), "success", "other runs go on")
    await log.says(/somebody's psql.*holds locks that others wait for/)
  } finally {
    await idle.end()
  }
  assert.equal(await ended(runId), "success", "and this one once it is let go")
})
