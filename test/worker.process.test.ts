import assert from "node:assert/strict"
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import { after, afterEach, before, test } from "node:test"
import pg from "pg"
import { cancelRun } from "#lib/actions/cancel-run.ts"
import { createWebhook } from "#lib/actions/save-webhook.ts"
import { triggerRun } from "#lib/actions/trigger-run.ts"
import { makeSecret } from "#lib/connectors/webhook/sign-message.ts"
import type { JsonObject } from "#lib/contracts/json.ts"
import type { RunId } from "#lib/domain/ids.ts"
import { openStore, type Store } from "#lib/store/client.ts"
import { createTestDatabase, type TestDatabase } from "./db.ts"
import { startReceiver } from "./http-receiver.ts"
import { startWorker, type WorkerProcess, waitFor, waitForRun } from "./spawn-worker.ts"

/** Real worker processes on a real Postgres: what happens when they are killed, stopped, cut off and told to stop. */
const WORKSPACE = path.join(import.meta.dirname, "workspaces/orchestration")
let database: TestDatabase
let store: Store
let dir: string
const workers: WorkerProcess[] = []

before(async () => {
  database = await createTestDatabase()
  store = await openStore({ databaseUrl: database.url, applicationName: "test", onError: () => undefined })
  dir = await mkdtemp(path.join(os.tmpdir(), "headrace worker test-"))
  await cp(WORKSPACE, path.join(dir, "workspace"), { recursive: true })
})
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop()))
})
after(async () => {
  await store.close()
  await database.drop()
  await rm(dir, { recursive: true, force: true })
})

async function start(env: Record<string, string> = {}): Promise<WorkerProcess> {
  const worker = await startWorker({
    databaseUrl: database.url,
    warehouseUrl: database.warehouseUrl,
    workspaceDir: path.join(dir, "workspace"),
    homeDir: path.join(dir, "home"),
    env: { HEADRACE_HEARTBEAT_TIMEOUT_MS: "1500", HEADRACE_DRAIN_MS: "300", ...env },
  })
  workers.push(worker)
  return worker
}

let logical = Date.UTC(2026, 0, 1)
async function trigger(pipelineId: string, params: JsonObject = {}): Promise<RunId> {
  logical += 1_000
  const { runId } = await triggerRun(store, {
    pipelineId,
    kind: "manual",
    actor: "test",
    params,
    logicalAt: new Date(logical),
  })
  return runId
}

/** A gate file that holds the task `first` of pipeline `processes` until it is opened. */
async function closeGate(): Promise<{ gate: string; open(): Promise<void> }> {
  const gate = path.join(dir, `gate-${logical}-${workers.length}`)
  await writeFile(gate, "")
  return { gate, open: () => rm(gate) }
}

async function attemptsOf(runId: RunId, taskId: string) {
  const { rows } = await store.pool.query<{ number: number; state: string; failure: { code: string } | null }>(
    `select a.number, a.state, a.failure from attempt a join task_run t on t.id = a.task_run_id
     where t.run_id = $1 and t.task_id = $2 order by a.number`,
    [runId, taskId],
  )
  return rows
}

/** Waits until attempt `number` of a task has written "holding": it runs, and its log arrived. */
function waitForHolding(runId: RunId, number = 1) {
  return waitFor(database.url, `attempt ${number} of run ${runId} to hold`, async () => {
    const { rowCount } = await store.pool.query(
      `select from log_line l join attempt a on a.id = l.attempt_id
       where a.run_id = $1 and a.number = $2 and l.message = 'holding'`,
      [runId, number],
    )
    return rowCount
  })
}

const ended = (runId: RunId) => waitForRun(database.url, store.pool, runId)

test("runs a pipeline of shell and author code, without credentials in its reach", async () => {
  await start()
  const runId = await trigger("processes")
  assert.equal(await ended(runId), "success")
  const outputs = await store.pool.query(
    "select o.value from task_output o join task_run t on t.id = o.task_run_id where t.run_id = $1 and o.key = 'leaked'",
    [runId],
  )
  assert.deepEqual(outputs.rows[0].value, [])
  const log = await store.pool.query(
    "select message from log_line l join attempt a on a.id = l.attempt_id where a.run_id = $1",
    [runId],
  )
  assert.ok(log.rows.some((row) => row.message === "hello from author code"))
})

test("another worker takes over from one that is killed", async () => {
  const doomed = await start()
  const { gate, open } = await closeGate()
  const runId = await trigger("processes", { gate })
  await waitForHolding(runId)
  const heir = await start()
  await doomed.kill()
  await waitForHolding(runId, 2)
  await open()
  assert.equal(await ended(runId), "success")
  const attempts = await attemptsOf(runId, "first")
  assert.deepEqual(
    attempts.map((attempt) => attempt.state),
    ["lost", "success"],
  )
  assert.equal(heir.child.exitCode, null)
})

