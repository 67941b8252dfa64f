import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { after, before, test } from "node:test"
import { makeManifest } from "#test/factories.ts"
import { RunDriver } from "#test/run-driver.ts"
import type { JsonObject } from "../contracts/json.ts"
import type { LoadedPipeline } from "../contracts/manifest.ts"
import { NO_TRIGGERS } from "../contracts/manifest-schedule.ts"
import { taskResultSchema } from "../contracts/task-result.ts"
import { AppError } from "../domain/errors.ts"
import type { RunId } from "../domain/ids.ts"
import { cronSchedule } from "../domain/schedule.ts"
import type { PipelineTriggers } from "../domain/trigger-arrivals.ts"
import { openStore, type Store } from "../store/client.ts"
import { inTransaction } from "../store/transaction.ts"
import { createBackfill } from "./create-backfill.ts"
import { receiveEvent } from "./receive-event.ts"
import { saveWorkspace } from "./save-workspace.ts"
import { scheduleDueRuns } from "./schedule-due-runs.ts"
import { setPipelinePaused } from "./set-pipeline-paused.ts"
import { triggerArrivedRuns } from "./trigger-arrived-runs.ts"

let driver: RunDriver
let others: Store[]
before(async () => {
  driver = await RunDriver.open()
  const open = () => openStore({ databaseUrl: driver.database.url, applicationName: "other", onError: () => undefined })
  others = await Promise.all([open(), open()])
})
after(async () => {
  await Promise.all(others.map((store) => store.close()))
  await driver.close()
})

const utc = (text: string) => new Date(`${text}Z`)
const fail = (pipelineId: string, error: unknown) => assert.fail(`${pipelineId}: ${String(error)}`)
const look = () => triggerArrivedRuns(driver.store, fail)

const workspace = new Map<string, LoadedPipeline>()

/** Makes the pipeline current beside those that are: a save of one alone would take the others away. */
async function save(values: Parameters<typeof makeManifest>[0], now = new Date()): Promise<void> {
  const manifest = makeManifest({ maxActiveRuns: 100, ...values })
  const hash = createHash("sha256").update(JSON.stringify(manifest)).digest("hex")
  workspace.set(manifest.id, { manifest, files: {}, hash })
  await saveWorkspace(driver.store, { pipelines: [...workspace.values()], problems: [] }, now)
}

/** A run of a pipeline of one task, which writes these datasets. */
async function load(
  pipelineId: string,
  datasets: string[],
  interval: [string, string] = ["2026-03-01T00:00", "2026-03-02T00:00"],
): Promise<RunId> {
  if (!workspace.has(pipelineId)) await save({ id: pipelineId })
  const [intervalStart, intervalEnd] = interval.map(utc) as [Date, Date]
  const runId = await driver.trigger(pipelineId, { intervalStart, intervalEnd })
  const materializations = datasets.map((dataset) => ({ dataset, durationSeconds: 1 }))
  for (const claim of await driver.claim()) {
    const result = taskResultSchema.parse(claim.runId === runId ? { materializations } : {})
    await driver.finish(claim, { kind: "success", result })
  }
  return runId
}

async function define(
  id: string,
  triggers: Partial<PipelineTriggers>,
  values: Parameters<typeof makeManifest>[0] = {},
): Promise<void> {
  await save({ id, ...values, triggers: { ...NO_TRIGGERS, ...triggers } })
}

const datasets = (mode: "all" | "any", names: string[], values: Partial<PipelineTriggers["datasets"]> = {}) => ({
  datasets: { mode, names, latest: null, withBackfills: false, ...values },
})

async function runsOf(pipelineId: string) {
  const { rows } = await driver.store.pool.query<{
    kind: string
    reason: string
    start: Date
    end: Date
    key: string | null
    params: JsonObject
    logicalAt: Date
  }>(
    `select kind, trigger ->> 'reason' as reason, interval_start as start, interval_end as end, partition_key as key, params,
            logical_at as "logicalAt"
     from run where pipeline_id = $1 order by id`,
    [pipelineId],
  )
  return rows
}
const reasonsOf = async (pipelineId: string) => (await runsOf(pipelineId)).map((run) => run.reason)

