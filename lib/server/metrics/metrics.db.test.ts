import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import pg from "pg"
import { applyRetention } from "#lib/actions/apply-retention.ts"
import { cancelRun } from "#lib/actions/cancel-run.ts"
import { clearRun } from "#lib/actions/clear-run.ts"
import type { AttemptOutcome } from "#lib/actions/plan-attempt-end.ts"
import { type MaterializationRecord, taskResultSchema } from "#lib/contracts/task-result.ts"
import { DURATION_BUCKETS } from "#lib/domain/duration-buckets.ts"
import type { RunId } from "#lib/domain/ids.ts"
import { countRunEnds } from "#lib/store/counters.ts"
import { readMigrations } from "#lib/store/migrate.ts"
import { inTransaction } from "#lib/store/transaction.ts"
import { makeDataset, makeScore } from "#test/factories.ts"
import { NO_PROMETHEUS, runPromtool } from "#test/prometheus.ts"
import { RunDriver } from "#test/run-driver.ts"
import { log } from "../log.ts"
import { createProcessMeter } from "./process-meter.ts"
import { createMetricsHandler } from "./serve-metrics.ts"

log.level = "silent"
let t: RunDriver
before(async () => {
  t = await RunDriver.open()
})
after(() => t.close())

const TOKEN = "a token of the scraper"

function handler(host = "127.0.0.1", limit = 2_000, store = t.store) {
  return createMetricsHandler({
    config: { host, metricsToken: TOKEN, metricsLimit: limit },
    store: async () => store,
    meter: createProcessMeter(),
  })
}

async function scrape(handle = handler(), headers: Record<string, string> = {}): Promise<string> {
  const response = await handle(new Request("http://localhost:8420/api/metrics", { headers }))
  assert.equal(response.status, 200, await response.clone().text())
  return response.text()
}

/** The value of a series, or undefined. */
function sampleOf(text: string, series: string): number | undefined {
  const line = text.split("\n").find((each) => each.startsWith(`${series} `))
  return line === undefined ? undefined : Number(line.slice(series.length + 1))
}

const load = (dataset: string, rows: Partial<MaterializationRecord> = {}): AttemptOutcome => ({
  kind: "success",
  result: taskResultSchema.parse({ materializations: [{ dataset, durationSeconds: 1, ...rows }] }),
})

/** Ends a run so that it seems to have taken so long. */
async function runFor(pipelineId: string, seconds: number, end: "success" | "fail" = "success"): Promise<RunId> {
  const runId = await t.trigger(pipelineId)
  await t.store.pool.query("update run set started_at = now() - make_interval(secs => $2) where id = $1", [
    runId,
    seconds,
  ])
  await t.drive({ only: end })
  return runId
}

test("runs are counted as they end, by status and duration, from 0 on", async () => {
  await t.defineAll([{ id: "daily", owner: "Data platform" }, { id: "idle" }])
  for (const seconds of [0.3, 45, 45, 8_000]) await runFor("daily", seconds)
  await runFor("daily", 45, "fail")

  const text = await scrape()
  const runs = (pipeline: string, status: string) =>
    sampleOf(text, `pipeline_runs_total{pipeline_name="${pipeline}",status="${status}"}`)
  assert.deepEqual(
    ["success", "failed", "cancelled"].map((status) => [runs("daily", status), runs("idle", status)]),
    [
      [4, 0],
      [1, 0],
      [0, 0],
    ],
  )
  const bucket = (le: string) =>
    sampleOf(text, `pipeline_duration_seconds_bucket{pipeline_name="daily",status="success",le="${le}"}`)
  assert.deepEqual(["0.1", "0.5", "30.0", "60.0", "7200.0", "+Inf"].map(bucket), [0, 1, 1, 3, 3, 4])
  const sum = sampleOf(text, 'pipeline_duration_seconds_sum{pipeline_name="daily",status="success"}')!
  assert.ok(Math.abs(sum - 8_090.3) < 5, `${sum} s`)
  assert.equal(sampleOf(text, 'pipeline_info{pipeline_name="daily",owner="Data platform",version="1"}'), 1)
})

