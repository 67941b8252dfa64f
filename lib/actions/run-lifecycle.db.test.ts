import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import { outcomeOf, RunDriver } from "#test/run-driver.ts"
import { taskResultSchema } from "../contracts/task-result.ts"
import { AppError } from "../domain/errors.ts"
import { cancelRun } from "./cancel-run.ts"
import { clearRun } from "./clear-run.ts"
import { createBackfill } from "./create-backfill.ts"
import { finishAttempt, finishAttempts } from "./finish-attempts.ts"
import { markTaskRun } from "./mark-task-run.ts"
import { promoteRetries } from "./promote-retries.ts"
import { reapAttempts } from "./reap-attempts.ts"
import { scheduleDueRuns } from "./schedule-due-runs.ts"
import { triggerRun } from "./trigger-run.ts"

let driver: RunDriver
before(async () => {
  driver = await RunDriver.open()
})
after(() => driver.close())

const RETRY_ONCE = { retries: 1, delayMs: 0, backoffFactor: 1, maxDelayMs: 0 }

test("runs a diamond in order and ends as success", async () => {
  await driver.define({
    id: "diamond",
    tasks: [{ id: "a" }, { id: "b", upstream: ["a"] }, { id: "c", upstream: ["a"] }, { id: "d", upstream: ["b", "c"] }],
  })
  const runId = await driver.trigger("diamond")
  const order = await driver.drive()
  assert.equal(order[0], "a")
  assert.equal(order[3], "d")
  assert.deepEqual(await driver.runState(runId), { state: "success", unfinished: 0, failedTaskId: null })
})

test("blocks what is behind a failure, runs failure handlers and names the failed task", async () => {
  await driver.define({
    id: "handled",
    tasks: [
      { id: "load" },
      { id: "model", upstream: ["load"] },
      { id: "mart", upstream: ["model"] },
      { id: "tell", upstream: ["load", "mart"], triggerRule: "one_failed" },
    ],
  })
  const runId = await driver.trigger("handled")
  assert.deepEqual(await driver.drive({ load: "fail" }), ["load", "tell"])
  assert.deepEqual(await driver.taskStates(runId), {
    load: "failed",
    model: "upstream_failed",
    mart: "upstream_failed",
    tell: "success",
  })
  assert.deepEqual(await driver.runState(runId), { state: "failed", unfinished: 0, failedTaskId: "load" })
})

test("carries a skip downstream and still ends as success", async () => {
  await driver.define({
    id: "skipping",
    tasks: [
      { id: "check" },
      { id: "load", upstream: ["check"] },
      { id: "end", upstream: ["load"], triggerRule: "all_done" },
    ],
  })
  const runId = await driver.trigger("skipping")
  await driver.drive({ check: "skip" })
  assert.deepEqual(await driver.taskStates(runId), { check: "skipped", load: "skipped", end: "success" })
  assert.equal((await driver.runState(runId)).state, "success")
})

test("tries again as often as retries allow, then fails", async () => {
  await driver.define({ id: "retrying", tasks: [{ id: "only", retry: RETRY_ONCE }] })
  const runId = await driver.trigger("retrying")
  await driver.drive({ only: "fail" })
  assert.deepEqual(await driver.taskStates(runId), { only: "up_for_retry" })
  await promoteRetries(driver.store)
  await driver.drive({ only: "fail" })
  assert.deepEqual(await driver.runState(runId), { state: "failed", unfinished: 0, failedTaskId: "only" })
})

test("announces every change of a task run: that it runs, and how it ended", async () => {
  const listener = await driver.store.pool.connect()
  const heard: string[] = []
  const ended = Promise.withResolvers<void>()
  listener.on("notification", ({ payload }) => {
    const event = JSON.parse(payload ?? "{}") as { type: string; pipelineId: string; state: string }
    if (event.pipelineId !== "announced") return
    heard.push(`${event.type} ${event.state}`)
    if (event.type === "run" && event.state === "success") ended.resolve()
  })
  await listener.query("listen headrace_events")
  await driver.define({ id: "announced", tasks: [{ id: "a" }] })
  await driver.trigger("announced")
  await driver.drive()
  await ended.promise
  assert.deepEqual(heard, ["run queued", "run running", "task_run running", "task_run success", "run success"])
  listener.release(true)
})