test("a load of any dataset starts one run, over the interval that was loaded", async () => {
  await define("any_mart", datasets("any", ["warehouse.any.a", "warehouse.any.b"]))
  await load("any_load", ["warehouse.any.a"])
  await look()
  await look()
  const [run, ...more] = await runsOf("any_mart")
  assert.deepEqual(more, [])
  assert.deepEqual([run?.kind, run?.reason], ["dataset", "warehouse.any.a"])
  assert.deepEqual([run?.start, run?.end], [utc("2026-03-01T00:00"), utc("2026-03-02T00:00")])
})

test("several updates before anybody looks are one run, which names them", async () => {
  await define("fold_mart", datasets("any", ["warehouse.fold.a", "warehouse.fold.b"]))
  await load("fold_load", ["warehouse.fold.a"])
  await load("fold_load", ["warehouse.fold.a", "warehouse.fold.b"], ["2026-03-02T00:00", "2026-03-03T00:00"])
  await look()
  const runs = await runsOf("fold_mart")
  assert.deepEqual(
    runs.map(({ reason, start, end }) => [reason, start, end]),
    [["warehouse.fold.a (2 updates), warehouse.fold.b", utc("2026-03-01T00:00"), utc("2026-03-03T00:00")]],
  )
})

test("with all, a run starts when each dataset has arrived since the run before", async () => {
  await define("all_mart", datasets("all", ["warehouse.all.a", "warehouse.all.b"]))
  await load("all_load", ["warehouse.all.a"])
  await load("all_load", ["warehouse.all.a"])
  await look()
  assert.deepEqual(await reasonsOf("all_mart"), [])
  await load("all_load", ["warehouse.all.b"])
  await look()
  assert.deepEqual(await reasonsOf("all_mart"), ["warehouse.all.a (2 updates), warehouse.all.b"])
  await load("all_load", ["warehouse.all.b"])
  await look()
  assert.equal((await reasonsOf("all_mart")).length, 1)
})

test("what waits for a dataset that never comes does not pile up", async () => {
  await define("pile_mart", datasets("all", ["warehouse.pile.a", "warehouse.pile.never"]))
  for (let count = 0; count < 5; count++) {
    await load("pile_load", ["warehouse.pile.a"])
    await look()
  }
  const { rows } = await driver.store.pool.query("select updates from trigger_arrival where pipeline_id = 'pile_mart'")
  assert.deepEqual(rows, [{ updates: 5 }])
})

test("a partitioned pipeline has a run for each partition that was loaded", async () => {
  await define("part_mart", datasets("all", ["warehouse.part.a", "warehouse.part.b"]), { partition: "day" })
  await load("part_load", ["warehouse.part.a"], ["2026-03-01T00:00", "2026-03-02T00:00"])
  await load("part_load", ["warehouse.part.a", "warehouse.part.b"], ["2026-03-02T00:00", "2026-03-03T00:00"])
  await look()
  assert.deepEqual(
    (await runsOf("part_mart")).map((run) => run.key),
    ["2026-03-02"],
  )
  await load("part_load", ["warehouse.part.b"], ["2026-03-01T05:00", "2026-03-02T05:00"])
  await look()
  const [, late] = await runsOf("part_mart")
  assert.deepEqual(
    [late?.key, late?.start, late?.end],
    ["2026-03-01", utc("2026-03-01T00:00"), utc("2026-03-02T00:00")],
  )
})

