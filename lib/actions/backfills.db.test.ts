import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import type { z } from "zod"
import { outcomeOf, RunDriver } from "#test/run-driver.ts"
import { createBackfillSchema } from "../contracts/api/backfills.ts"
import { taskResultSchema } from "../contracts/task-result.ts"
import { listSlots, readBackfill } from "../store/read/backfills.ts"
import { cancelBackfill } from "./cancel-backfill.ts"
import { changeBackfill, rerunFailedSlots } from "./change-backfill.ts"
import { clearRun } from "./clear-run.ts"
import { createBackfill } from "./create-backfill.ts"
import { scheduleDueRuns } from "./schedule-due-runs.ts"
import { setPipelinePaused } from "./set-pipeline-paused.ts"
import { sweepRuns } from "./sweep-runs.ts"

let driver: RunDriver
before(async () => {
  driver = await RunDriver.open()
})
after(() => driver.close())

type Request = z.input<typeof createBackfillSchema>
const plan = (request: Request) =>
  createBackfill(driver.store, { ...createBackfillSchema.parse(request), actor: "test" })
const read = (id: string) => readBackfill(driver.store.pool, id)
const slotsOf = async (id: string) => (await listSlots(driver.store.pool, id, { limit: 500 })).items
const change = (backfillId: string, values: Omit<Parameters<typeof changeBackfill>[1], "backfillId" | "actor">) =>
  changeBackfill(driver.store, { backfillId, actor: "test", ...values })

/** Starts a backfill of the first `days` of March, one at a time unless it says otherwise. */
async function start(pipelineId: string, days: number, values: Partial<Request> = {}): Promise<string> {
  const to = `2026-03-${String(days).padStart(2, "0")}`
  return (await plan({ pipelineId, from: "2026-03-01", to, ...values })).id!
}

test("runs beside live runs and on a paused pipeline, by its own concurrency", async () => {
  const id = "beside"
  await driver.define({ id, partition: "day", maxActiveRuns: 1, tasks: [{ id: "only" }] })
  await setPipelinePaused(driver.store, { pipelineId: id, isPaused: true, actor: "test" })
  await driver.trigger(id)
  await start(id, 5, { concurrency: 3 })
  const claims = await driver.claim()
  assert.deepEqual(claims.map((claim) => claim.kind).sort(), ["backfill", "backfill", "backfill", "manual"])
  // A live run that comes meanwhile waits for the live one alone, and is claimed before the backfill's.
  const second = await driver.trigger(id, { logicalAt: new Date(1) })
  assert.equal((await driver.runState(second)).state, "queued")
  await driver.finish(claims.find((claim) => claim.kind === "manual")!)
  await driver.finish(claims.find((claim) => claim.kind === "backfill")!)
  assert.deepEqual(
    (await driver.claim()).map((claim) => claim.kind),
    ["manual", "backfill"],
  )
})

test("a pause lets live runs finish and starts no other; a resume goes on where it was", async () => {
  await driver.define({ id: "paused", partition: "day", tasks: [{ id: "only" }] })
  const id = await start("paused", 3)
  const [first] = await driver.claim()
  await change(id, { isPaused: true })
  await driver.finish(first!)
  assert.deepEqual(await driver.claim(), [])
  await sweepRuns(driver.store)
  assert.deepEqual(await driver.claim(), [])
  assert.equal((await read(id)).state, "paused")
  await change(id, { isPaused: false })
  assert.deepEqual((await driver.drive()).length, 2)
  assert.equal((await read(id)).state, "success")
  await assert.rejects(change(id, { isPaused: true }), {
    code: "backfill.invalid",
    message: /already ended as success/,
  })
})

test("a pause during the last run does not keep it open", async () => {
  await driver.define({ id: "paused_late", partition: "day", tasks: [{ id: "only" }] })
  const id = await start("paused_late", 1)
  await change(id, { isPaused: true })
  await driver.drive()
  assert.equal((await read(id)).state, "success")
})

test("is widened and narrowed while it runs", async () => {
  await driver.define({ id: "width", partition: "day", tasks: [{ id: "only" }] })
  const id = await start("width", 8)
  await change(id, { concurrency: 4 })
  const claims = await driver.claim()
  assert.equal(claims.length, 4)
  await change(id, { concurrency: 2 })
  await driver.finish(claims[0]!)
  await driver.finish(claims[1]!)
  assert.equal((await driver.claim()).length, 0, "two are still live")
  await driver.finish(claims[2]!)
  assert.equal((await driver.claim()).length, 1)
  await cancelBackfill(driver.store, { backfillId: id, actor: "test" })
})

