import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import { createBackfillSchema } from "#lib/contracts/api/backfills.ts"
import { AppError } from "#lib/domain/errors.ts"
import type { RunId } from "#lib/domain/ids.ts"
import type { Claim } from "#lib/store/attempts.ts"
import { outcomeOf, RunDriver } from "#test/run-driver.ts"
import { cancelRun } from "./cancel-run.ts"
import { clearRun } from "./clear-run.ts"
import { createBackfill } from "./create-backfill.ts"
import { markTaskRun } from "./mark-task-run.ts"
import { releasePast } from "./release-past.ts"
import { sweepRuns } from "./sweep-runs.ts"

let driver: RunDriver
before(async () => {
  driver = await RunDriver.open()
})
after(() => driver.close())

const DAY_MS = 86_400_000
const day = (number: number) => new Date(Date.UTC(2026, 0, number))

/** A run of the series for one day. */
function run(
  pipelineId: string,
  number: number,
  kind: "schedule" | "backfill" | "manual" = "schedule",
): Promise<RunId> {
  const [intervalStart, intervalEnd] = [day(number), day(number + 1)]
  // A backfill's logical time is its partition's start, a schedule's its end: the series goes by the interval.
  const logicalAt = kind === "schedule" ? intervalEnd : intervalStart
  return driver.trigger(pipelineId, { kind, logicalAt, intervalStart, intervalEnd })
}

function define(id: string, values: Parameters<RunDriver["define"]>[0] = {}) {
  return driver.define({
    id,
    maxActiveRuns: 10,
    tasks: [
      { id: "extract" },
      { id: "load", upstream: ["extract"], dependsOnPast: true },
      { id: "mart", upstream: ["load"] },
    ],
    ...values,
  })
}

/** Claimed, but of runs that were not to be driven yet. */
let laidAside: Claim[] = []

/** Works off what is ready of some runs, and leaves the others alone. */
async function driveOnly(runIds: readonly RunId[], outcomes: Record<string, "success" | "fail" | "skip"> = {}) {
  for (;;) {
    await releasePast(driver.store)
    const all = [...laidAside, ...(await driver.claim())]
    const claims = all.filter((claim) => runIds.includes(claim.runId))
    laidAside = all.filter((claim) => !runIds.includes(claim.runId))
    if (claims.length === 0) return
    for (const claim of claims) await driver.finish(claim, outcomeOf(outcomes[claim.taskId] ?? "success"))
  }
}

async function reasonOf(runId: RunId, taskId: string): Promise<string | null> {
  const { rows } = await driver.store.pool.query("select reason from task_run where run_id = $1 and task_id = $2", [
    runId,
    taskId,
  ])
  return rows[0].reason
}

async function holds(runId: RunId): Promise<number> {
  const { rows } = await driver.store.pool.query(
    "select count(*)::int as count from past_wait w join task_run t on t.id = w.task_run_id where w.run_id = $1 and t.state = 'pending'",
    [runId],
  )
  return rows[0].count
}

test("the first run of a series goes, the next waits for the same task in it and says so", async () => {
  await define("series")
  const first = await run("series", 1)
  const second = await run("series", 2)
  await driveOnly([second])
  assert.deepEqual(await driver.taskStates(second), { extract: "success", load: "pending", mart: "pending" })
  assert.equal(await reasonOf(second, "load"), `Waits for its past: task load of the previous run ${first} is pending.`)
  await driveOnly([first, second])
  assert.deepEqual(await driver.taskStates(second), { extract: "success", load: "success", mart: "success" })
  assert.equal(await reasonOf(second, "load"), null)
  assert.equal(await holds(second), 0)
})