test("three schedulers that look at once, again and again, lose no arrival and use none twice", async () => {
  await define("many_mart", { events: ["many"] })
  const now = new Date()
  const send = (index: number) =>
    receiveEvent(driver.store, {
      name: "many",
      payload: { index },
      actor: "test",
      now: new Date(now.getTime() + index),
    })
  const sent = (async () => {
    for (let index = 0; index < 40; index++) await send(index)
  })()
  let isOver = false
  const looking = [driver.store, ...others].map(async (store) => {
    while (!isOver) await triggerArrivedRuns(store, fail)
  })
  await sent
  isOver = true
  await Promise.all(looking)
  await look()
  const indexes = (await runsOf("many_mart")).map((run) => run.params.index)
  assert.deepEqual(
    indexes.sort((a, b) => Number(a) - Number(b)),
    Array.from({ length: 40 }, (_, index) => index),
  )
})

test("a load that is rolled back arrives nowhere", async () => {
  await define("roll_mart", datasets("any", ["warehouse.roll.a"]))
  const runId = await load("roll_load", [])
  const rolledBack = inTransaction(driver.store.pool, async (transaction) => {
    await transaction.query("insert into dataset (id) values ('warehouse.roll.a') on conflict do nothing")
    await transaction.query(
      `insert into materialization (dataset_id, run_id, attempt_id, duration_seconds)
       select 'warehouse.roll.a', $1, 1, 1`,
      [runId],
    )
    throw new Error("crash")
  })
  await assert.rejects(rolledBack, /crash/)
  await look()
  assert.deepEqual(await reasonsOf("roll_mart"), [])
})

test("loads by a backfill count only where that is asked for", async () => {
  await define("without", datasets("any", ["warehouse.bf.a"]))
  await define("with", datasets("any", ["warehouse.bf.a"], { withBackfills: true }))
  await define("after_backfill", { after: [{ pipeline: "bf_load", state: "done" }] })
  await save({ id: "bf_load", partition: "day" })
  await createBackfill(driver.store, {
    pipelineId: "bf_load",
    from: "2026-03-01",
    to: "2026-03-02",
    selection: "all",
    order: "oldest",
    concurrency: 2,
    params: {},
    priority: 0,
    tasks: [],
    keys: [],
    perRun: 1,
    with: "none",
    dryRun: false,
    actor: "test",
  })
  const result = taskResultSchema.parse({ materializations: [{ dataset: "warehouse.bf.a", durationSeconds: 1 }] })
  for (const claim of await driver.claim()) await driver.finish(claim, { kind: "success", result })
  await look()
  assert.deepEqual([await reasonsOf("without"), await reasonsOf("with")], [[], ["warehouse.bf.a (2 updates)"]])
  assert.deepEqual(await reasonsOf("after_backfill"), [])
})

test("another pipeline's run starts those that wait for how it ended, with its interval", async () => {
  for (const state of ["success", "failed", "done"] as const) {
    await define(`after_${state}`, { after: [{ pipeline: "first", state }] })
  }
  await save({ id: "first" })
  const interval = { intervalStart: utc("2026-03-01T00:00"), intervalEnd: utc("2026-03-02T00:00") }
  await driver.trigger("first", interval)
  await driver.drive()
  await look()
  await driver.trigger("first")
  await driver.drive({ only: "fail" })
  await look()
  assert.deepEqual(await reasonsOf("after_success"), ["first ended as success"])
  assert.deepEqual(await reasonsOf("after_failed"), ["first ended in failure"])
  assert.deepEqual(await reasonsOf("after_done"), ["first ended as success", "first ended in failure"])
  const [run] = await runsOf("after_success")
  assert.deepEqual([run?.start, run?.end], [interval.intervalStart, interval.intervalEnd])
})

test("an event's payload becomes the params of each pipeline that takes it", async () => {
  const params = {
    type: "object",
    properties: { day: { type: "string" }, n: { type: "integer", default: 3 } },
    required: ["day"],
  }
  await define("typed", { events: ["file.arrived"] }, { params })
  await define("free", { events: ["file.arrived"] })
  const event = { name: "file.arrived", actor: "test", now: new Date() }
  const taken = await receiveEvent(driver.store, { ...event, payload: { day: "2026-03-01" } })
  assert.deepEqual(
    taken.map(({ pipelineId, accepted }) => [pipelineId, accepted]),
    [
      ["free", true],
      ["typed", true],
    ],
  )
  const partly = await receiveEvent(driver.store, { ...event, payload: { size: 1 }, now: new Date() })
  assert.deepEqual(
    partly.map(({ accepted }) => accepted),
    [true, false],
  )
  assert.match(partly[1]?.problem ?? "", /Params of typed do not fit/)
  await look()
  assert.deepEqual(
    (await runsOf("typed")).map((run) => run.params),
    [{ day: "2026-03-01", n: 3 }],
  )
  assert.deepEqual(
    (await runsOf("free")).map((run) => run.params),
    [{ day: "2026-03-01" }, { size: 1 }],
  )
})