test("runs the failed partitions again, and them alone, in the same backfill", async () => {
  await driver.define({ id: "again", partition: "day", tasks: [{ id: "only" }] })
  const id = await start("again", 4, { concurrency: 4 })
  for (const claim of await driver.claim()) {
    await driver.finish(claim, outcomeOf(/-0[23]$/.test(claim.partitionKey!) ? "fail" : "success"))
  }
  assert.equal((await read(id)).state, "failed")
  assert.deepEqual(await rerunFailedSlots(driver.store, { backfillId: id, actor: "test" }), { partitions: 2 })
  const claims = await driver.claim()
  assert.deepEqual(claims.map((claim) => claim.partitionKey).sort(), ["2026-03-02", "2026-03-03"])
  for (const claim of claims) await driver.finish(claim)
  const ended = await read(id)
  assert.equal(ended.state, "success")
  assert.deepEqual(ended.counts, { total: 4, create: 4, skip: 0, done: 4, failed: 0, cancelled: 0, running: 0 })
  assert.deepEqual(
    (await slotsOf(id)).map((slot) => slot.tries),
    [1, 2, 2, 1],
  )
  await assert.rejects(rerunFailedSlots(driver.store, { backfillId: id, actor: "test" }), { code: "backfill.invalid" })
})

test("cancelled, then run again: what was not loaded is", async () => {
  await driver.define({ id: "stopped", partition: "day", tasks: [{ id: "only" }] })
  const id = await start("stopped", 5, { concurrency: 2 })
  const claims = await driver.claim()
  await driver.finish(claims[0]!)
  await cancelBackfill(driver.store, { backfillId: id, actor: "test" })
  for (const claim of claims.slice(1)) await driver.finish(claim, { kind: "cancelled" })
  await driver.drive()
  const next = await start("stopped", 5, { selection: "missing", concurrency: 5 })
  assert.equal((await driver.drive()).length, 4)
  assert.equal((await read(next)).state, "success")
})

test("plans what is out of date: loaded by older code, or before what it reads", async () => {
  const reader = { id: "reader", partition: "day" as const, tasks: [{ id: "read", reads: ["warehouse.raw.orders"] }] }
  const writer = { id: "writer", partition: "day" as const, tasks: [{ id: "write", writes: ["warehouse.raw.orders"] }] }
  await driver.defineAll([reader, writer])
  await start("reader", 3, { concurrency: 3 })
  await driver.drive()
  await plan({ pipelineId: "writer", partitions: "2026-03-02" })
  const [claim] = await driver.claim()
  const result = taskResultSchema.parse({
    materializations: [
      { dataset: "warehouse.raw.orders", partitionKey: "2026-03-02", rowsInserted: 7, durationSeconds: 1 },
    ],
  })
  await driver.finish(claim!, { kind: "success", result })
  const stale = {
    pipelineId: "reader",
    from: "2026-03-01",
    to: "2026-03-04",
    selection: "stale",
    dryRun: true,
  } as const
  const byData = await plan(stale)
  assert.deepEqual(
    byData.slots.map((slot) => [slot.action, slot.reason]),
    [
      ["skip", "up to date"],
      ["create", "warehouse.raw.orders was loaded later"],
      ["skip", "up to date"],
      ["skip", "never loaded, and only stale ones are wanted"],
    ],
  )
  await driver.defineAll([{ ...reader, description: "changed" }, writer])
  const byCode = await plan(stale)
  assert.equal(byCode.counts.create, 3)
  assert.equal(byCode.slots[0]!.reason, "loaded by version 1 of the code")
  assert.equal((await plan({ ...stale, pipelineId: "writer", selection: "all" })).slots[1]!.lastRows, 7)
})

test("runs the named tasks and what is asked for with them, whatever the others would do", async () => {
  const tasks = [{ id: "a" }, { id: "b", upstream: ["a"] }, { id: "c", upstream: ["b"] }, { id: "d", upstream: ["a"] }]
  await driver.define({ id: "some", partition: "day", tasks })
  const id = await start("some", 1, { tasks: ["b"], with: "downstream" })
  assert.deepEqual((await read(id)).tasks, ["b", "c"])
  assert.deepEqual(await driver.drive(), ["b", "c"])
  assert.equal((await read(id)).state, "success")
  await assert.rejects(plan({ pipelineId: "some", partitions: "2026-03-01", tasks: ["nope"] }), {
    code: "backfill.invalid",
    message: /has no task nope/,
  })
})

test("a run of named tasks stays one when it is moved to the newest version", async () => {
  const tasks = [{ id: "a" }, { id: "b", upstream: ["a"] }]
  await driver.define({ id: "some_moved", partition: "day", tasks })
  const id = await start("some_moved", 1, { tasks: ["b"] })
  await driver.drive({ b: "fail" })
  await driver.define({ id: "some_moved", partition: "day", tasks: [...tasks, { id: "c", upstream: ["b"] }] })
  const runId = (await slotsOf(id))[0]!.runId as Parameters<typeof clearRun>[1]["runId"]
  const request = { runId, taskIds: [], includeDownstream: true, dryRun: false, actor: "test" }
  await clearRun(driver.store, { ...request, version: "newest" })
  assert.deepEqual(await driver.drive(), ["b"])
  assert.equal((await read(id)).state, "success")
})

