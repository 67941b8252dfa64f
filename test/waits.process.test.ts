import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import http from "node:http"
import type { AddressInfo } from "node:net"
import path from "node:path"
import { after, afterEach, before, test } from "node:test"
import pg from "pg"
import { cancelRun } from "#lib/actions/cancel-run.ts"
import { decideApproval } from "#lib/actions/decide-approval.ts"
import { receiveCallback } from "#lib/actions/receive-callback.ts"
import { triggerRun } from "#lib/actions/trigger-run.ts"
import type { JsonObject } from "#lib/contracts/json.ts"
import type { RunId, TaskRunId } from "#lib/domain/ids.ts"
import { openStore, type Store } from "#lib/store/client.ts"
import { createTestDatabase, type TestDatabase } from "./db.ts"
import { makeHomeDir, startWorker, type WorkerProcess, waitFor, waitForRun } from "./spawn-worker.ts"

/** Real workers with two slots: what waits holds none of them, and outlives them. */
let database: TestDatabase
let store: Store
let home: Awaited<ReturnType<typeof makeHomeDir>>
const workers: WorkerProcess[] = []

before(async () => {
  database = await createTestDatabase()
  store = await openStore({ databaseUrl: database.url, applicationName: "test", onError: () => undefined })
  home = await makeHomeDir()
})
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop()))
})
after(async () => {
  await store.close()
  await database.drop()
  await home.dispose()
})

async function start(): Promise<WorkerProcess> {
  const worker = await startWorker({
    databaseUrl: database.url,
    warehouseUrl: database.warehouseUrl,
    workspaceDir: path.join(import.meta.dirname, "workspaces/waits"),
    homeDir: home.dir,
    env: { HEADRACE_WORKER_SLOTS: "2", HEADRACE_HEARTBEAT_TIMEOUT_MS: "3000" },
  })
  workers.push(worker)
  return worker
}

async function trigger(pipelineId: string, params: JsonObject = {}): Promise<RunId> {
  return (await triggerRun(store, { pipelineId, kind: "manual", actor: "test", params })).runId
}

const ended = (runId: RunId) => waitForRun(database.url, store.pool, runId)

/** States of a run's task runs, by task. */
async function statesOf(runId: RunId): Promise<Record<string, string>> {
  const { rows } = await store.pool.query<{ taskId: string; state: string }>(
    `select task_id as "taskId", state from task_run where run_id = $1 order by position`,
    [runId],
  )
  return Object.fromEntries(rows.map((row) => [row.taskId, row.state]))
}

function deferred(runId: RunId, count: number): Promise<unknown> {
  return waitFor(database.url, `${count} tasks of run ${runId} to wait`, async () => {
    const states = Object.values(await statesOf(runId))
    return states.filter((state) => state === "deferred").length >= count
  })
}

async function answer(runId: RunId, taskId: string, decision: "approved" | "rejected"): Promise<void> {
  const { rows } = await store.pool.query<{ id: TaskRunId }>(
    "select id from task_run where run_id = $1 and task_id = $2",
    [runId, taskId],
  )
  await decideApproval(store, { taskRunId: rows[0]!.id, decision, comment: "", actor: "ann", now: new Date() })
}

