import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import type { Backfill, BackfillMap } from "#lib/contracts/api/backfills.ts"
import type { Page, Problem } from "#lib/contracts/api/common.ts"
import type { CheckResult, DatasetDetail, DatasetSummary } from "#lib/contracts/api/datasets.ts"
import type { PipelineDetail, PipelineSummary, VersionDetail, VersionSummary } from "#lib/contracts/api/pipelines.ts"
import type { Health, Overview, WorkerView } from "#lib/contracts/api/system.ts"
import type { WorkspaceProblem } from "#lib/contracts/manifest.ts"
import type { FreshnessPolicy } from "#lib/domain/freshness/freshness-policy.ts"
import { TestApi } from "#test/api-client.ts"
import {
  makeAttempt,
  makeBackfill,
  makeCheckResult,
  makeDataset,
  makeMaterialization,
  makePartition,
  makePipeline,
  makeProblem,
  makeRun,
  makeScore,
  makeTaskRun,
  makeVersion,
  makeWatermark,
  makeWorker,
} from "#test/factories.ts"
import { log } from "../log.ts"

log.level = "silent"
let t: TestApi
before(async () => {
  t = await TestApi.open()
})
after(() => t.close())

const HOUR_MS = 3_600_000

test("lists pipelines by name with schedule in words, last runs and problems", async () => {
  const pool = t.store.pool
  const nextRunAt = new Date(Date.now() + HOUR_MS)
  const pipeline = await makePipeline(pool, {
    id: "a_daily",
    schedule: { cron: "0 5 * * *", timezone: "Europe/Berlin" },
    nextRunAt,
    tasks: [{ id: "a" }, { id: "b" }],
  })
  await makePipeline(pool, { id: "b_manual" })
  const first = await makeRun(pool, { pipeline, state: "failed" })
  const second = await makeRun(pool, { pipeline, state: "running" })
  await makeProblem(pool, { pipelineId: "a_daily", file: "pipelines/a_daily.ts", line: 3 })

  const { items } = await t.get<Page<PipelineSummary>>("/pipelines?limit=500")
  const daily = items.find((item) => item.id === "a_daily")!
  assert.equal(daily.schedule?.text, "At 05:00 (Europe/Berlin)")
  assert.equal(daily.nextRunAt, nextRunAt.toISOString())
  assert.equal(daily.tasksTotal, 2)
  assert.deepEqual(
    daily.recentRuns.map((run) => run.id),
    [first.id, second.id],
  )
  assert.equal(daily.problems[0]?.line, 3)
  const manual = items.find((item) => item.id === "b_manual")!
  assert.deepEqual([manual.schedule, manual.nextRunAt, manual.recentRuns], [null, null, []])

  const page = await t.get<Page<PipelineSummary>>("/pipelines?limit=1")
  assert.equal(page.items[0]?.id, "a_daily")
  const next = await t.get<Page<PipelineSummary>>(`/pipelines?limit=1&cursor=${page.nextCursor}`)
  assert.equal(next.items[0]?.id, "b_manual")
})

test("shows a pipeline's next runs, success rate and medians, and none of them coming while it is paused", async () => {
  const pool = t.store.pool
  const pipeline = await makePipeline(pool, {
    id: "hourly",
    schedule: { cron: "0 * * * *", timezone: "UTC" },
    nextRunAt: new Date(Math.ceil(Date.now() / HOUR_MS) * HOUR_MS),
  })
  for (const state of ["success", "success", "failed", "running"] as const) await makeRun(pool, { pipeline, state })
  const detail = await t.get<PipelineDetail>("/pipelines/hourly")
  assert.equal(detail.nextRuns.length, 5)
  assert.equal(Date.parse(detail.nextRuns[4]!) - Date.parse(detail.nextRuns[0]!), 4 * HOUR_MS)
  assert.equal(detail.successRate, 2 / 3)
  assert.equal(detail.medianDurationMs, 60_000)
  assert.equal(detail.manifest?.id, "hourly")

  const paused = await t.request("/pipelines/hourly", {
    method: "PATCH",
    body: JSON.stringify({ isPaused: true }),
    headers: { "content-type": "application/json" },
  })
  assert.equal(paused.status, 200)
  assert.deepEqual(((await paused.json()) as PipelineDetail).nextRuns, [])
})