test("a failure holds up all that follows, and ending well by retry, skip or mark lets one after the other go", async () => {
  await define("chain")
  const runs = [await run("chain", 1), await run("chain", 2), await run("chain", 3), await run("chain", 4)]
  await driveOnly(runs, { load: "fail" })
  const [first, second, third, fourth] = runs as [RunId, RunId, RunId, RunId]
  assert.match((await reasonOf(second, "load")) ?? "", new RegExp(`run ${first} is failed`))
  assert.match((await reasonOf(third, "load")) ?? "", new RegExp(`run ${second} is pending`))

  await clearRun(driver.store, { runId: first, taskIds: [], includeDownstream: true, dryRun: false, actor: "test" })
  await driveOnly([first])
  await driveOnly([second, third, fourth], { load: "skip" })
  assert.equal((await driver.taskStates(fourth)).load, "skipped")

  const fifth = await run("chain", 5)
  const sixth = await run("chain", 6)
  await driveOnly([fifth, sixth], { load: "fail" })
  const { rows } = await driver.store.pool.query("select id from task_run where run_id = $1 and task_id = 'load'", [
    fifth,
  ])
  await markTaskRun(driver.store, { taskRunId: rows[0].id, state: "success", dryRun: false, actor: "test" })
  await driveOnly([fifth, sixth])
  assert.equal((await driver.runState(sixth)).state, "success")
})

test("an earlier run that is cleared blocks again those that have not gone yet", async () => {
  await define("cleared")
  const first = await run("cleared", 1)
  await driveOnly([first])
  const second = await run("cleared", 2)
  await clearRun(driver.store, {
    runId: first,
    taskIds: ["load"],
    includeDownstream: false,
    dryRun: false,
    actor: "test",
  })
  await driveOnly([second])
  assert.equal((await driver.taskStates(second)).load, "pending")
  await driveOnly([first, second])
  assert.equal((await driver.taskStates(second)).load, "success")
})

test("waiting for downstream takes the tasks behind it too", async () => {
  const tasks = [
    { id: "load", dependsOnPast: true, waitForDownstream: true },
    { id: "mart", upstream: ["load"] },
  ]
  await define("downstream", { tasks })
  const first = await run("downstream", 1)
  const second = await run("downstream", 2)
  await driveOnly([first, second], { mart: "fail" })
  assert.match((await reasonOf(second, "load")) ?? "", new RegExp(`task mart of the previous run ${first} is failed`))
  await clearRun(driver.store, { runId: first, taskIds: [], includeDownstream: true, dryRun: false, actor: "test" })
  await driveOnly([first, second])
  assert.equal((await driver.runState(second)).state, "success")
})

test("manual runs neither wait nor are waited for", async () => {
  await define("manual")
  const failed = await run("manual", 1)
  await driveOnly([failed], { load: "fail" })
  const manual = await run("manual", 2, "manual")
  await driveOnly([manual])
  assert.equal((await driver.runState(manual)).state, "success")
  const next = await run("manual", 3)
  await driveOnly([next])
  assert.match((await reasonOf(next, "load")) ?? "", new RegExp(`previous run ${failed} is failed`))
})

test("of several runs of one interval the newest counts, also a backfill's", async () => {
  await define("reloaded", { partition: "day" })
  const failed = await run("reloaded", 1)
  const next = await run("reloaded", 2)
  await driveOnly([failed, next], { load: "fail" })
  assert.equal((await driver.taskStates(next)).load, "pending")
  const backfill = { pipelineId: "reloaded", from: "2026-01-01", to: "2026-01-01", selection: "all" as const }
  await createBackfill(driver.store, { ...createBackfillSchema.parse(backfill), actor: "test" })
  const { rows } = await driver.store.pool.query(
    "select id from run where pipeline_id = 'reloaded' and kind = 'backfill'",
  )
  await driveOnly([rows[0].id, next])
  assert.equal((await driver.runState(next)).state, "success")
})

