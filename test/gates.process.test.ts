import assert from "node:assert/strict"
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises"
import http from "node:http"
import type { AddressInfo } from "node:net"
import os from "node:os"
import path from "node:path"
import { after, afterEach, before, test } from "node:test"
import { cancelRun } from "#lib/actions/cancel-run.ts"
import { clearRun } from "#lib/actions/clear-run.ts"
import { triggerRun } from "#lib/actions/trigger-run.ts"
import type { RunId } from "#lib/domain/ids.ts"
import { openStore, type Store } from "#lib/store/client.ts"
import { createTestDatabase, type TestDatabase } from "./db.ts"
import { isProcessGone } from "./is-process-gone.ts"
import { startWorker, type WorkerProcess, waitFor, waitForRun } from "./spawn-worker.ts"

/** Rules against the clock and between runs, on real worker processes that all schedule beside each other. */
let database: TestDatabase
let store: Store
let dir: string
let receiver: http.Server
const workers: WorkerProcess[] = []
/** What the on-call channel was told. */
const alerts: { subject: string; runId: string | null }[] = []
let refusals = 0

before(async () => {
  database = await createTestDatabase()
  store = await openStore({ databaseUrl: database.url, applicationName: "test", onError: () => undefined })
  dir = await mkdtemp(path.join(os.tmpdir(), "headrace gates test-"))
  await cp(path.join(import.meta.dirname, "workspaces/gates"), path.join(dir, "workspace"), { recursive: true })
  receiver = http.createServer(async (request, response) => {
    if (request.url === "/hang") return
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    // The first message is refused, so that it has to come again.
    if (refusals++ === 0) return void response.writeHead(503).end()
    alerts.push(JSON.parse(Buffer.concat(chunks).toString()))
    response.end()
  })
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve))
})
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop()))
})
after(async () => {
  receiver.closeAllConnections()
  receiver.close()
  await store.close()
  await database.drop()
  await rm(dir, { recursive: true, force: true })
})

const receiverUrl = (route: string) => `http://127.0.0.1:${(receiver.address() as AddressInfo).port}${route}`

async function start(): Promise<WorkerProcess> {
  const worker = await startWorker({
    databaseUrl: database.url,
    warehouseUrl: database.warehouseUrl,
    workspaceDir: path.join(dir, "workspace"),
    homeDir: path.join(dir, "home"),
    env: {
      HEADRACE_HEARTBEAT_TIMEOUT_MS: "3000",
      HEADRACE_DRAIN_MS: "100",
      HEADRACE_WORKER_SLOTS: "20",
      HEADRACE_AUTHOR_PROCESSES: "3",
      HEADRACE_NOTIFY_ONCALL: receiverUrl("/oncall"),
    },
  })
  workers.push(worker)
  return worker
}

let logical = Date.UTC(2026, 0, 1)
async function trigger(pipelineId: string, values: Partial<Parameters<typeof triggerRun>[1]> = {}): Promise<RunId> {
  logical += 1_000
  const request = { pipelineId, kind: "manual" as const, actor: "test", logicalAt: new Date(logical), ...values }
  return (await triggerRun(store, request)).runId
}

async function closeGate(name: string): Promise<string> {
  const gate = path.join(dir, `gate-${name}`)
  await writeFile(gate, "")
  return gate
}

const ended = (runId: RunId) => waitForRun(database.url, store.pool, runId)

async function missedEvents(runId: RunId): Promise<number> {
  const { rows } = await store.pool.query(
    "select count(*)::int as count from event where run_id = $1 and type = 'deadline.missed'",
    [runId],
  )
  return rows[0].count
}

test("a deadline of a run that never starts, or never ends, is told of exactly once by several workers", async () => {
  await Promise.all([start(), start(), start()])
  const gate = await closeGate("deadline")
  const holds = await trigger("stuck", { params: { gate } })
  const stuck = await trigger("stuck", { params: { gate } })
  const endless = await trigger("endless", { params: { gate } })
  const told = (runId: RunId) => alerts.filter((alert) => alert.runId === runId)
  await waitFor(database.url, "both alerts", async () => told(stuck).length > 0 && told(endless).length > 0)
  // A worker dies and another comes: nothing is said again.
  await workers.splice(0, 1)[0]!.kill()
  await start()
  const looked = await store.pool.query("select now() as at")
  await waitFor(database.url, "every worker to look twice more", async () => {
    const { rows } = await store.pool.query("select count(*)::int as live from worker where heartbeat_at > $1", [
      new Date(looked.rows[0].at.getTime() + 2_500),
    ])
    return rows[0].live >= 3
  })
  assert.equal(told(stuck).length, 1)
  assert.equal(told(endless).length, 1)
  assert.deepEqual(await Promise.all([stuck, endless, holds].map(missedEvents)), [1, 1, 0])
  assert.match(told(stuck)[0]!.subject, /^Critical: stuck: run \d+ is late$/)
  const rows = await waitFor(database.url, "both deliveries to be recorded", async () => {
    const found = await store.pool.query(
      `select d.state, d.tries from alert_delivery d
       join incident i on i.id = d.incident_id
       where i.last_run_id = any ($1::bigint[]) and d.turn = 'opened' and d.state = 'sent'
       order by d.tries desc`,
      [[stuck, endless]],
    )
    return found.rowCount === 2 && found.rows
  })
  assert.deepEqual(
    rows.map((row) => row.state),
    ["sent", "sent"],
  )
  assert.equal(rows[0].tries, 2, "what was refused first came again")

  await rm(gate)
  assert.deepEqual(await Promise.all([stuck, endless].map(ended)), ["success", "success"])
  const late = await waitFor(database.url, "the late ends to be noted", async () => {
    const found = await store.pool.query(
      "select run_id from deadline where run_id = any ($1::bigint[]) and state = 'late'",
      [[stuck, endless]],
    )
    return found.rowCount === 2 && found
  })
  assert.equal(late.rowCount, 2)
})