/** A system outside: says `state` to who asks, and keeps where it is told to call back. */
async function outside() {
  let state = "pending"
  const calls: string[] = []
  const server = http.createServer(async (request, response) => {
    let body = ""
    for await (const chunk of request) body += chunk
    if (request.method === "POST") calls.push((JSON.parse(body) as { call: string }).call)
    response.setHeader("content-type", "application/json").end(JSON.stringify({ state }))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    calls,
    finish: () => {
      state = "done"
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}

test("a thousand waits leave two slots free for others", async () => {
  await start()
  const crowd = await trigger("crowd")
  await deferred(crowd, 1_000)
  const { rows } = await store.pool.query(
    "select (select count(*)::int from attempt where state = 'running') as running, (select count(*)::int from deferral) as waits",
  )
  assert.deepEqual(rows[0], { running: 0, waits: 1_000 })
  assert.equal(await ended(await trigger("bystander")), "success")
  assert.equal((await statesOf(crowd)).wait_7, "deferred")
  await answer(crowd, "wait_7", "approved")
  await waitFor(database.url, "wait_7 to go on", async () => (await statesOf(crowd)).wait_7 === "success")
  await cancelRun(store, { runId: crowd, actor: "test" })
  assert.equal(await ended(crowd), "cancelled")
})

test("every kind of wait outlives the worker that began it and ends with what it waited for", async () => {
  const system = await outside()
  try {
    const first = await start()
    const runId = await trigger("all_kinds", { ready: "public.arrived", address: system.url })
    await waitFor(database.url, "all to wait", async () => {
      const { until, past, child, after, told, ...waiting } = await statesOf(runId)
      return Object.values(waiting).every((state) => state === "deferred") && past === "success" && child
    })
    await first.kill()
    system.finish()
    const load = "insert into materialization (dataset_id, run_id, attempt_id, duration_seconds) values ($1, $2, 0, 1)"
    await store.pool.query("insert into dataset (id) values ('warehouse.raw.arrived') on conflict do nothing")
    await store.pool.query(load, ["warehouse.raw.arrived", runId])
    const token = new URL(system.calls[0]!).pathname.split("/").at(-1)!
    const tokenHash = createHash("sha256").update(token).digest("hex")
    await receiveCallback(store, { tokenHash, payload: { rows: 12 }, now: new Date() })
    await start()
    // The warehouse's database is there, because the first worker has looked into it.
    const warehouse = new pg.Client(database.warehouseUrl)
    await warehouse.connect()
    await warehouse.query("create table public.arrived ()")
    await warehouse.end()
    await answer(runId, "approve", "approved")
    assert.equal(await ended(runId), "success")
    const outputs = await store.pool.query(
      `select t.task_id || '.' || o.key as key, o.value from task_output o join task_run t on t.id = o.task_run_id
       where t.run_id = $1 and t.task_id || '.' || o.key in ('told.payload', 'fn.seen', 'approve.by', 'child.state') order by 1`,
      [runId],
    )
    assert.deepEqual(outputs.rows, [
      { key: "approve.by", value: "ann" },
      { key: "child.state", value: "success" },
      { key: "fn.seen", value: "public.arrived" },
      { key: "told.payload", value: { rows: 12 } },
    ])
    const { rows } = await store.pool.query(
      `select t.task_id, count(*)::int as attempts from attempt a join task_run t on t.id = a.task_run_id
       where t.run_id = $1 group by 1 having count(*) > 3`,
      [runId],
    )
    assert.deepEqual(rows, [], "no sensor leaves an attempt for each look")
  } finally {
    await system.close()
  }
})

test("a called run's failure, a rejection, a wrong query and time that is over each end as their author chose", async () => {
  await start()
  const [caller, rejecting, broken, vain] = await Promise.all(
    ["caller", "rejecting", "broken_look", "vain"].map((id) => trigger(id)),
  )
  await deferred(rejecting!, 1)
  await answer(rejecting!, "ask", "rejected")
  assert.equal(await ended(rejecting!), "success")
  assert.deepEqual(await statesOf(rejecting!), { ask: "skipped", after: "skipped" })
  const failureOf = async (runId: RunId) => {
    assert.equal(await ended(runId), "failed")
    const { rows } = await store.pool.query<{ error_message: string }>("select error_message from run where id = $1", [
      runId,
    ])
    return rows[0]!.error_message
  }
  assert.match(await failureOf(caller!), /Run \d+ of failing failed at fail: /)
  assert.match(await failureOf(broken!), /not true or false/)
  assert.equal(await ended(vain!), "success")
  const { rows } = await store.pool.query(
    "select t.state, t.reason, (select count(*)::int from attempt a where a.task_run_id = t.id) as attempts from task_run t where run_id = $1",
    [vain],
  )
  assert.equal(rows[0].state, "skipped")
  assert.match(rows[0].reason, /^It waited 2 s in vain/)
  assert.ok(rows[0].attempts <= 2)
})