test("cancelled, cleared by hand and run again, it ends well", async () => {
  await driver.define({ id: "cleared", partition: "day", tasks: [{ id: "only" }] })
  const id = await start("cleared", 4, { concurrency: 2 })
  const claims = await driver.claim()
  await driver.finish(claims[0]!)
  await cancelBackfill(driver.store, { backfillId: id, actor: "test" })
  for (const claim of claims.slice(1)) await driver.finish(claim, { kind: "cancelled" })
  const cancelled = (await slotsOf(id)).find((slot) => slot.runState === "cancelled")!
  const runId = cancelled.runId as Parameters<typeof clearRun>[1]["runId"]
  await clearRun(driver.store, { runId, taskIds: [], includeDownstream: true, dryRun: false, actor: "test" })
  assert.equal((await driver.drive()).length, 1, "the cleared run alone: the backfill stays cancelled")
  const next = await start("cleared", 4, { selection: "missing", concurrency: 4 })
  assert.equal((await driver.drive()).length, 2)
  assert.equal((await read(next)).state, "success")
})

test("refuses what says not, or says twice, what to load", async () => {
  await driver.define({ id: "asked", partition: "day", tasks: [{ id: "only" }] })
  await assert.rejects(plan({ pipelineId: "asked", from: "2026-03-01" }), { code: "backfill.invalid" })
  await assert.rejects(plan({ pipelineId: "asked", from: "2026-03-01", to: "2026-03-02", partitions: "2026-03-01" }), {
    code: "backfill.invalid",
  })
})

test("goes on after a retry of its failed run by hand", async () => {
  await driver.define({ id: "by_hand", partition: "day", tasks: [{ id: "only" }] })
  const id = await start("by_hand", 1)
  await driver.drive({ only: "fail" })
  const [slot] = await slotsOf(id)
  const runId = slot!.runId as Parameters<typeof clearRun>[1]["runId"]
  await clearRun(driver.store, { runId, taskIds: [], includeDownstream: true, dryRun: false, actor: "test" })
  await driver.drive()
  assert.equal((await read(id)).state, "success")
})

test("a crash between two launches loses no slot and runs none twice", async () => {
  await driver.define({ id: "crashed", partition: "day", tasks: [{ id: "only" }] })
  const id = await start("crashed", 20, { concurrency: 3 })
  // The transaction that ends a run launches the next: of two that report the same end at once, one launches.
  for (let round = 0; round < 30; round++) {
    const claims = await driver.claim()
    if (claims.length === 0) break
    await Promise.all(claims.flatMap((claim) => [driver.finish(claim), driver.finish(claim), sweepRuns(driver.store)]))
  }
  const { rows } = await driver.store.pool.query(
    `select count(*)::int as runs, count(distinct partition_key)::int as partitions, min(state) as state
     from run where backfill_id = $1`,
    [id],
  )
  assert.deepEqual(rows[0], { runs: 20, partitions: 20, state: "success" })
  assert.equal((await read(id)).state, "success")
})

test("loads several partitions with one run, and again only the runs that failed", async () => {
  await driver.define({ id: "grouped", partition: "day", tasks: [{ id: "only" }] })
  const id = await start("grouped", 7, { perRun: 3, concurrency: 8 })
  const claims = await driver.claim()
  assert.deepEqual(
    claims.map((claim) => [claim.partitionKey, claim.partitionKeys.length]),
    [
      ["2026-03-01..2026-03-03", 3],
      ["2026-03-04..2026-03-06", 3],
      ["2026-03-07", 1],
    ],
  )
  assert.equal(claims[0]!.intervalStart.toISOString(), "2026-03-01T00:00:00.000Z")
  assert.equal(claims[0]!.intervalEnd.toISOString(), "2026-03-04T00:00:00.000Z")
  assert.deepEqual(claims[0]!.partitionKeys, ["2026-03-01", "2026-03-02", "2026-03-03"])
  for (const [index, claim] of claims.entries()) {
    await driver.finish(claim, outcomeOf(index === 1 ? "fail" : "success"))
  }
  const { counts, state } = await read(id)
  assert.deepEqual([state, counts.done, counts.failed], ["failed", 4, 3])
  assert.deepEqual(await rerunFailedSlots(driver.store, { backfillId: id, actor: "test" }), { partitions: 3 })
  const [again, ...others] = await driver.claim()
  assert.deepEqual([again!.partitionKey, others], ["2026-03-04..2026-03-06", []])
  await driver.finish(again!)
  assert.equal((await read(id)).state, "success")
  const missing = {
    pipelineId: "grouped",
    from: "2026-03-01",
    to: "2026-03-08",
    selection: "missing",
    dryRun: true,
  } as const
  assert.deepEqual(
    (await plan(missing)).slots.map((slot) => slot.action),
    [...Array(7).fill("skip"), "create"],
  )
})