test("a backfill that loads the newest first is refused, and one oldest first walks its days in order", async () => {
  await define("filled", { partition: "day" })
  const range = { pipelineId: "filled", from: "2026-01-01", to: "2026-01-05", concurrency: 5 }
  const request = { ...createBackfillSchema.parse({ ...range, selection: "all" }), actor: "test" }
  await assert.rejects(
    createBackfill(driver.store, { ...request, order: "newest" }),
    (error) => error instanceof AppError && error.code === "backfill.invalid" && /oldest first/.test(error.message),
  )
  await createBackfill(driver.store, { ...request, order: "oldest" })
  const { rows } = await driver.store.pool.query<{ id: RunId }>(
    "select id from run where pipeline_id = 'filled' order by id",
  )
  await driveOnly(rows.map((row) => row.id))
  const order = await driver.store.pool.query<{ day: string }>(
    `select r.partition_key as day from task_run t join run r on r.id = t.run_id
     where t.pipeline_id = 'filled' and t.task_id = 'load' order by t.finished_at, t.id`,
  )
  assert.deepEqual(
    order.rows.map((row) => row.day),
    ["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04", "2026-01-05"],
  )
})

test("a run that only waits makes room for the run it waits for", async () => {
  const tasks = [{ id: "load", dependsOnPast: true }]
  await define("narrow", { tasks, maxActiveRuns: 1 })
  const first = await run("narrow", 1)
  await driveOnly([first], { load: "fail" })
  const third = await run("narrow", 3)
  assert.equal((await driver.runState(third)).state, "running")
  // Comes later for an earlier day: the third waits for it from now on.
  const second = await run("narrow", 2)
  await releasePast(driver.store)
  await sweepRuns(driver.store)
  assert.equal((await driver.runState(second)).state, "running")
  await releasePast(driver.store)
  assert.match((await reasonOf(third, "load")) ?? "", new RegExp(`previous run ${second} is pending`))
  await clearRun(driver.store, { runId: first, taskIds: [], includeDownstream: true, dryRun: false, actor: "test" })
  await driveOnly([first, second, third])
  assert.equal((await driver.runState(third)).state, "success")
})

test("a release races with the end that it waits for and is not lost", async () => {
  await define("race", { tasks: [{ id: "load", dependsOnPast: true }] })
  for (let number = 1; number < 40; number += 2) {
    const first = await run("race", number)
    const [claim] = (await driver.claim()).filter((one) => one.runId === first)
    // The next run looks at its past while that is being written.
    const [, second] = await Promise.all([driver.finish(claim!), run("race", number + 1)])
    await driveOnly([second])
    assert.equal((await driver.runState(second)).state, "success", `pair ${number}`)
  }
})

test("a run that waits can be cancelled", async () => {
  await define("cancelled")
  const first = await run("cancelled", 1)
  const second = await run("cancelled", 2)
  await driveOnly([second])
  await cancelRun(driver.store, { runId: second, actor: "test" })
  await driveOnly([first])
  assert.equal((await driver.runState(second)).state, "cancelled")
  await releasePast(driver.store)
  assert.deepEqual(await driver.taskStates(second), { extract: "success", load: "cancelled", mart: "cancelled" })
})

test("the previous run is found by index, however long the history", async () => {
  await define("long", { tasks: [{ id: "load", dependsOnPast: true }] })
  const first = await run("long", 1)
  await driveOnly([first])
  await driver.store.pool.query(
    `insert into run (pipeline_id, version_id, kind, state, logical_at, interval_start, interval_end, finished_at)
     select pipeline_id, version_id, 'schedule', 'success', logical_at + n * interval '1 minute',
            interval_start + n * interval '1 minute', interval_end + n * interval '1 minute', now()
     from run, generate_series(1, 20000) n where id = $1`,
    [first],
  )
  await driver.store.pool.query("analyze run")
  const { rows } = await driver.store.pool.query(
    `explain select id from run
     where pipeline_id = 'long' and kind in ('schedule', 'backfill') and interval_start < $1
     order by interval_start desc, id desc limit 100`,
    [new Date(day(1).getTime() + 5 * DAY_MS)],
  )
  assert.match(JSON.stringify(rows), /run_series/)
})
