import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import type { Page, Problem } from "#lib/contracts/api/common.ts"
import type { RunDetail, RunEffect, RunEvent, RunSummary, TaskRun } from "#lib/contracts/api/runs.ts"
import { TestApi } from "#test/api-client.ts"
import {
  makeAttempt,
  makeBackfill,
  makeEvent,
  makeOutput,
  makePipeline,
  makeRun,
  makeTaskRun,
} from "#test/factories.ts"
import { log } from "../log.ts"

log.level = "silent"
let t: TestApi
before(async () => {
  t = await TestApi.open()
})
after(() => t.close())

const ids = (page: Page<RunSummary>) => page.items.map((run) => run.id)

test("pages through runs without repeating or missing one while others are created", async () => {
  const pipeline = await makePipeline(t.store.pool)
  const made: string[] = []
  for (let n = 0; n < 7; n++) made.unshift((await makeRun(t.store.pool, { pipeline })).id)
  const seen: string[] = []
  let cursor: string | null = ""
  while (cursor !== null) {
    const page: Page<RunSummary> = await t.get(
      `/runs?pipelineId=${pipeline.id}&limit=3${cursor && `&cursor=${cursor}`}`,
    )
    seen.push(...ids(page))
    cursor = page.nextCursor
    await makeRun(t.store.pool, { pipeline })
  }
  assert.deepEqual(seen, made)
})

test("filters runs by state, kind, pipeline, backfill and time of creation, in any combination", async () => {
  const pool = t.store.pool
  const pipeline = await makePipeline(pool, { partition: "day" })
  const backfill = await makeBackfill(pool, { pipeline })
  const failed = await makeRun(pool, {
    pipeline,
    state: "failed",
    kind: "schedule",
    createdAt: new Date("2026-03-01T00:00:00Z"),
  })
  const good = await makeRun(pool, { pipeline, state: "success", createdAt: new Date("2026-03-02T00:00:00Z") })
  const part = await makeRun(pool, { pipeline, state: "running", kind: "backfill", backfillId: backfill.id })
  const list = async (query: string) => ids(await t.get(`/runs?pipelineId=${pipeline.id}&${query}`))
  assert.deepEqual(await list(""), [part.id, good.id, failed.id])
  assert.deepEqual(await list("state=failed,running"), [part.id, failed.id])
  assert.deepEqual(await list("kind=schedule,backfill"), [part.id, failed.id])
  assert.deepEqual(await list("kind=schedule&state=success"), [])
  assert.deepEqual(await list(`backfillId=${backfill.id}`), [part.id])
  assert.deepEqual(await list("from=2026-03-01T00:00:00Z&to=2026-03-02T00:00:00Z"), [failed.id])
  assert.deepEqual(ids(await t.get(`/runs?kind=backfill&backfillId=${backfill.id}`)), [part.id])
  assert.deepEqual(ids(await t.get(`/runs?state=failed&from=2026-03-01T00:00:00Z&to=2026-03-01T00:00:01Z`)), [
    failed.id,
  ])
})

test("searches id, pipeline and error message, with wildcards taken literally", async () => {
  const pool = t.store.pool
  const pipeline = await makePipeline(pool, { id: "search_me" })
  const percent = await makeRun(pool, { pipeline, state: "failed", errorMessage: "Only 40% of the rows came." })
  const plain = await makeRun(pool, { pipeline, state: "failed", errorMessage: "Only 40 of the rows came." })
  const search = async (q: string, more = "") => ids(await t.get(`/runs?q=${encodeURIComponent(q)}${more}`))
  assert.deepEqual(await search("40%"), [percent.id])
  assert.deepEqual(await search("ROWS CAME"), [plain.id, percent.id])
  assert.deepEqual(await search("search_m"), [plain.id, percent.id])
  assert.deepEqual(await search("searchxm"), [])
  assert.ok((await search(plain.id)).includes(plain.id))
  assert.deepEqual(await search("search_me", "&state=success"), [])
  assert.deepEqual(await search("'; drop table run; --"), [])
})