test("newest first, a run of several partitions still covers them from the oldest to the newest", async () => {
  await driver.define({ id: "grouped_back", partition: "day", tasks: [{ id: "only" }] })
  await start("grouped_back", 4, { perRun: 2, order: "newest" })
  const [claim] = await driver.claim()
  assert.equal(claim!.partitionKey, "2026-03-03..2026-03-04")
  assert.deepEqual(claim!.partitionKeys, ["2026-03-03", "2026-03-04"])
  await driver.drive()
})

test("fills fixed keys, each with a run, and only those that are asked for", async () => {
  const partition = { by: null, keys: ["eu", "us", "apac"] }
  await driver.define({ id: "regions", partition, tasks: [{ id: "only" }] })
  await plan({ pipelineId: "regions", partitions: "us, eu", concurrency: 9 })
  const claims = await driver.claim()
  assert.deepEqual(
    claims.map((claim) => claim.partitionKey),
    ["eu", "us"],
  )
  for (const claim of claims) await driver.finish(claim)
  const rest = await plan({ pipelineId: "regions", selection: "missing", dryRun: true })
  assert.deepEqual(
    rest.slots.map((slot) => [slot.partitionKey, slot.action]),
    [
      ["eu", "skip"],
      ["us", "skip"],
      ["apac", "create"],
    ],
  )
  await assert.rejects(plan({ pipelineId: "regions", perRun: 2 }), { code: "backfill.invalid" })
})

test("fills keys of days: one run a key and day, or several days of one key", async () => {
  await driver.define({ id: "both_ways", partition: { by: "day", keys: ["eu", "us"] }, tasks: [{ id: "only" }] })
  await start("both_ways", 2, { concurrency: 9, keys: ["us"] })
  assert.deepEqual(
    (await driver.claim()).map((claim) => claim.partitionKey),
    ["2026-03-01|us", "2026-03-02|us"],
  )
  await start("both_ways", 2, { concurrency: 9, keys: ["eu"], perRun: 5 })
  const [grouped] = await driver.claim()
  assert.equal(grouped!.partitionKey, "2026-03-01..2026-03-02|eu")
})

test("what starts by itself loads every key; a person says which", async () => {
  const now = new Date("2026-03-02T12:00:00Z")
  const schedule = { cron: "0 0 * * *", timezone: "UTC" }
  const values = { id: "daily_keys", partition: { by: "day" as const, keys: ["eu", "us"] }, schedule, maxActiveRuns: 9 }
  await driver.define({ ...values, startDate: "2026-03-01T00:00:00Z" }, now)
  await Promise.all([0, 1].map(() => scheduleDueRuns(driver.store, now, (_, error) => assert.ifError(error))))
  const { rows } = await driver.store.pool.query(
    `select partition_key as key, logical_at as at from run where pipeline_id = 'daily_keys' order by partition_key`,
  )
  assert.deepEqual(
    rows.map((row) => row.key),
    ["2026-03-01|eu", "2026-03-01|us"],
  )
  assert.equal(rows[0].at.getTime(), rows[1].at.getTime())
  await assert.rejects(driver.trigger("daily_keys"), { code: "request.invalid", message: /give one of eu, us/ })
  const runId = await driver.trigger("daily_keys", { staticKey: "us", logicalAt: now })
  const byHand = await driver.store.pool.query("select partition_key from run where id = $1", [runId])
  assert.equal(byHand.rows[0].partition_key, "2026-03-01|us")
})

test("pauses when its pipeline can no longer be started, and the run that ended meanwhile stays ended", async () => {
  await driver.drive()
  const pipeline = { id: "vanishing", partition: "day" as const, tasks: [{ id: "only" }] }
  await driver.define(pipeline)
  const id = await start("vanishing", 2)
  const [claim] = await driver.claim()
  await driver.define({ id: "another", tasks: [{ id: "only" }] })
  await driver.finish(claim!)
  assert.equal((await driver.runState(claim!.runId)).state, "success")
  const paused = await read(id)
  assert.equal(paused.state, "paused")
  assert.match(paused.pauseReason!, /no longer defined/)
  await change(id, { isPaused: false })
  assert.equal((await read(id)).state, "paused", "as long as it is gone")
  await driver.define(pipeline)
  await change(id, { isPaused: false })
  assert.equal((await read(id)).pauseReason, null)
  await driver.drive()
  assert.equal((await read(id)).state, "success")
})
