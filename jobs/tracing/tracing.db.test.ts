import assert from "node:assert/strict"
import { once } from "node:events"
import { after, before, test } from "node:test"
import pg from "pg"
import copy from "pg-copy-streams"
import { clearRun } from "#lib/actions/clear-run.ts"
import { reapAttempts } from "#lib/actions/reap-attempts.ts"
import type { Span } from "#lib/server/tracing/span.ts"
import { createSpanQueue } from "#lib/server/tracing/span-queue.ts"
import { startTraceCursor, takeEndedRuns } from "#lib/store/trace-cursor.ts"
import { inTransaction } from "#lib/store/transaction.ts"
import { RunDriver } from "#test/run-driver.ts"
import type { AttemptTrace } from "./attempt-trace.ts"
import { traceClient } from "./trace-client.ts"
import { traceEndedRuns } from "./trace-ended-runs.ts"

let t: RunDriver
before(async () => {
  t = await RunDriver.open()
})
after(() => t.close())

test("statements of every form get a span that ends with them", async () => {
  const pool = new pg.Pool({ connectionString: t.database.warehouseUrl, max: 1 })
  const client = await pool.connect()
  const ended: string[] = []
  const trace = {
    statement:
      ({ summary }: { summary: string }) =>
      ({ errorCode, rows }: { errorCode: string | null; rows: number | null }) =>
        ended.push(`${summary} ${errorCode ?? rows ?? "–"}`),
  } as unknown as AttemptTrace
  const release = traceClient(client, "warehouse", trace)

  await client.query("create table copied (a text)")
  await client.query({ text: "insert into copied values ($1), ($2)", values: ["x", "y"] })
  const into = client.query(copy.from("copy copied from stdin"))
  into.end("z\n")
  await once(into, "finish")
  const out = client.query(copy.to("copy copied to stdout"))
  out.resume()
  await once(out, "end")
  const streamed = client.query(new pg.Query("select * from copied"))
  await once(streamed, "end")
  await assert.rejects(client.query("select 1 / 0"))
  const failing = client.query(new pg.Query("select nothing from nowhere"))
  await once(failing, "error")
  release()
  await client.query("select 1")

  assert.deepEqual(ended, [
    "CREATE copied –",
    "INSERT copied 2",
    "COPY copied –",
    "COPY copied –",
    "SELECT copied –",
    "SELECT 22012",
    "SELECT nowhere 42P01",
  ])
  client.release()
  await pool.end()
})

test("each end of a run is traced once, whoever looks, and one that is committed late is not passed over", async () => {
  await t.store.pool.query("update trace_cursor set seen_at = now() - interval '1 day'")
  await startTraceCursor(t.store.pool)
  const take = () => inTransaction(t.store.pool, takeEndedRuns)
  const seen: string[] = []
  const look = async () =>
    seen.push(...(await Promise.all([take(), take(), take()])).flatMap((each) => each?.runIds ?? []))

  await t.define({ id: "ends", maxActiveRuns: 50 })
  const run = await t.trigger("ends")
  const late = await t.store.pool.connect()
  await late.query("begin")
  await late.query("select now()")
  await t.drive()
  await look()
  await late.query(
    "insert into event (type, pipeline_id, run_id, at) values ('run.failed', 'ends', 4711, now() - interval '20 seconds')",
  )
  await late.query("commit")
  late.release()
  await look()
  await clearRun(t.store, { runId: run, taskIds: ["only"], includeDownstream: false, dryRun: false, actor: "test" })
  await t.drive()
  await look()
  await look()
  assert.deepEqual(seen, [run, "4711", run])

  for (let n = 0; n < 450; n++)
    await t.store.pool.query("insert into event (type, run_id) values ('run.success', $1)", [n])
  const found = new Set<string>()
  for (let isMore = true; isMore; ) {
    const taken = (await take())!
    for (const id of taken.runIds) {
      assert.ok(!found.has(id))
      found.add(id)
    }
    isMore = taken.isMore
  }
  assert.equal(found.size, 450)
})

test("tries whose worker was lost are told when their run has ended", async () => {
  const spans: Span[] = []
  const queue = createSpanQueue({ send: async (sent) => void spans.push(...sent), onTrouble: assert.fail })
  await t.define({ id: "lossy" })
  const run = await t.trigger("lossy")
  const [claim] = await t.claim()
  await t.store.pool.query("update attempt set heartbeat_at = now() - interval '1 hour' where id = $1", [
    claim!.attemptId,
  ])
  assert.equal((await reapAttempts(t.store, 1_000)).length, 1)
  await t.promote()
  await t.drive()
  while (await traceEndedRuns(t.store, queue, 1)) {}
  await queue.close(1_000)
  const mine = spans.filter((span) => span.attributes["headrace.run.id"] === run)
  assert.deepEqual(
    mine.map(({ name, error }) => [name, error]),
    [
      ["only", null],
      ["only try 1", "attempt.lost"],
      ["lossy", null],
    ],
  )
  const [task, attempt, whole] = mine
  assert.deepEqual([task!.parentSpanId, attempt!.parentSpanId], [whole!.spanId, task!.spanId])
})