test("passes over runs that somebody else holds, where it is told to, and records the others", async () => {
  await driver.define({ id: "held", maxActiveRuns: 2, tasks: [{ id: "only" }] })
  const held = await driver.trigger("held")
  await driver.trigger("held", { logicalAt: new Date(1) })
  const ends = (await driver.claim()).map((attempt) => ({ attempt, outcome: outcomeOf("success") }))
  const session = await driver.store.pool.connect()
  await session.query("begin")
  await session.query("select from run where id = $1 for update", [held])
  const receipts = await finishAttempts(driver.store, ends, { busyRuns: "pass_over" })
  assert.deepEqual(receipts.map(({ kind }, index) => [ends[index]!.attempt.runId === held, kind]).toSorted(), [
    [false, "recorded"],
    [true, "busy"],
  ])
  await session.query("rollback")
  session.release()
  const again = await finishAttempts(driver.store, ends, { busyRuns: "pass_over" })
  assert.deepEqual(again.map(({ kind }) => kind).toSorted(), ["recorded", "superseded"])
})

test("keeps the last value where two tasks write one partition, watermark and output in one batch", async () => {
  await driver.define({ id: "same_target", maxActiveRuns: 2, tasks: [{ id: "a" }, { id: "b" }] })
  const runId = await driver.trigger("same_target")
  const claims = (await driver.claim()).toSorted((a, b) => Number(BigInt(a.attemptId) - BigInt(b.attemptId)))
  const ends = claims.map((attempt, index) => ({
    attempt,
    outcome: {
      kind: "success" as const,
      result: taskResultSchema.parse({
        outputs: { rows: index },
        materializations: [
          {
            dataset: "warehouse.raw.same",
            partitionKey: "2026-01-01",
            rowsInserted: 10 + index,
            durationSeconds: 1,
            watermark: { source: "shop", column: "id", before: null, after: String(index) },
          },
        ],
      }),
    },
  }))
  await driver.finishAll(ends.toReversed())
  const { rows } = await driver.store.pool.query(
    `select (select rows::int from partition_state where dataset_id = 'warehouse.raw.same') as rows,
            (select value from watermark where dataset_id = 'warehouse.raw.same') as mark,
            (select count(*)::int from materialization where run_id = $1) as loads,
            (select count(*)::int from task_output o join task_run t on t.id = o.task_run_id where t.run_id = $1) as outputs`,
    [runId],
  )
  assert.deepEqual(rows[0], { rows: 11, mark: "1", loads: 2, outputs: 2 })
})

test("a task that is marked before its run starts counts for those behind it", async () => {
  await driver.define({ id: "marked_early", maxActiveRuns: 1, tasks: [{ id: "a" }, { id: "b", upstream: ["a"] }] })
  await driver.trigger("marked_early")
  const runId = await driver.trigger("marked_early", { logicalAt: new Date(1) })
  const { rows } = await driver.store.pool.query("select id from task_run where run_id = $1 and task_id = 'a'", [runId])
  await markTaskRun(driver.store, { taskRunId: rows[0].id, state: "success", dryRun: false, actor: "test" })
  await driver.drive()
  assert.deepEqual(await driver.taskStates(runId), { a: "success", b: "success" })
})

test("does not retry what a retry cannot help", async () => {
  await driver.define({ id: "hopeless", tasks: [{ id: "only", retry: RETRY_ONCE }] })
  const runId = await driver.trigger("hopeless")
  const [claim] = await driver.claim()
  await driver.finish(claim!, outcomeOf("fail", { retry: "never" }))
  assert.equal((await driver.runState(runId)).state, "failed")
})

test("refuses the outcome of a superseded attempt", async () => {
  await driver.define({ id: "fenced", tasks: [{ id: "only", retry: RETRY_ONCE }] })
  const runId = await driver.trigger("fenced")
  const [zombie] = await driver.claim()
  await driver.store.pool.query("update attempt set heartbeat_at = now() - interval '1 hour' where id = $1", [
    zombie!.attemptId,
  ])
  const [first, second] = await Promise.all([reapAttempts(driver.store, 60_000), reapAttempts(driver.store, 60_000)])
  assert.equal(first.length + second.length, 1, "reaped exactly once")
  assert.deepEqual(await driver.finish(zombie!), { kind: "superseded" })
  await driver.store.pool.query("update task_run set next_attempt_at = now() - interval '1 second' where run_id = $1", [
    runId,
  ])
  await promoteRetries(driver.store)
  const [heir] = await driver.claim()
  assert.ok(BigInt(heir!.attemptId) > BigInt(zombie!.attemptId), "a later attempt carries a larger fence")
  assert.deepEqual(await driver.finish(zombie!), { kind: "superseded" })
  assert.deepEqual(await driver.taskStates(runId), { only: "running" }, "the heir is not disturbed")
  await driver.finish(heir!)
  assert.equal((await driver.runState(runId)).state, "success")
})