test("keeps a pipeline that has left the workspace, without definition", async () => {
  await makePipeline(t.store.pool, { id: "gone" })
  await t.store.pool.query("update pipeline set current_version = null where id = 'gone'")
  const detail = await t.get<PipelineDetail>("/pipelines/gone")
  assert.deepEqual([detail.isDefined, detail.manifest, detail.version], [false, null, null])
  const refused = await t.send("/runs", { pipelineId: "gone" })
  assert.equal(((await refused.json()) as Problem).code, "pipeline.invalid")
})

test("shows versions, newest first, with their runs and files", async () => {
  const pool = t.store.pool
  const pipeline = await makePipeline(pool, { id: "versioned" })
  await makeRun(pool, { pipeline })
  const files = { "pipelines/versioned.ts": "export default 2\n" }
  await makeVersion(pool, { pipelineId: "versioned", version: 2, files, isCurrent: true })
  const { items } = await t.get<Page<VersionSummary>>("/pipelines/versioned/versions")
  assert.deepEqual(
    items.map(({ version, runs }) => [version, runs]),
    [
      [2, 0],
      [1, 1],
    ],
  )
  assert.deepEqual((await t.get<VersionDetail>("/pipelines/versioned/versions/2")).files, files)
  assert.equal((await t.request("/pipelines/versioned/versions/9")).status, 404)
  assert.equal((await t.request("/pipelines/nope/versions")).status, 404)
  assert.equal((await t.request("/pipelines/nope")).status, 404)
})

test("shows a dataset with what was loaded, checked and scored last", async () => {
  const pool = t.store.pool
  const attempt = await makeAttempt(pool)
  const id = await makeDataset(pool, { id: "warehouse.marts.sales", rowCount: 5_000_000_000 })
  await makeMaterialization(pool, { datasetId: id, attempt, rowsInserted: 12, partitionKey: "2026-01-01" })
  await makePartition(pool, { datasetId: id, key: "2026-01-01", rows: 12, runId: attempt.runId })
  await makeWatermark(pool, { datasetId: id })
  for (const score of [80, 95]) await makeScore(pool, { datasetId: id, runId: attempt.runId, score })
  await makeScore(pool, { datasetId: id, runId: attempt.runId, score: 90, dimension: "validity" })
  await makeCheckResult(pool, { datasetId: id, attempt, name: "id is not null", passed: false })

  const detail = await t.get<DatasetDetail>(`/datasets/${id}`)
  assert.equal(detail.rowCount, 5_000_000_000)
  assert.equal(detail.score, 95)
  assert.equal(detail.checksFailing, 1)
  assert.deepEqual(
    detail.scoreHistory.map((point) => point.score),
    [80, 95],
  )
  assert.deepEqual(
    detail.scores.map(({ dimension, score }) => [dimension, score]),
    [
      ["overall", 95],
      ["validity", 90],
    ],
  )
  assert.equal(detail.materializations[0]?.taskId, "only")
  assert.equal(detail.partitions[0]?.rows, 12)
  assert.equal(detail.watermarks[0]?.column, "updated_at")
  assert.equal((await t.request("/datasets/warehouse.no.such")).status, 404)
})

test("counts a check by its newest result, and no longer once its task checks without it", async () => {
  const pool = t.store.pool
  const pipeline = await makePipeline(pool, { tasks: [{ id: "checks" }, { id: "more_checks" }] })
  const id = await makeDataset(pool, { id: "warehouse.marts.checked" })
  const attemptOf = async (taskId: string) => {
    const run = await makeRun(pool, { pipeline })
    return makeAttempt(pool, { taskRun: await makeTaskRun(pool, { pipeline, run, taskId }) })
  }
  const failing = async () =>
    (await t.get<Page<DatasetSummary>>("/datasets")).items.find((item) => item.id === id)?.checksFailing
  const first = await attemptOf("checks")
  await makeCheckResult(pool, { datasetId: id, attempt: first, name: "stays", passed: false })
  await makeCheckResult(pool, { datasetId: id, attempt: first, name: "removed", passed: false })
  await makeCheckResult(pool, { datasetId: id, attempt: await attemptOf("more_checks"), name: "other", passed: false })
  assert.equal(await failing(), 3)
  await makeCheckResult(pool, { datasetId: id, attempt: await attemptOf("checks"), name: "stays", passed: true })
  assert.equal(await failing(), 1)
  const { checks } = await t.get<DatasetDetail>(`/datasets/${id}`)
  assert.deepEqual(
    checks.map(({ name, passed }) => [name, passed]),
    [
      ["other", false],
      ["stays", true],
    ],
  )
})