test("refuses the late outcome of a worker that was stopped beyond its lease", async () => {
  const frozen = await start()
  const { gate, open } = await closeGate()
  const runId = await trigger("processes", { gate })
  await waitForHolding(runId)
  frozen.child.kill("SIGSTOP")
  await start()
  await waitForHolding(runId, 2)
  await open()
  assert.equal(await ended(runId), "success")
  frozen.child.kill("SIGCONT")
  await waitFor(database.url, "the frozen worker to notice", async () => frozen.output().includes("superseded"))
  assert.deepEqual(
    (await attemptsOf(runId, "first")).map((attempt) => attempt.state),
    ["lost", "success"],
  )
})

test("refuses the late load of a worker that was stopped while it read", async () => {
  const gate = new pg.Client({ connectionString: database.warehouseUrl })
  await gate.connect()
  try {
    await gate.query("create schema if not exists marts")
    await gate.query("create table if not exists marts.readers (day date not null, reader bigint)")
    await gate.query("select pg_advisory_lock(4711)")
    const waiting = async (count: number) => {
      const { rows } = await gate.query<{ pid: number }>(
        "select pid from pg_locks where locktype = 'advisory' and objid = 4711 and not granted order by pid",
      )
      return rows.length >= count && rows.map((row) => row.pid)
    }
    const frozen = await start()
    const runId = await trigger("gated_load")
    const [late] = await waitFor(database.url, "the first to read", () => waiting(1))
    frozen.child.kill("SIGSTOP")
    await start()
    await waitFor(database.url, "the second to read", () => waiting(2))
    await gate.query("select pg_advisory_unlock(4711)")
    assert.equal(await ended(runId), "success")
    frozen.child.kill("SIGCONT")
    await waitFor(database.url, "the frozen worker to notice", async () => frozen.output().includes("superseded"))
    // Its tasks have ended when it is gone: nothing can come after that.
    assert.equal(await frozen.stop(), 0)
    const { rows } = await gate.query("select reader from marts.readers")
    assert.equal(rows.length, 1)
    assert.notEqual(Number(rows[0].reader), late)
  } finally {
    await gate.end()
  }
})

test("shows the log of a task up to its death of hunger, and says what killed it", async () => {
  const worker = await start()
  const runId = await trigger("greedy")
  assert.equal(await ended(runId), "failed")
  const { rows } = await store.pool.query<{
    state: string
    exitCode: number
    failure: { code: string; message: string }
  }>(`select state, exit_code as "exitCode", failure from attempt where run_id = $1`, [runId])
  assert.equal(rows.length, 1)
  assert.equal(rows[0]!.state, "killed")
  assert.equal(rows[0]!.exitCode, 137)
  assert.equal(rows[0]!.failure.code, "attempt.out_of_memory")
  assert.match(rows[0]!.failure.message, /killed \(out of memory\), exit 137/)
  const log = await store.pool.query<{ message: string }>(
    "select message from log_line l join attempt a on a.id = l.attempt_id where a.run_id = $1 order by line",
    [runId],
  )
  const lines = log.rows.map((row) => row.message)
  assert.ok(lines.includes("filling"), lines.join("\n"))
  assert.match(lines.at(-1)!, /killed \(out of memory\), exit 137/)
  assert.equal(worker.child.exitCode, null, "the worker is not what was killed")
})

test("another worker delivers the message that one was sending when it was killed", async () => {
  const receiver = await startReceiver()
  const webhook = { url: receiver.url, events: ["run.created"], pipelines: [], tags: [], description: "" }
  try {
    await createWebhook(store, { ...webhook, secret: makeSecret(), actor: "test" })
    const env = { HEADRACE_ALLOW_PRIVATE_WEBHOOKS: "true" }
    const doomed = await start(env)
    receiver.answerWith(0)
    const runId = await trigger("chain_40")
    await receiver.arrived(1)
    await doomed.kill()
    // Its lease is half a minute: as if that were over.
    await store.pool.query("update webhook_delivery set next_try_at = now() where state = 'pending'")
    await start(env)
    const [first, second] = await receiver.arrived(2)
    assert.equal(second!.headers["webhook-id"], first!.headers["webhook-id"])
    assert.equal(await ended(runId), "success")
  } finally {
    await store.pool.query("delete from webhook")
    await receiver.close()
  }
})

test("hands its tasks back when it is told to stop, without using up retries", async () => {
  const leaving = await start()
  const { gate, open } = await closeGate()
  const runId = await trigger("processes", { gate })
  await waitForHolding(runId)
  assert.equal(await leaving.stop(), 0)
  await start()
  await waitForHolding(runId, 2)
  await open()
  assert.equal(await ended(runId), "success")
  const { rows } = await store.pool.query(
    "select attempts_before from task_run where run_id = $1 and task_id = 'first'",
    [runId],
  )
  assert.equal(rows[0].attempts_before, 1)
})

