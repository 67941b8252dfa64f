import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import type { PipelineCalendar, PipelineGrid, TaskHistoryItem } from "#lib/contracts/api/pipeline-views.ts"
import type { RunSummary } from "#lib/contracts/api/runs.ts"
import { stateOfCode } from "#lib/domain/severity.ts"
import { TestApi } from "#test/api-client.ts"
import { makePipeline, makeRun, makeVersion } from "#test/factories.ts"
import { log } from "../log.ts"

log.level = "silent"
let t: TestApi
before(async () => {
  t = await TestApi.open()
})
after(() => t.close())

const statesOf = (grid: PipelineGrid) => grid.runs.map((run) => [...run.states].map((code) => stateOfCode(code)))

test("gives the states of the newest runs, oldest first, and says that there are older ones", async () => {
  const pool = t.store.pool
  const pipeline = await makePipeline(pool, { id: "grid_plain", tasks: [{ id: "a" }, { id: "b", upstream: ["a"] }] })
  const oldest = await makeRun(pool, { pipeline, tasks: true })
  const failed = await makeRun(pool, { pipeline, state: "failed", tasks: { a: "failed", b: "upstream_failed" } })
  const newest = await makeRun(pool, { pipeline, state: "running", tasks: { a: "success", b: "running" } })
  const grid = await t.get<PipelineGrid>("/pipelines/grid_plain/grid?runs=2")
  assert.deepEqual(grid.tasks, ["a", "b"])
  assert.deepEqual(
    grid.runs.map((run) => run.id),
    [failed.id, newest.id],
  )
  assert.deepEqual(statesOf(grid), [
    ["failed", "upstream_failed"],
    ["success", "running"],
  ])
  assert.equal(grid.hasOlder, true)
  assert.equal(grid.medianDurationMs, 60_000)
  assert.equal(grid.runs[0]?.durationMs, 60_000)

  const older = await t.get<PipelineGrid>(`/pipelines/grid_plain/grid?runs=2&before=${failed.id}`)
  assert.deepEqual(
    older.runs.map((run) => run.id),
    [oldest.id],
  )
  assert.equal(older.hasOlder, false)
})

test("narrows the runs by state and kind", async () => {
  const pool = t.store.pool
  const pipeline = await makePipeline(pool, { id: "grid_filters" })
  const backfilled = await makeRun(pool, { pipeline, kind: "backfill", state: "failed" })
  await makeRun(pool, { pipeline, kind: "schedule", state: "success" })
  for (const query of ["state=failed,running", "kind=backfill", "kind=backfill&state=failed"]) {
    const grid = await t.get<PipelineGrid>(`/pipelines/grid_filters/grid?${query}`)
    assert.deepEqual(
      grid.runs.map((run) => run.id),
      [backfilled.id],
      query,
    )
  }
  assert.equal((await t.request("/pipelines/grid_filters/grid?state=odd")).status, 400)
})

test("puts tasks of several versions into one order and leaves holes where a run did not have them", async () => {
  const pool = t.store.pool
  const first = await makePipeline(pool, { id: "grid_versions", tasks: [{ id: "gone" }, { id: "a" }] })
  await makeRun(pool, { pipeline: first, tasks: { gone: "failed", a: "success" } })
  const manifest = { ...first.manifest, tasks: ["b", "a"].map((id) => ({ ...first.manifest.tasks[0]!, id })) }
  const version = await makeVersion(pool, { pipelineId: "grid_versions", version: 2, manifest, isCurrent: true })
  const second = { ...first, versionId: version.id, version: 2, manifest }
  await makeRun(pool, { pipeline: second, tasks: { b: "running", a: "pending" } })
  const grid = await t.get<PipelineGrid>("/pipelines/grid_versions/grid")
  assert.deepEqual(grid.tasks, ["b", "a", "gone"])
  assert.deepEqual(statesOf(grid), [
    [null, "success", "failed"],
    ["running", "pending", null],
  ])
})