test("lists results of checks by dataset, run and outcome, page by page", async () => {
  const pool = t.store.pool
  const attempt = await makeAttempt(pool)
  const id = await makeDataset(pool)
  for (const passed of [true, false, false]) await makeCheckResult(pool, { datasetId: id, attempt, passed })
  const list = async (query: string) => (await t.get<Page<CheckResult>>(`/check-results?dataset=${id}&${query}`)).items
  assert.equal((await list("")).length, 3)
  assert.equal((await list("passed=false")).length, 2)
  assert.equal((await list(`runId=${attempt.runId}&passed=true`)).length, 1)
  const page = await t.get<Page<CheckResult>>(`/check-results?dataset=${id}&limit=2`)
  const rest = await t.get<Page<CheckResult>>(`/check-results?dataset=${id}&limit=2&cursor=${page.nextCursor}`)
  assert.deepEqual([page.items.length, rest.items.length, rest.nextCursor], [2, 1, null])
})

test("shows a backfill's progress from its slots and runs", async () => {
  const pool = t.store.pool
  const pipeline = await makePipeline(pool, { id: "filled", partition: "day" })
  const backfill = await makeBackfill(pool, { pipeline, days: 4, concurrency: 2 })
  const runOf = (state: "success" | "running") =>
    makeRun(pool, { pipeline, state, kind: "backfill", backfillId: backfill.id })
  const [done, running] = [await runOf("success"), await runOf("running")]
  await pool.query(
    "update backfill_slot set run_id = case position when 0 then $2 else $3 end::bigint where backfill_id = $1 and position < 2",
    [backfill.id, done.id, running.id],
  )
  const detail = await t.get<Backfill>(`/backfills/${backfill.id}`)
  assert.deepEqual(detail.counts, { total: 4, create: 4, skip: 0, done: 1, failed: 0, cancelled: 0, running: 1 })
  const slots = await t.get<Page<Backfill["slots"][number]>>(`/backfills/${backfill.id}/slots?limit=3`)
  const rest = await t.get<typeof slots>(`/backfills/${backfill.id}/slots?limit=3&cursor=${slots.nextCursor}`)
  assert.deepEqual(
    [...slots.items, ...rest.items].map((slot) => slot.runState),
    ["success", "running", null, null],
  )
  assert.equal(rest.nextCursor, null)
  const waiting = await t.get<typeof slots>(`/backfills/${backfill.id}/slots?state=waiting`)
  assert.deepEqual(
    waiting.items.map((slot) => slot.position),
    [2, 3],
  )
  assert.equal((await t.get<BackfillMap>(`/backfills/${backfill.id}/map`)).states, "srww")
  assert.equal(detail.estimateMs, 2 * 60_000)
  const { items } = await t.get<Page<Backfill>>("/backfills?pipelineId=filled")
  assert.deepEqual([items[0]?.id, items[0]?.slots, items[0]?.counts.done], [backfill.id, [], 1])
})

test("previews a backfill without storing it, then starts and cancels it", async () => {
  await makePipeline(t.store.pool, { id: "to_fill", partition: "day" })
  const request = { pipelineId: "to_fill", from: "2026-01-01", to: "2026-01-03" }
  const preview = await t.send("/backfills", { ...request, dryRun: true })
  assert.equal(preview.status, 200)
  assert.equal(((await preview.json()) as Backfill).slots.length, 3)
  assert.deepEqual((await t.get<Page<Backfill>>("/backfills?pipelineId=to_fill")).items, [])
  const started = await t.post<Backfill>("/backfills", request, { "idempotency-key": "fill" })
  assert.equal((await t.post<Backfill>("/backfills", request, { "idempotency-key": "fill" })).id, started.id)
  const cancelled = await t.post<Backfill>(`/backfills/${started.id}/cancel`)
  assert.equal(cancelled.state, "cancelled")
  assert.equal((await t.send("/backfills/999999/cancel")).status, 404)
  assert.equal((await t.send("/backfills", { ...request, from: "2026-02-01" })).status, 422)
})