test("hands a task back without using up its retries", async () => {
  await driver.define({ id: "handback", tasks: [{ id: "only" }] })
  const runId = await driver.trigger("handback")
  const [claim] = await driver.claim()
  await driver.finish(claim!, { kind: "handed_back" })
  assert.deepEqual(await driver.taskStates(runId), { only: "ready" })
  await driver.drive()
  assert.equal((await driver.runState(runId)).state, "success")
})

test("cancels what waits at once and what runs when it stops", async () => {
  await driver.define({ id: "cancelled", tasks: [{ id: "a" }, { id: "b", upstream: ["a"] }] })
  const runId = await driver.trigger("cancelled")
  const [claim] = await driver.claim()
  assert.deepEqual(await cancelRun(driver.store, { runId, actor: "test" }), { state: "cancelling", cancelledTasks: 1 })
  await driver.finish(claim!, { kind: "cancelled" })
  assert.deepEqual(await driver.taskStates(runId), { a: "cancelled", b: "cancelled" })
  assert.equal((await driver.runState(runId)).state, "cancelled")
  await assert.rejects(cancelRun(driver.store, { runId, actor: "test" }), { code: "run.not_active" })
})

test("cancels a ready task whose ticket is still queued", async () => {
  await driver.define({ id: "cancelled_ready", tasks: [{ id: "a" }] })
  const runId = await driver.trigger("cancelled_ready")
  assert.equal((await cancelRun(driver.store, { runId, actor: "test" })).state, "cancelled")
  assert.deepEqual(await driver.claim(), [])
})

test("keeps to max active runs and starts the next when one ends", async () => {
  await driver.define({ id: "limited", maxActiveRuns: 1, tasks: [{ id: "only" }] })
  const one = await driver.trigger("limited")
  const two = await driver.trigger("limited", { logicalAt: new Date(1) })
  assert.equal((await driver.runState(two)).state, "queued")
  const [claim, ...others] = await driver.claim()
  assert.equal(others.length, 0)
  await driver.finish(claim!)
  assert.equal((await driver.runState(one)).state, "success")
  assert.equal((await driver.runState(two)).state, "running")
  await driver.drive()
  assert.equal((await driver.runState(two)).state, "success")
})

test("starts the next run when a queued one is cancelled or the running one", async () => {
  await driver.define({ id: "limited_cancel", maxActiveRuns: 1, tasks: [{ id: "only" }] })
  const [one, two, three] = [
    await driver.trigger("limited_cancel", { logicalAt: new Date(1) }),
    await driver.trigger("limited_cancel", { logicalAt: new Date(2) }),
    await driver.trigger("limited_cancel", { logicalAt: new Date(3) }),
  ]
  assert.equal((await cancelRun(driver.store, { runId: two, actor: "test" })).state, "cancelled")
  assert.equal((await cancelRun(driver.store, { runId: one, actor: "test" })).state, "cancelled")
  assert.equal((await driver.runState(three)).state, "running")
  await driver.drive()
})

test("clears a failed task with its downstream and runs to green", async () => {
  await driver.define({
    id: "cleared",
    tasks: [{ id: "a" }, { id: "b", upstream: ["a"] }, { id: "c", upstream: ["b"] }],
  })
  const runId = await driver.trigger("cleared")
  await driver.drive({ b: "fail" })
  const request = { runId, taskIds: [], includeDownstream: true, actor: "test" }
  const preview = await clearRun(driver.store, { ...request, dryRun: true })
  assert.deepEqual(preview.taskIds, ["b", "c"])
  assert.equal((await driver.runState(runId)).state, "failed", "a dry run changes nothing")
  await clearRun(driver.store, { ...request, dryRun: false })
  assert.deepEqual(await driver.drive(), ["b", "c"])
  assert.deepEqual(await driver.runState(runId), { state: "success", unfinished: 0, failedTaskId: null })
  await assert.rejects(clearRun(driver.store, { ...request, dryRun: false }), { code: "task_run.wrong_state" })
})