test("tells a mapped task as a whole, and a run of some tasks only by these", async () => {
  const pool = t.store.pool
  const map = { over: [1, 2], label: null, limit: 10, maxActive: null, tolerance: { count: 0 } }
  const pipeline = await makePipeline(pool, { id: "grid_mapped", tasks: [{ id: "a" }, { id: "m", map }, { id: "z" }] })
  const run = await makeRun(pool, { pipeline, state: "failed", tasks: { m: "success", z: "skipped" } })
  await pool.query(
    `insert into task_run (run_id, pipeline_id, task_id, position, map_index, state, trigger_rule, finished_at)
     values ($1, 'grid_mapped', 'm', 1, 0, 'success', 'all_success', now()),
            ($1, 'grid_mapped', 'm', 1, 1, 'failed', 'all_success', now())`,
    [run.id],
  )
  const grid = await t.get<PipelineGrid>("/pipelines/grid_mapped/grid")
  assert.deepEqual(grid.mapped, ["m"])
  assert.deepEqual(statesOf(grid), [[null, "success", "skipped"]])
})

test("an unknown pipeline has no grid and no calendar, one that never ran has empty ones", async () => {
  assert.equal((await t.request("/pipelines/nowhere/grid")).status, 404)
  assert.equal((await t.request("/pipelines/nowhere/calendar")).status, 404)
  await makePipeline(t.store.pool, { id: "grid_empty" })
  const grid = await t.get<PipelineGrid>("/pipelines/grid_empty/grid")
  assert.deepEqual([grid.tasks, grid.runs, grid.hasOlder, grid.medianDurationMs], [[], [], false, null])
  const calendar = await t.get<PipelineCalendar>("/pipelines/grid_empty/calendar?year=2026")
  assert.deepEqual([calendar.days, calendar.years, calendar.scheduled, calendar.zone], [[], null, [], "UTC"])
})

test("adds up the runs of each day in the pipeline's zone", async () => {
  const pool = t.store.pool
  const pipeline = await makePipeline(pool, {
    id: "calendar",
    schedule: { cron: "0 5 * * *", timezone: "America/New_York" },
    nextRunAt: new Date(Date.now() + 86_400_000),
  })
  const at = (instant: string) => ({ pipeline, logicalAt: new Date(instant) })
  // 23:30 in New York is the next day in UTC.
  await makeRun(pool, { ...at("2025-03-01T04:30:00Z"), state: "success" })
  await makeRun(pool, { ...at("2025-02-28T20:00:00Z"), state: "failed" })
  await makeRun(pool, { ...at("2025-03-01T15:00:00Z"), state: "success" })
  await makeRun(pool, { ...at("2024-01-01T15:00:00Z"), state: "success" })
  const calendar = await t.get<PipelineCalendar>("/pipelines/calendar/calendar?year=2025")
  assert.equal(calendar.zone, "America/New_York")
  assert.deepEqual(calendar.years, { first: 2024, last: 2025 })
  assert.deepEqual(calendar.days, [
    { day: "2025-02-28", worst: "failed", counts: { success: 1, failed: 1 }, durationMs: 120_000 },
    { day: "2025-03-01", worst: "success", counts: { success: 1 }, durationMs: 60_000 },
  ])
  assert.deepEqual(calendar.scheduled, [])
  const thisYear = await t.get<PipelineCalendar>("/pipelines/calendar/calendar")
  const nextYear = await t.get<PipelineCalendar>(`/pipelines/calendar/calendar?year=${thisYear.year + 1}`)
  assert.ok(nextYear.scheduled.length >= 365)

  const day = "logicalFrom=2025-02-28T05:00:00Z&logicalTo=2025-03-01T05:00:00Z"
  const runs = await t.get<{ items: RunSummary[] }>(`/runs?pipelineId=calendar&${day}`)
  assert.equal(runs.items.length, 2)
})

test("follows one task through the newest runs", async () => {
  const pool = t.store.pool
  const pipeline = await makePipeline(pool, { id: "history", tasks: [{ id: "a" }, { id: "b" }] })
  const first = await makeRun(pool, { pipeline, state: "failed", tasks: { a: "failed", b: "success" } })
  const second = await makeRun(pool, { pipeline, tasks: true })
  const { items } = await t.get<{ items: TaskHistoryItem[] }>("/pipelines/history/tasks/a/history")
  assert.deepEqual(
    items.map((item) => [item.runId, item.state, item.runState]),
    [
      [second.id, "success", "success"],
      [first.id, "failed", "failed"],
    ],
  )
})