test("tells live workers from silent ones", async () => {
  const alive = await makeWorker(t.store.pool, { slots: 4 })
  const silent = await makeWorker(t.store.pool, { heartbeatAt: new Date(Date.now() - 120_000) })
  const { items } = await t.get<Page<WorkerView>>("/workers")
  assert.deepEqual(
    items.map(({ id, state }) => [id, state]),
    [
      [alive, "active"],
      [silent, "gone"],
    ],
  )
  const health = await t.get<Health>("/health")
  assert.deepEqual([health.status, health.workers], ["ok", 1])
})

test("lists what is wrong in the workspace by file and line", async () => {
  await makeProblem(t.store.pool, { file: "pipelines/z.ts", line: 2 })
  await makeProblem(t.store.pool, { file: "pipelines/z.ts", line: 1 })
  const { items } = await t.get<Page<WorkspaceProblem>>("/workspace/problems")
  const lines = items.filter((problem) => problem.file === "pipelines/z.ts").map((problem) => problem.line)
  assert.deepEqual(lines, [1, 2])
})

test("sums the estate up: open failures, late data, quality, the last day and fortnight", async () => {
  const pool = t.store.pool
  const now = Date.now()
  const minutesAgo = (minutes: number) => new Date(now - minutes * 60_000)
  const broken = await makePipeline(pool, { id: "overview_broken", owner: "Sales" })
  await makeRun(pool, { pipeline: broken, state: "success", createdAt: minutesAgo(50) })
  const failure = await makeRun(pool, {
    pipeline: broken,
    state: "failed",
    createdAt: minutesAgo(40),
    failedTaskId: "only",
  })
  const mended = await makePipeline(pool, { id: "overview_mended" })
  await makeRun(pool, { pipeline: mended, state: "failed", createdAt: minutesAgo(30) })
  await makeRun(pool, { pipeline: mended, state: "success", createdAt: minutesAgo(20) })
  const old = await makePipeline(pool, { id: "overview_old" })
  await makeRun(pool, { pipeline: old, createdAt: new Date(now - 30 * 24 * HOUR_MS) })
  const gone = await makePipeline(pool, { id: "overview_gone" })
  await pool.query("update pipeline set current_version = null where id = $1", [gone.id])
  const attempt = await makeAttempt(pool)
  const late = await makeDataset(pool, { id: "warehouse.overview.late" })
  const policy: FreshnessPolicy = {
    measure: "loads",
    probe: null,
    maxAge: { warnAfterMs: null, errorAfterMs: HOUR_MS },
    deadline: null,
    partitions: null,
    everyMs: null,
  }
  await pool.query(
    `insert into freshness_status (dataset_id, state, message, policy, origin, policy_hash)
     values ($1, 'error', '2 h late.', $2, 'policy', 'x')`,
    [late, JSON.stringify(policy)],
  )
  await pool.query(
    "insert into incident (key, kind, title, severity) values ('k', 'freshness_breach', 'Late', 'critical')",
  )
  await makeMaterialization(pool, { datasetId: late, attempt, rowsInserted: 70, rowsUpdated: 7 })

  const overview = await t.get<Overview>("/overview")
  const failed = overview.failedRuns.filter((run) => run.pipelineId.startsWith("overview_"))
  assert.deepEqual(
    failed.map((run) => [run.runId, run.failedTaskId]),
    [[failure.id, "only"]],
  )
  assert.equal(overview.freshness.breaches, 1)
  assert.deepEqual(
    overview.freshness.items.map(({ dataset, message, standing }) => [dataset, message, standing]),
    [[late, "2 h late.", "error"]],
  )
  assert.deepEqual(overview.incidents, { open: 1, acknowledged: 0 })
  const timeline = (id: string) => overview.timeline.find((row) => row.pipelineId === id)
  assert.equal(timeline("overview_broken")?.runs.length, 2)
  assert.equal(timeline("overview_broken")?.owner, "Sales")
  assert.deepEqual(timeline("overview_old")?.runs, [])
  assert.equal(timeline("overview_gone"), undefined)
  assert.equal(overview.runsByDay.length, 14)
  assert.equal(overview.rowsByDay.length, 14)
  const today = overview.rowsByDay.at(-1)!
  assert.equal(today.day, new Date(now).toISOString().slice(0, 10))
  assert.ok(today.rows >= 77)
  assert.ok(overview.quality.datasets >= 1)
})