test("counts retries anew and changes the generation after a clear", async () => {
  await driver.define({ id: "generations", tasks: [{ id: "only", retry: RETRY_ONCE }] })
  const runId = await driver.trigger("generations")
  const [first] = await driver.claim()
  await driver.finish(first!)
  await clearRun(driver.store, { runId, taskIds: ["only"], includeDownstream: false, dryRun: false, actor: "test" })
  const [second] = await driver.claim()
  assert.equal(second!.generation, first!.generation + 1)
  await driver.finish(second!, outcomeOf("fail"))
  assert.deepEqual(await driver.taskStates(runId), { only: "up_for_retry" })
})

test("a cancelled run stays cancelled when one of its tasks is marked", async () => {
  await driver.define({ id: "cancelled_marked", tasks: [{ id: "a" }, { id: "b" }] })
  const runId = await driver.trigger("cancelled_marked")
  await cancelRun(driver.store, { runId, actor: "test" })
  const { rows } = await driver.store.pool.query("select id from task_run where run_id = $1 and task_id = 'a'", [runId])
  await markTaskRun(driver.store, { taskRunId: rows[0].id, state: "skipped", dryRun: false, actor: "test" })
  assert.deepEqual(await driver.taskStates(runId), { a: "skipped", b: "cancelled" })
  assert.equal((await driver.runState(runId)).state, "cancelled", "a green run means that everything in it worked")
})

test("marking a failed task as success runs what it had blocked", async () => {
  await driver.define({ id: "marked", tasks: [{ id: "a" }, { id: "b", upstream: ["a"] }] })
  const runId = await driver.trigger("marked")
  await driver.drive({ a: "fail" })
  const { rows } = await driver.store.pool.query("select id from task_run where run_id = $1 and task_id = 'a'", [runId])
  await markTaskRun(driver.store, { taskRunId: rows[0].id, state: "success", dryRun: false, actor: "test" })
  assert.deepEqual(await driver.drive(), ["b"])
  assert.equal((await driver.runState(runId)).state, "success")
})

test("creates one run for one logical time, whoever asks", async () => {
  await driver.define({ id: "once", maxActiveRuns: 5 })
  const logicalAt = new Date("2026-03-01T00:00:00Z")
  const receipts = await Promise.all(
    Array.from({ length: 8 }, () =>
      triggerRun(driver.store, { pipelineId: "once", kind: "schedule", logicalAt, actor: "test" }),
    ),
  )
  assert.equal(receipts.filter((receipt) => receipt.created).length, 1)
  assert.equal(new Set(receipts.map((receipt) => receipt.runId)).size, 1)
  await driver.drive()
})

test("eight schedulers at one tick create one run each due interval", async () => {
  await driver.define(
    {
      id: "ticking",
      schedule: { cron: "0 * * * *", timezone: "UTC" },
      startDate: "2026-03-01T00:00:00Z",
      catchup: "all",
      maxActiveRuns: 10,
    },
    new Date("2026-03-01T00:00:00Z"),
  )
  const now = new Date("2026-03-01T03:00:00Z")
  const fail = (_: string, error: unknown) => assert.fail(String(error))
  await Promise.all(Array.from({ length: 8 }, () => scheduleDueRuns(driver.store, now, fail)))
  const { rows } = await driver.store.pool.query(
    `select logical_at from run where pipeline_id = 'ticking' order by logical_at`,
  )
  assert.deepEqual(
    rows.map((row) => row.logical_at.toISOString().slice(11, 13)),
    ["01", "02", "03"],
  )
  await driver.drive()
})

test("rejects params that do not fit and fills in defaults", async () => {
  const params = {
    type: "object",
    properties: { day: { type: "string" }, limit: { type: "integer", default: 5 } },
    required: ["day"],
  }
  await driver.define({ id: "with_params", params })
  await assert.rejects(driver.trigger("with_params"), (error: unknown) => {
    assert.ok(error instanceof AppError)
    assert.equal(error.code, "run.params_invalid")
    assert.match(error.message, /day/)
    return true
  })
  const runId = await driver.trigger("with_params", { params: { day: "2026-01-01" } })
  const { rows } = await driver.store.pool.query("select params from run where id = $1", [runId])
  assert.deepEqual(rows[0].params, { day: "2026-01-01", limit: 5 })
  await driver.drive()
})

