import assert from "node:assert/strict"
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
import { startWorker, type WorkerProcess, waitFor, waitForRun } from "./spawn-worker.ts"

/** Real workers on a real Postgres that goes away in the ways that servers and networks do. */
const WORKSPACE = path.join(import.meta.dirname, "workspaces/orchestration")
let dir: string
let server: EmbeddedPostgres
let proxy: SilentProxy
let store: Store
const workers: WorkerProcess[] = []

const start = () =>
  startEmbeddedPostgres(path.join(dir, "data"), { logFile: path.join(dir, "postgres.log"), settings: { fsync: "off" } })

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
  store = await openStore({ databaseUrl: server.url("headrace"), applicationName: "test", onError: () => undefined })
})
afterEach(async () => {
  for (const worker of workers) assert.equal(worker.child.exitCode, null, "no worker exits")
})
after(async () => {
  await Promise.all(workers.map((worker) => worker.stop()))
  await store.close()
  await proxy.close()
  await server.stop()
  await rm(dir, { recursive: true, force: true })
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

test("goes on after the server was restarted in the middle of a task", async () => {
  const { runId, open } = await startHeldRun(1)
  await server.stop()
  server = await start()
  await open()
  assert.equal(await ended(runId), "success")
})

test("goes on after the server crashed in the middle of a task", async () => {
  const { runId, open } = await startHeldRun(2)
  server.kill()
  server = await start()
  await open()
  assert.equal(await ended(runId), "success")
})

test("goes on after the network forgot every connection without a word", async () => {
  const { runId, open } = await startHeldRun(3)
  proxy.forgetConnections()
  await open()
  assert.equal(await waitForRun(databaseUrl(), store.pool, runId, 120_000), "success")
})

test("a session that sits on a run's row holds up that run alone, and the log names it", async () => {
  const { runId, open } = await startHeldRun(4)
  const idle = new pg.Client({ connectionString: databaseUrl(), application_name: "somebody's psql" })
  await idle.connect()
  try {
    await idle.query("begin")
    await idle.query("select from run where id = $1 for update", [runId])
    await open()
    const { runId: other } = await triggerRun(store, { pipelineId: "chain_40", kind: "manual", actor: "test" })
    assert.equal(await ended(other), "success", "other runs go on")
    await waitFor(databaseUrl(), "the warning", async () => /holds locks that others wait for/.test(output()))
    assert.match(output(), /somebody's psql/)
  } finally {
    await idle.end()
  }
  assert.equal(await ended(runId), "success", "and this one once it is let go")
})