test("an event that nobody waits for, or that nobody can take, is refused", async () => {
  const event = { payload: {}, actor: "test", now: new Date() }
  const code = (wanted: string) => (error: unknown) => error instanceof AppError && error.code === wanted
  await assert.rejects(receiveEvent(driver.store, { ...event, name: "nobody" }), code("trigger.nobody_waits"))
  await define(
    "picky",
    { events: ["picky"] },
    { params: { type: "object", properties: { a: { type: "string" } }, required: ["a"] } },
  )
  await assert.rejects(receiveEvent(driver.store, { ...event, name: "picky" }), code("run.params_invalid"))
})

test("arrivals of a paused pipeline wait, those of a changed one that no longer fit are refused", async () => {
  await define("waiting", { events: ["wait"] })
  await setPipelinePaused(driver.store, { pipelineId: "waiting", isPaused: true, actor: "test" })
  const event = { name: "wait", actor: "test" }
  await receiveEvent(driver.store, { ...event, payload: { a: 1 }, now: new Date() })
  await look()
  assert.deepEqual(await runsOf("waiting"), [])
  const params = { type: "object", properties: { b: { type: "string" } }, required: ["b"] }
  await define("waiting", { events: ["wait"] }, { params })
  await setPipelinePaused(driver.store, { pipelineId: "waiting", isPaused: false, actor: "test" })
  await look()
  assert.deepEqual(await runsOf("waiting"), [])
  const { rows } = await driver.store.pool.query("select refused from trigger_arrival where pipeline_id = 'waiting'")
  assert.match(rows[0]?.refused, /Params of waiting do not fit/)
})

test("at the latest time the run starts with what has arrived, unless all had come before", async () => {
  const latest = { ...cronSchedule("0 7 * * *", "UTC"), key: "datasets latest" }
  const day = (offset: number, time: string) => {
    const date = new Date(Date.now() + offset * 86_400_000)
    return utc(`${date.toISOString().slice(0, 10)}T${time}`)
  }
  const manifest = {
    id: "patient",
    triggers: { ...NO_TRIGGERS, ...datasets("all", ["warehouse.late.a", "warehouse.late.b"], { latest }) },
  }
  await save(manifest, day(0, "00:01"))
  // In the clock of this test, the load of today comes before the seven o'clock of tomorrow.
  await load("late_load", ["warehouse.late.a"])
  await look()
  await scheduleDueRuns(driver.store, day(1, "07:00"), fail)
  assert.deepEqual((await reasonsOf("patient")).at(-1), "latest time; not arrived: warehouse.late.b")
  const count = (await reasonsOf("patient")).length
  const { rows } = await driver.store.pool.query(
    "select count(*)::int from trigger_arrival where pipeline_id = 'patient' and consumed_at is null",
  )
  assert.deepEqual(rows, [{ count: 0 }])
  // All come on the next day: its latest time starts nothing more.
  await load("late_load", ["warehouse.late.a", "warehouse.late.b"])
  await driver.store.pool.query(
    "update trigger_arrival set arrived_at = $1 where pipeline_id = 'patient' and consumed_at is null",
    [day(1, "12:00")],
  )
  await look()
  await scheduleDueRuns(driver.store, day(2, "07:00"), fail)
  assert.deepEqual((await reasonsOf("patient")).slice(count), ["warehouse.late.a, warehouse.late.b"])
})