test("records outputs, rows, checks and scores with the end of the attempt", async () => {
  await driver.define({ id: "recording", tasks: [{ id: "only" }] })
  const runId = await driver.trigger("recording")
  const [claim] = await driver.claim()
  const result = taskResultSchema.parse({
    outputs: { rows: 3 },
    metrics: { rowsInserted: 3 },
    materializations: [
      {
        dataset: "warehouse.raw.t",
        partitionKey: "2026-01-01",
        rowsInserted: 3,
        durationSeconds: 0.1,
        watermark: { source: "shop.t", column: "updated_at", before: null, after: "2026-01-01" },
      },
    ],
    checks: [
      {
        dataset: "warehouse.raw.t",
        name: "id is not null",
        kind: "not_null",
        column: "id",
        dimension: "completeness",
        severity: "error",
        passed: false,
        rowsChecked: 100,
        rowsFailed: 2,
        observed: null,
        message: "2 of 100 rows.",
      },
    ],
  })
  await finishAttempt(driver.store, claim!, { kind: "success", result })
  const read = async (sql: string) => (await driver.store.pool.query(sql, [runId])).rows
  assert.deepEqual(
    await read("select key, value from task_output o join task_run t on t.id = task_run_id where run_id = $1"),
    [{ key: "rows", value: 3 }],
  )
  assert.deepEqual(await read("select state, rows from partition_state where run_id = $1"), [
    { state: "fresh", rows: "3" },
  ])
  assert.deepEqual(await read("select dimension, score from quality_score where run_id = $1 order by 1"), [
    { dimension: "completeness", score: 98 },
    { dimension: "overall", score: 98 },
  ])
})

test("walks a backfill by its concurrency and ends it with its last run", async () => {
  await driver.define({ id: "filled", partition: "day", maxActiveRuns: 16, tasks: [{ id: "only" }] })
  const request = {
    pipelineId: "filled",
    from: "2026-02-01",
    to: "2026-02-05",
    selection: "all" as const,
    order: "oldest" as const,
    concurrency: 2,
    params: {},
    priority: 0,
    tasks: [],
    keys: [],
    perRun: 1,
    with: "none" as const,
    actor: "test",
  }
  const preview = await createBackfill(driver.store, { ...request, dryRun: true })
  assert.equal(preview.counts.create, 5)
  const backfill = await createBackfill(driver.store, { ...request, dryRun: false })
  const first = await driver.claim()
  assert.equal(first.length, 2)
  assert.deepEqual(
    first.map((claim) => claim.partitionKey),
    ["2026-02-01", "2026-02-02"],
  )
  for (const claim of first) await driver.finish(claim)
  await driver.drive()
  const { rows } = await driver.store.pool.query("select state from backfill where id = $1", [backfill.id])
  assert.equal(rows[0].state, "success")
  const again = await createBackfill(driver.store, { ...request, selection: "missing", dryRun: true })
  assert.equal(again.counts.skip, 5)
})

test("moves a failed run to the newest version and runs to green", async () => {
  const id = "moved"
  const fixed = [{ id: "a" }, { id: "new", upstream: ["a"] }, { id: "b", upstream: ["new"], description: "fixed" }]
  await driver.define({ id, tasks: [{ id: "a" }, { id: "b", upstream: ["a"] }] })
  const runId = await driver.trigger(id)
  await driver.drive({ b: "fail" })
  const request = { runId, taskIds: [], includeDownstream: true, actor: "test" }
  assert.equal((await clearRun(driver.store, { ...request, dryRun: true })).newestVersion, null)
  await driver.define({ id, tasks: fixed })
  const preview = await clearRun(driver.store, { ...request, version: "newest", dryRun: true })
  assert.equal(preview.newestVersion, 2)
  assert.match(preview.text, /version 2 of the code instead of 1/)
  await clearRun(driver.store, { ...request, version: "newest", dryRun: false })
  assert.deepEqual(await driver.drive(), ["new", "b"])
  assert.deepEqual(await driver.runState(runId), { state: "success", unfinished: 0, failedTaskId: null })
})

test("does not move a run to a version that lacks one of its tasks", async () => {
  await driver.define({ id: "shrunk", tasks: [{ id: "a" }, { id: "b", upstream: ["a"] }] })
  const runId = await driver.trigger("shrunk")
  await driver.drive({ a: "fail" })
  await driver.define({ id: "shrunk", tasks: [{ id: "a" }] })
  const request = { runId, taskIds: [], includeDownstream: true, actor: "test", dryRun: false }
  await assert.rejects(clearRun(driver.store, { ...request, version: "newest" }), { code: "run.version_differs" })
  assert.equal((await driver.runState(runId)).state, "failed", "nothing was changed")
  await clearRun(driver.store, request)
  await driver.drive()
  assert.equal((await driver.runState(runId)).state, "success", "the pinned version still runs")
})