test("a duration that equals a bound is in its bucket", async () => {
  await t.define({ id: "exact" })
  const runId = await runFor("exact", 1)
  for (const seconds of [0.1, 60, 60.001, 7_200, 7_200.001]) {
    await t.store.pool.query("delete from run_counter where pipeline_id = 'exact'")
    await t.store.pool.query(
      "update run set finished_at = started_at + $2 * interval '1 second', ends = 1 where id = $1",
      [runId, seconds],
    )
    await inTransaction(t.store.pool, async (transaction) => countRunEnds(transaction, [runId]))
    const { rows } = await t.store.pool.query<{ place: number }>(
      "select array_position(durations, 1) - 1 as place from run_counter where pipeline_id = 'exact'",
    )
    const place = DURATION_BUCKETS.findIndex((bound) => seconds <= bound)
    assert.equal(rows[0]!.place, place === -1 ? DURATION_BUCKETS.length : place, `${seconds} s`)
  }
  await t.store.pool.query("delete from run_counter where pipeline_id = 'exact'")
  await t.store.pool.query("delete from run where id = $1", [runId])
})

test("the migration counts the history there is as it is counted since", async () => {
  const read = async () => {
    const runs = await t.store.pool.query("select * from run_counter order by pipeline_id, status")
    const loads = await t.store.pool.query("select * from load_counter order by pipeline_id, dataset_id")
    // Sums of seconds depend on their order in the last bit.
    const rounded = runs.rows.map(({ seconds, ...row }) => ({ ...row, seconds: Math.round(seconds * 1e6) }))
    return [rounded, loads.rows.map(({ last_at, ...row }) => row)]
  }
  await t.define({ id: "writes", tasks: [{ id: "only" }] })
  for (const rowsInserted of [10, 20]) {
    await t.trigger("writes")
    for (const claim of await t.claim()) await t.finish(claim, load("warehouse.marts.a", { rowsInserted }))
  }
  const counted = await read()
  assert.equal(counted[1]!.length, 1)
  const migrations = await readMigrations()
  const { sql } = migrations.find(({ name }) => name === "0019_telemetry")!
  const backfill = sql.slice(sql.indexOf("insert into run_counter"), sql.indexOf("create function"))
  await t.store.pool.query(`truncate run_counter, load_counter; ${backfill}`)
  assert.deepEqual(await read(), counted)
})

test("a run that ends again is counted again, but not for how long it took; one that never started neither", async () => {
  await t.define({ id: "mended" })
  const count = (text: string) =>
    sampleOf(text, 'pipeline_duration_seconds_count{pipeline_name="mended",status="success"}')
  const runId = await runFor("mended", 2, "fail")
  await clearRun(t.store, { runId, taskIds: [], includeDownstream: false, dryRun: false, actor: "test" })
  await t.drive()
  const [first, second] = [await t.trigger("mended"), await t.trigger("mended")]
  await cancelRun(t.store, { runId: second!, actor: "test" })
  await t.drive()
  assert.equal((await t.runState(first!)).state, "success")

  const text = await scrape()
  const runs = (status: string) => sampleOf(text, `pipeline_runs_total{pipeline_name="mended",status="${status}"}`)
  assert.deepEqual([runs("success"), runs("failed"), runs("cancelled")], [2, 1, 1])
  assert.equal(count(text), 1)
  assert.equal(sampleOf(text, 'pipeline_duration_seconds_count{pipeline_name="mended",status="cancelled"}'), undefined)
})

