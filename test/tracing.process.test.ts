import assert from "node:assert/strict"
import path from "node:path"
import { after, before, test } from "node:test"
import { triggerRun } from "#lib/actions/trigger-run.ts"
import type { JsonObject } from "#lib/contracts/json.ts"
import type { RunId } from "#lib/domain/ids.ts"
import { runTraceOf, traceparentOf } from "#lib/server/tracing/span.ts"
import { openStore, type Store } from "#lib/store/client.ts"
import { createTestDatabase, type TestDatabase } from "./db.ts"
import { type HttpReceiver, startReceiver } from "./http-receiver.ts"
import { makeHomeDir, startWorker, type WorkerProcess, waitFor, waitForRun } from "./spawn-worker.ts"

/** Two real workers and a real receiver in the place of the trace collector. */
let database: TestDatabase
let store: Store
let home: Awaited<ReturnType<typeof makeHomeDir>>
let collector: HttpReceiver
const workers: WorkerProcess[] = []

before(async () => {
  database = await createTestDatabase()
  store = await openStore({ databaseUrl: database.url, applicationName: "test", onError: () => undefined })
  home = await makeHomeDir()
  collector = await startReceiver()
  const start = () =>
    startWorker({
      databaseUrl: database.url,
      warehouseUrl: database.warehouseUrl,
      workspaceDir: path.join(import.meta.dirname, "workspaces/traces"),
      homeDir: home.dir,
      env: {
        HEADRACE_WORKER_SLOTS: "2",
        HEADRACE_AUTHOR_PROCESSES: "1",
        HEADRACE_HEARTBEAT_TIMEOUT_MS: "2000",
        OTEL_EXPORTER_OTLP_ENDPOINT: new URL(collector.url).origin,
        OTEL_EXPORTER_OTLP_HEADERS: "x-api-key=a%20key",
      },
    })
  workers.push(...(await Promise.all([start(), start()])))
})
after(async () => {
  await Promise.all(workers.map((worker) => worker.stop()))
  await collector.close()
  await store.close()
  await database.drop()
  await home.dispose()
})

interface OtlpSpan {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  startTimeUnixNano: string
  endTimeUnixNano: string
  status: { code: number; message?: string }
  attributes: { key: string; value: { stringValue?: string; intValue?: number | string } }[]
}

/** Spans of a trace by name, the last of each, from what the collector got (OTLP JSON, opentelemetry/proto/trace/v1/trace.proto). */
function spansOf(traceId: string): Map<string, OtlpSpan> {
  return new Map(allSpansOf(traceId).map((span) => [span.name, span]))
}

function allSpansOf(traceId: string): OtlpSpan[] {
  const bodies = collector.received.filter(({ path }) => path === "/v1/traces").map(({ body }) => JSON.parse(body))
  type Body = { resourceSpans: { scopeSpans: { spans: OtlpSpan[] }[] }[] }
  const spans = (bodies as Body[]).flatMap(({ resourceSpans }) =>
    resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)),
  )
  return spans.filter((span) => span.traceId === traceId)
}

function attributeOf(span: OtlpSpan | undefined, key: string): string | undefined {
  const value = span?.attributes.find((attribute) => attribute.key === key)?.value
  return value === undefined ? undefined : String(value.stringValue ?? value.intValue)
}

async function trigger(pipelineId: string, params: JsonObject = {}): Promise<RunId> {
  return (await triggerRun(store, { pipelineId, kind: "manual", actor: "test", params })).runId
}

async function traceOf(runId: RunId) {
  const { rows } = await store.pool.query<{ at: Date }>("select created_at as at from run where id = $1", [runId])
  return runTraceOf({ runId, createdAt: rows[0]!.at })
}

const ended = (runId: RunId) => waitForRun(database.url, store.pool, runId)