test("shows a run with its task runs in order, attempts, outputs and medians", async () => {
  const pool = t.store.pool
  const retry = { retries: 2, delayMs: 0, backoffFactor: 1, maxDelayMs: 0 }
  const pipeline = await makePipeline(pool, {
    tasks: [
      { id: "extract", operator: "extract", group: "in", retry },
      { id: "load", upstream: ["extract"] },
    ],
  })
  const earlier = await makeRun(pool, { pipeline, state: "success" })
  await makeAttempt(pool, { taskRun: await makeTaskRun(pool, { pipeline, run: earlier, taskId: "extract" }) })
  const run = await makeRun(pool, { pipeline, state: "failed", params: { day: "2026-01-01" }, failedTaskId: "extract" })
  const blocked = await makeTaskRun(pool, { pipeline, run, taskId: "load", state: "upstream_failed" })
  const failed = await makeTaskRun(pool, { pipeline, run, taskId: "extract", state: "failed", attemptCount: 1 })
  const attempt = await makeAttempt(pool, { taskRun: failed, state: "failed", metrics: { rowsRead: 3 } })
  await makeOutput(pool, { taskRunId: failed.id, key: "rows", value: { n: 3 } })

  const detail = await t.get<RunDetail>(`/runs/${run.id}`)
  assert.deepEqual(
    detail.taskRuns.map((task) => [task.taskId, task.state, task.group, task.operator, task.maxAttempts]),
    [
      ["extract", "failed", "in", "extract", 3],
      ["load", "upstream_failed", null, "noop", 1],
    ],
  )
  assert.deepEqual(detail.tasks, { failed: 1, upstream_failed: 1 })
  assert.deepEqual(detail.params, { day: "2026-01-01" })
  assert.equal(detail.medianDurationMs, 60_000)
  assert.deepEqual(detail.taskMediansMs, { extract: 10_000 })
  const [task] = detail.taskRuns
  assert.deepEqual(task?.outputs, { rows: { n: 3 } })
  assert.equal(task?.attempts[0]?.failure?.code, "task.failed")
  assert.deepEqual(await t.get<TaskRun>(`/task-runs/${failed.id}`), task)
  assert.equal((await t.get<TaskRun>(`/task-runs/${blocked.id}`)).taskId, "load")
  assert.equal((await t.get<{ taskId: string }>(`/attempts/${attempt.id}`)).taskId, "extract")
})

test("says 404 for a run, task run, attempt and history that is not there", async () => {
  for (const path of [
    "/runs/999999",
    "/runs/999999/events",
    "/task-runs/999999",
    "/attempts/999999",
    "/attempts/999999/logs",
  ]) {
    const response = await t.request(path)
    assert.equal(response.status, 404, path)
  }
})

test("tells a run's history in order, page by page", async () => {
  const run = await makeRun(t.store.pool)
  assert.deepEqual(await t.get(`/runs/${run.id}/events`), { items: [], nextCursor: null })
  for (const type of ["run.created", "run.started", "run.failed"])
    await makeEvent(t.store.pool, { runId: run.id, type })
  const first = await t.get<Page<RunEvent>>(`/runs/${run.id}/events?limit=2`)
  const second = await t.get<Page<RunEvent>>(`/runs/${run.id}/events?limit=2&cursor=${first.nextCursor}`)
  assert.deepEqual(
    [...first.items, ...second.items].map((event) => event.type),
    ["run.created", "run.started", "run.failed"],
  )
  assert.equal(second.nextCursor, null)
})

test("starts a run with who asked for it, then cancels it and runs it again", async () => {
  const pipeline = await makePipeline(t.store.pool, { tasks: [{ id: "a" }, { id: "b", upstream: ["a"] }] })
  const run = await t.post<RunDetail>("/runs", { pipelineId: pipeline.id, note: "by hand" })
  assert.equal(run.kind, "manual")
  assert.equal(run.triggeredBy, "local owner")
  assert.equal(run.note, "by hand")
  assert.equal(run.taskRuns[0]?.state, "ready")

  const cancelled = await t.post<RunDetail>(`/runs/${run.id}/cancel`)
  assert.equal(cancelled.state, "cancelled")
  assert.equal(((await (await t.send(`/runs/${run.id}/cancel`)).json()) as Problem).code, "run.not_active")

  const preview = await t.post<RunEffect>(`/runs/${run.id}/retry`, { dryRun: true })
  assert.deepEqual(preview.taskIds, ["a", "b"])
  assert.equal((await t.get<RunDetail>(`/runs/${run.id}`)).state, "cancelled")
  await t.post(`/runs/${run.id}/retry`)
  assert.equal((await t.get<RunDetail>(`/runs/${run.id}`)).state, "running")
})