test("rows are counted by operation; partitions of one load are one, and retention takes nothing off", async () => {
  await t.define({ id: "loads" })
  const runId = await t.trigger("loads")
  const [claim] = await t.claim()
  const partition = (partitionKey: string, rows: object) => ({
    dataset: "warehouse.marts.fct",
    partitionKey,
    durationSeconds: 1,
    sharesRows: true,
    ...rows,
  })
  const materializations = [
    partition("2026-01-01", { rowsInserted: 5, rowsUpdated: 3, rowsDeleted: 2, rowsRejected: 1 }),
    partition("2026-01-02", {}),
  ]
  await t.finish(claim!, { kind: "success", result: taskResultSchema.parse({ materializations }) })
  await t.trigger("loads")
  await t.drive()
  const read = async () => {
    const text = await scrape()
    const rows = (operation: string) =>
      sampleOf(
        text,
        `rows_processed_total{pipeline_name="loads",table_name="warehouse.marts.fct",operation="${operation}"}`,
      )
    return {
      rows: ["inserted", "updated", "deleted", "rejected"].map(rows),
      loads: sampleOf(text, 'headrace_loads_total{pipeline_name="loads",table_name="warehouse.marts.fct"}'),
      last: sampleOf(text, 'headrace_last_load_rows{pipeline_name="loads",table_name="warehouse.marts.fct"}'),
      runs: sampleOf(text, 'pipeline_runs_total{pipeline_name="loads",status="success"}'),
    }
  }
  const counted = await read()
  assert.deepEqual(counted, { rows: [5, 3, 2, 1], loads: 1, last: 8, runs: 2 })
  await t.store.pool.query("update run set finished_at = now() - interval '1 year' where id = $1", [runId])
  const { runs } = await applyRetention(t.store, 90)
  assert.ok(runs > 0)
  assert.deepEqual(await read(), counted)
})

test("freshness is the age of the data where that is known, and the score the newest", async () => {
  const db = t.store.pool
  await makeDataset(db, { id: "warehouse.marts.old", updatedAt: new Date(Date.now() - 3_600_000) })
  await makeScore(db, { datasetId: "warehouse.marts.old", runId: null, dimension: "overall", score: 70 })
  await makeScore(db, { datasetId: "warehouse.marts.old", runId: null, dimension: "overall", score: 91.5 })
  await makeDataset(db, { id: "warehouse.marts.measured", updatedAt: new Date() })
  await db.query(
    `insert into freshness_status (dataset_id, state, data_at, loaded_at, due_at)
     values ('warehouse.marts.measured', 'error', now() - interval '2 days', now(), now() - interval '1 day')`,
  )
  const text = await scrape()
  const of = (metric: string, table: string) => sampleOf(text, `${metric}{table_name="warehouse.marts.${table}"}`)
  const near = (value: number | undefined, wanted: number) => assert.ok(Math.abs(value! - wanted) < 10, `${value}`)
  near(of("data_freshness_seconds", "old"), 3_600)
  near(of("data_freshness_seconds", "measured"), 172_800)
  near(of("headrace_data_overdue_seconds", "measured"), 86_400)
  assert.equal(of("data_quality_score", "old"), 91.5)
  assert.equal(of("data_quality_score", "measured"), undefined)
})

test("messages are counted by how they ended, and stay counted when they are deleted", async () => {
  await t.store.pool.query(
    `insert into alert_channel (id, kind, variable, created_by) values ('oncall', 'console', 'ONCALL', 'test')`,
  )
  await t.store.pool.query(
    `insert into alert_delivery (channel_id, turn, state, next_try_at, sent_at)
     select 'oncall', 'opened', state, case when state = 'pending' then now() end, case when state = 'sent' then now() end
     from unnest(array['sent', 'sent', 'failed', 'pending']) state`,
  )
  const read = async () => {
    const text = await scrape()
    const ended = (state: string) =>
      sampleOf(text, `headrace_alert_deliveries_total{channel="oncall",state="${state}"}`)
    return [...["sent", "failed", "dropped"].map(ended), sampleOf(text, 'headrace_deliveries_waiting{kind="alert"}')]
  }
  assert.deepEqual(await read(), [2, 1, 0, 1])
  await t.store.pool.query("delete from alert_delivery where state <> 'pending'")
  assert.deepEqual(await read(), [2, 1, 0, 1])
})