test("a run past its time limit is stopped with all that it runs, and fails with the reason", async () => {
  await Promise.all([start(), start()])
  const runId = await trigger("limited")
  assert.equal(await ended(runId), "failed")
  const { rows } = await store.pool.query("select error_message as message from run where id = $1", [runId])
  assert.match(rows[0].message, /ran longer than its time limit of 1s/)
  const tasks = await store.pool.query("select state from task_run where run_id = $1 order by position", [runId])
  assert.deepEqual(
    tasks.rows.map((row) => row.state),
    ["cancelled", "cancelled"],
  )
})

test("a cancel stops author code, programs, statements and requests promptly, and leaves nothing behind", async () => {
  await start()
  const runId = await trigger("hanging", { params: { url: receiverUrl("/hang") } })
  const hanging = async () => {
    const { rows } = await store.pool.query<{ count: number }>(
      "select count(*)::int as count from pg_stat_activity where query like '%/* hanging %' and pid <> pg_backend_pid() and state = 'active'",
    )
    return rows[0]!.count
  }
  const pids = await waitFor(database.url, "everything to hang", async () => {
    const { rows } = await store.pool.query<{ message: string }>(
      "select message from log_line l join attempt a on a.id = l.attempt_id where a.run_id = $1 and l.message ~ '^pid \\d+$'",
      [runId],
    )
    const connections = await new Promise<number>((resolve) => receiver.getConnections((_, count) => resolve(count)))
    return (
      rows.length === 4 && (await hanging()) === 2 && connections > 0 && rows.map((row) => Number(row.message.slice(4)))
    )
  })
  const asked = performance.now()
  await cancelRun(store, { runId, actor: "test" })
  assert.equal(await ended(runId), "cancelled")
  const tookMs = performance.now() - asked
  // About a second for what does not listen; the bound leaves room for a busy machine.
  assert.ok(tookMs < 8_000, `took ${tookMs} ms`)
  assert.deepEqual(await Promise.all(pids.map(isProcessGone)), [true, true, true, true])
  await waitFor(database.url, "the statements to be gone", async () => (await hanging()) === 0)
  const { rows } = await store.pool.query<{ state: string }>(
    "select distinct state from task_run where run_id = $1 union select distinct state from attempt where run_id = $1",
    [runId],
  )
  assert.deepEqual(
    rows.map((row) => row.state),
    ["cancelled"],
  )
  const tickets = await store.pool.query(
    "select 1 from pgboss.job j join task_run t on t.id = (j.data ->> 'taskRunId')::bigint where t.run_id = $1",
    [runId],
  )
  assert.equal(tickets.rowCount, 0)
})

test("a task is tried again as the kind of its failure says", async () => {
  await start()
  const tries = async (kind: string, retry = "later") => {
    const runId = await trigger("kinds", { params: { kind, retry } })
    assert.equal(await ended(runId), "failed")
    const { rows } = await store.pool.query<{ kind: string }>(
      "select failure ->> 'kind' as kind from attempt where run_id = $1",
      [runId],
    )
    assert.ok(rows.every((row) => row.kind === kind))
    return rows.length
  }
  assert.deepEqual(
    await Promise.all([
      tries("transient"),
      tries("data"),
      tries("external"),
      tries("code"),
      tries("transient", "never"),
    ]),
    [4, 1, 3, 2, 1],
  )
})

test("a task waits for its past and goes as soon as that has ended well", async () => {
  await Promise.all([start(), start()])
  const gate = await closeGate("past")
  const day = (number: number) => ({
    kind: "backfill" as const,
    logicalAt: new Date(Date.UTC(2026, 2, number)),
    intervalStart: new Date(Date.UTC(2026, 2, number)),
    intervalEnd: new Date(Date.UTC(2026, 2, number + 1)),
  })
  const first = await trigger("daily", { ...day(1), params: { gate } })
  const others = [await trigger("daily", day(2)), await trigger("daily", day(3))]
  await waitFor(database.url, "the second and third to wait", async () => {
    const { rows } = await store.pool.query(
      "select count(*)::int as count from past_wait where run_id = any ($1::bigint[])",
      [others],
    )
    return rows[0].count === 2
  })
  await rm(gate)
  assert.deepEqual(await Promise.all([first, ...others].map(ended)), ["success", "success", "success"])
  const { rows } = await store.pool.query<{ runId: string }>(
    `select a.run_id as "runId" from attempt a join task_run t on t.id = a.task_run_id
     where t.pipeline_id = 'daily' and t.task_id = 'load' order by a.started_at, a.id`,
  )
  assert.deepEqual(
    rows.map((row) => row.runId),
    [first, ...others],
  )
  // A cleared day holds up nothing that is done.
  await clearRun(store, { runId: first, taskIds: ["load"], includeDownstream: true, dryRun: false, actor: "test" })
  assert.equal(await ended(first), "success")
})