test("previews and does clears and marks", async () => {
  const pool = t.store.pool
  const pipeline = await makePipeline(pool, { tasks: [{ id: "a" }, { id: "b", upstream: ["a"] }] })
  const run = await makeRun(pool, { pipeline, state: "success", tasks: true })
  const clear = { taskIds: ["a"], includeDownstream: false }
  assert.deepEqual((await t.post<RunEffect>(`/runs/${run.id}/clear`, { ...clear, dryRun: true })).taskIds, ["a"])
  assert.equal((await t.send(`/runs/${run.id}/clear`, { taskIds: ["nope"] })).status, 404)
  await t.post(`/runs/${run.id}/clear`, clear)
  const id = run.taskRunIds.a!
  assert.equal((await t.get<TaskRun>(`/task-runs/${id}`)).state, "ready")
  await t.post(`/task-runs/${id}/mark`, { state: "success" })
  assert.equal((await t.get<TaskRun>(`/task-runs/${id}`)).state, "success")
  assert.equal((await t.send(`/task-runs/${id}/mark`, { state: "running" })).status, 400)
})

test("creates one run for any number of requests with one idempotency key, and gives all the same answer", async () => {
  const pipeline = await makePipeline(t.store.pool)
  const body = { pipelineId: pipeline.id }
  const answers = await Promise.all(
    Array.from({ length: 12 }, () => t.post<RunDetail>("/runs", body, { "idempotency-key": "race-1" })),
  )
  assert.equal(new Set(answers.map((run) => run.id)).size, 1)
  assert.equal(ids(await t.get(`/runs?pipelineId=${pipeline.id}`)).length, 1)
  const later = await t.post<RunDetail>("/runs", body, { "idempotency-key": "race-1" })
  assert.deepEqual(later, answers[0])
})

test("refuses an idempotency key with another body, and one of a wrong form", async () => {
  const pipeline = await makePipeline(t.store.pool)
  await t.post("/runs", { pipelineId: pipeline.id }, { "idempotency-key": "once" })
  const other = await t.send("/runs", { pipelineId: pipeline.id, note: "other" }, { "idempotency-key": "once" })
  assert.equal(((await other.json()) as Problem).code, "request.conflict")
  const elsewhere = await t.send(
    "/backfills",
    { pipelineId: pipeline.id, from: "2026-01-01", to: "2026-01-01" },
    { "idempotency-key": "once" },
  )
  assert.equal(elsewhere.status, 409)
  assert.equal((await t.send("/runs", { pipelineId: pipeline.id }, { "idempotency-key": "a b" })).status, 400)
})

test("keeps no failure under a key: once mended, the same request succeeds", async () => {
  const send = () => t.send("/runs", { pipelineId: "made_later" }, { "idempotency-key": "mend" })
  assert.equal((await send()).status, 404)
  await makePipeline(t.store.pool, { id: "made_later" })
  assert.equal((await send()).status, 201)
})

test("makes no second run when the process died between doing and answering", async () => {
  const pipeline = await makePipeline(t.store.pool)
  const body = { pipelineId: pipeline.id }
  const first = await t.post<RunDetail>("/runs", body, { "idempotency-key": "crash" })
  // As it was at that moment: reserved, done, not answered; the wait for the other process is over.
  await t.store.pool.query("update idempotency_key set response = null where key = 'crash'")
  const { answerOnce } = await import("../idempotency.ts")
  const { triggerRun } = await import("#lib/actions/trigger-run.ts")
  const answer = await answerOnce(
    t.store.pool,
    { key: "crash", route: "POST /api/v1/runs", body },
    async (logicalAt) => {
      const run = await triggerRun(t.store, { ...body, kind: "manual", logicalAt, actor: "test" })
      return { status: 201, body: { id: run.runId } }
    },
    { waitMs: 0 },
  )
  assert.equal(answer.body.id, first.id)
})