test("ends of runs of the same pipelines and tables, in many transactions at once, are all counted", async () => {
  const ids = ["crowd_a", "crowd_b", "crowd_c"]
  const tasks = ["x", "y"].map((id) => ({ id }))
  await t.defineAll(ids.map((id) => ({ id, tasks, maxActiveRuns: 40 })))
  for (let n = 0; n < 30; n++) for (const id of ids) await t.trigger(id)
  const claims = await t.claim(200)
  assert.equal(claims.length, 180)
  const groups = Map.groupBy(claims, (_, place) => place % 6)
  await Promise.all(
    [...groups.values()].map(async (group, place) => {
      for (let at = 0; at < group.length; at += 5) {
        const ends = group.slice(at, at + 5).map((claim) => ({
          attempt: claim,
          outcome: load(`warehouse.crowd.${claim.taskId}`, { rowsInserted: 1, rowsUpdated: place }),
        }))
        await t.finishAll(ends)
      }
    }),
  )
  const text = await scrape()
  for (const id of ids) {
    assert.equal(sampleOf(text, `pipeline_runs_total{pipeline_name="${id}",status="success"}`), 30)
    for (const table of ["x", "y"]) {
      const labels = `pipeline_name="${id}",table_name="warehouse.crowd.${table}",operation="inserted"`
      assert.equal(sampleOf(text, `rows_processed_total{${labels}}`), 30)
    }
  }
})

test("what exceeds the limit is counted and left out", async () => {
  const text = await scrape(handler("127.0.0.1", 2))
  assert.equal(text.match(/^pipeline_info/gm)!.length, 2)
  assert.equal(sampleOf(text, "headrace_metrics_pipelines_left_out"), 1)
  assert.ok(sampleOf(text, "headrace_metrics_tables_left_out")! > 0)
  assert.equal(text.match(/^data_freshness_seconds/gm)!.length, 2)
})

test("a scraper elsewhere needs the token; a wrong one is refused here too", async () => {
  const handle = handler("0.0.0.0")
  const ask = (url: string, authorization?: string) =>
    handle(new Request(url, { headers: authorization === undefined ? {} : { authorization } }))
  const elsewhere = "http://headrace.example.com/api/metrics"
  assert.equal((await ask(elsewhere, `Bearer ${TOKEN}`)).status, 200)
  assert.equal((await ask(elsewhere)).status, 401)
  const refused = await ask(elsewhere, "Bearer another token")
  assert.equal(refused.status, 401)
  assert.match(refused.headers.get("www-authenticate")!, /^Bearer/)
  const here = handler()
  const wrong = await here(
    new Request("http://localhost:8420/api/metrics", { headers: { authorization: "Bearer no" } }),
  )
  assert.equal(wrong.status, 401)
  assert.equal((await here(new Request(elsewhere))).status, 403)
})

test("a database that is away is a metric, and the process's own figures stay", async () => {
  const databaseUrl = "postgresql://nobody@127.0.0.1:9/nowhere"
  const pool = new pg.Pool({ connectionString: databaseUrl })
  const text = await scrape(handler("127.0.0.1", 10, { ...t.store, pool }))
  assert.equal(sampleOf(text, "headrace_database_up"), 0)
  assert.ok(sampleOf(text, 'nodejs_heap_size_used_bytes{process="web"}')! > 1_000_000)
  assert.doesNotMatch(text, /^pipeline_/m)
  await pool.end()
})

test("what cannot be read for another reason is an error, never a page without half of it", async () => {
  const broken = { query: () => Promise.reject(new Error("column does not exist")) } as unknown as pg.Pool
  const handle = handler("127.0.0.1", 10, { ...t.store, pool: broken })
  const response = await handle(new Request("http://localhost:8420/api/metrics"))
  assert.equal(response.status, 500)
})

test("promtool finds nothing to say about it, with names of any kind", { skip: NO_PROMETHEUS }, async () => {
  await makeDataset(t.store.pool, { id: 'warehouse.a"b\\c.tab\nle', updatedAt: new Date() })
  runPromtool(["check", "metrics"], await scrape())
  assert.match(await scrape(handler(), { accept: "application/openmetrics-text" }), /\n# EOF\n$/)
})