test("goes on when the database drops every connection", async () => {
  const worker = await start()
  const { gate, open } = await closeGate()
  const runId = await trigger("processes", { gate })
  await waitForHolding(runId)
  await store.pool.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name like 'headrace-worker%'",
  )
  await open()
  assert.equal(await ended(runId), "success")
  assert.equal(worker.child.exitCode, null, "the worker is still there")
})

test("cancels a running task at once, with everything it started", async () => {
  await start()
  const { gate } = await closeGate()
  const runId = await trigger("processes", { gate })
  await waitForHolding(runId)
  await cancelRun(store, { runId, actor: "test" })
  assert.equal(await ended(runId), "cancelled")
  assert.deepEqual(
    (await attemptsOf(runId, "first")).map((attempt) => attempt.state),
    ["cancelled"],
  )
})

test("stops author code that spins beyond its time limit", async () => {
  await start()
  const runId = await trigger("endless")
  assert.equal(await ended(runId), "failed")
  const [attempt] = await attemptsOf(runId, "spin")
  assert.equal(attempt?.state, "timed_out")
  assert.equal(attempt?.failure?.code, "attempt.timed_out")
})

test("names the author's line in a failure", async () => {
  await start()
  const runId = await trigger("throwing")
  assert.equal(await ended(runId), "failed")
  const attempts = await attemptsOf(runId, "boom")
  assert.equal(attempts.length, 2)
  const source = await readFile(path.join(WORKSPACE, "pipelines/processes.ts"), "utf8")
  const line = source.split("\n").findIndex((text) => text.includes("the warehouse door")) + 1
  assert.match(JSON.stringify(attempts[1]!.failure), new RegExp(`pipelines/processes\\.ts:${line}`))
})

test("finishes a run on the version it pinned, whatever happens to the file", async () => {
  await start()
  const { gate, open } = await closeGate()
  const runId = await trigger("processes", { gate })
  await waitForHolding(runId)
  const file = path.join(dir, "workspace/pipelines/processes.ts")
  const original = await readFile(file, "utf8")
  await writeFile(file, original.replaceAll('"second"', '"renamed"').replace("hello from author code", "changed"))
  await waitFor(database.url, "the new version", async () => {
    const { rows } = await store.pool.query("select current_version from pipeline where id = 'processes'")
    return rows[0].current_version > 1
  })
  await open()
  assert.equal(await ended(runId), "success")
  const { rows } = await store.pool.query(
    "select message from log_line l join attempt a on a.id = l.attempt_id where a.run_id = $1",
    [runId],
  )
  assert.ok(rows.some((row) => row.message === "hello from author code"))
  await writeFile(file, original)
})

test("two workers share a chain and run each task once", async () => {
  await Promise.all([start(), start()])
  const runId = await trigger("chain_40")
  assert.equal(await ended(runId), "success")
  const { rows } = await store.pool.query("select count(*)::int as attempts from attempt where run_id = $1", [runId])
  assert.equal(rows[0].attempts, 40)
})

test("maps a list over author code, takes a branch by its outputs and stops at a short-circuit", async () => {
  await start()
  const runId = await trigger("mapped")
  assert.equal(await ended(runId), "success")
  const states = await store.pool.query<{ name: string; state: string }>(
    `select t.task_id || coalesce(' ' || i.label, '') as name, t.state from task_run t
     left join mapped_item i on i.task_run_id = t.id where t.run_id = $1 order by t.position, t.map_index`,
    [runId],
  )
  assert.deepEqual(
    states.rows.map(({ name, state }) => `${name} ${state}`),
    [
      "list success",
      "load success",
      "load eu success",
      "load us success",
      "load nowhere skipped",
      "load jp success",
      "names success",
      "choose success",
      "many success",
      "few skipped",
      "never skipped",
    ],
  )
  const names = await store.pool.query(
    "select o.value from task_output o join task_run t on t.id = o.task_run_id where t.run_id = $1 and t.task_id = 'names'",
    [runId],
  )
  assert.deepEqual(names.rows[0].value, ["EU", "US", null, "JP"])
})

test("a cancelled run stops its work and still tears down what was set up", async () => {
  await start()
  const runId = await trigger("resource")
  await waitForHolding(runId)
  await cancelRun(store, { runId, actor: "test" })
  assert.equal(await ended(runId), "cancelled")
  const { rows } = await store.pool.query<{ task_id: string; state: string }>(
    "select task_id, state from task_run where run_id = $1 order by position",
    [runId],
  )
  assert.deepEqual(
    rows.map((row) => `${row.task_id} ${row.state}`),
    ["create success", "work cancelled", "drop success"],
  )
})