test("a run is one trace: run, tasks, tries and statements, from whichever worker, and without any data", async () => {
  const runId = await trigger("traced", { receiver: `${collector.url}/asked` })
  assert.equal(await ended(runId), "success")
  const trace = await traceOf(runId)
  const spans = await waitFor(database.url, "all spans", async () => {
    const found = spansOf(trace.traceId)
    return found.has("traced") && found.has("author try 2") && found.has("SELECT marts.people") && found
  })

  const run = spans.get("traced")!
  assert.equal(run.spanId, trace.runSpanId)
  assert.equal(run.parentSpanId, undefined)
  assert.equal(attributeOf(run, "headrace.run.state"), "success")
  const parents = [
    ["author", "traced"],
    ["author try 1", "author"],
    ["author try 2", "author"],
    ["SELECT marts.people", "author try 2"],
    ["table", "traced"],
    ["table try 1", "table"],
    ["CREATE marts", "table try 1"],
  ]
  // What a task does besides its own statements may read the same table.
  const all = allSpansOf(trace.traceId)
  for (const [child, parent] of parents) {
    const above = all.filter(({ name }) => name === child).map(({ parentSpanId }) => parentSpanId)
    assert.ok(above.includes(spans.get(parent!)?.spanId), `${child} is under ${parent}`)
  }
  for (const span of spans.values())
    assert.ok(BigInt(span.endTimeUnixNano) >= BigInt(span.startTimeUnixNano), span.name)
  assert.equal(attributeOf(spans.get("author"), "headrace.task.attempts"), "2")
  assert.deepEqual(spans.get("author try 1")!.status, { code: 2, message: "task.failed" })
  assert.equal(spans.get("author try 2")!.status.code, 1)

  const sent = collector.received.filter(({ path }) => path === "/v1/traces")
  assert.ok(sent.every(({ headers }) => headers["x-api-key"] === "a key"))
  assert.ok(sent.every(({ body }) => !body.includes("Jane")))
})

test("author code, commands and requests get the trace to carry it on", async () => {
  const { rows } = await store.pool.query<{ id: RunId }>("select id from run where pipeline_id = 'traced'")
  const trace = await traceOf(rows[0]!.id)
  const { rows: tasks } = await store.pool.query<{ task: string; attempt: string; value: string | null }>(
    `select t.task_id as task, max(a.id)::text as attempt, max(o.value #>> '{}') as value
     from task_run t
     join attempt a on a.task_run_id = t.id
     left join task_output o on o.task_run_id = t.id and o.key in ('traceparent', 'lastLine')
     where t.run_id = $1
     group by t.task_id`,
    [rows[0]!.id],
  )
  const wanted = (task: string) =>
    traceparentOf(trace.traceId, trace.attemptSpanId(tasks.find((each) => each.task === task)!.attempt))
  for (const task of ["author", "command"]) {
    assert.equal(tasks.find((each) => each.task === task)!.value, wanted(task), task)
  }
  const asked = collector.received.find(({ path }) => path.endsWith("/asked"))!
  assert.equal(asked.headers.traceparent, wanted("request"))
})

test("a statement that fails is told by its code, and so is what comes of it", async () => {
  const runId = await trigger("failing")
  assert.equal(await ended(runId), "failed")
  const trace = await traceOf(runId)
  const spans = await waitFor(database.url, "all spans", async () => {
    const found = spansOf(trace.traceId)
    return found.has("failing") && found.has("bad try 1") && found
  })
  assert.deepEqual(
    ["SELECT", "bad try 1", "bad", "failing"].map((name) => spans.get(name)?.status),
    ["22P02", "data.invalid_row", "data.invalid_row", "run.failed"].map((message) => ({ code: 2, message })),
  )
})

test("a collector that never answers, or refuses, holds up no task, and what is lost is counted", async () => {
  collector.answerWith(0, 0, 0, 0)
  const hanging = await trigger("failing")
  const started = Date.now()
  assert.equal(await ended(hanging), "failed")
  assert.ok(Date.now() - started < 5_000)
  collector.statusOf["/v1/traces"] = 400
  await ended(await trigger("failing"))
  await waitFor(database.url, "dropped spans in the workers' figures", async () => {
    const { rows } = await store.pool.query<{ dropped: number }>(
      "select sum((figures #>> '{spans,dropped}')::int)::int as dropped from worker",
    )
    return rows[0]!.dropped > 0
  })
})
