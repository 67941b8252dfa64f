import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import type { Deadline } from "#lib/contracts/deadline.ts"
import { cronSchedule } from "#lib/domain/schedule.ts"
import { RunDriver } from "#test/run-driver.ts"
import { cancelRun } from "./cancel-run.ts"
import { clearRun } from "./clear-run.ts"
import { completeLateDeadlines, judgeDeadlines } from "./judge-deadlines.ts"
import { planTickDeadlines } from "./plan-tick-deadlines.ts"
import { scheduleDueRuns } from "./schedule-due-runs.ts"
import { setPipelinePaused } from "./set-pipeline-paused.ts"
import { timeOutRuns } from "./time-out-runs.ts"

let driver: RunDriver
before(async () => {
  driver = await RunDriver.open()
})
after(() => driver.close())

const MINUTE_MS = 60_000
const later = (ms: number) => new Date(Date.now() + ms)
const within = (of: "queued" | "started" | "interval_end", ms = MINUTE_MS): Deadline => ({
  key: `within ${ms} of ${of}`,
  rule: { kind: "within", ms, of },
  notify: "oncall",
})

interface Row {
  state: string
  message: string | null
  runId: string | null
}

async function deadlines(pipelineId: string): Promise<Row[]> {
  const { rows } = await driver.store.pool.query<Row>(
    `select state, message, run_id as "runId" from deadline where pipeline_id = $1 order by id`,
    [pipelineId],
  )
  return rows
}

async function events(pipelineId: string): Promise<string[]> {
  const { rows } = await driver.store.pool.query<{ type: string }>(
    "select type from event where pipeline_id = $1 and type like 'deadline.%' order by id",
    [pipelineId],
  )
  return rows.map((row) => row.type)
}

test("a run that never starts is told of once, whoever looks and however often", async () => {
  await driver.define({ id: "stuck", deadlines: [within("queued")], maxActiveRuns: 1 })
  const first = await driver.trigger("stuck")
  const second = await driver.trigger("stuck")
  await judgeDeadlines(driver.store, new Date())
  assert.deepEqual(await events("stuck"), [])
  await Promise.all([1, 2, 3, 4, 5].map(() => judgeDeadlines(driver.store, later(2 * MINUTE_MS))))
  assert.deepEqual(await events("stuck"), ["deadline.missed"])
  assert.deepEqual(await deadlines("stuck"), [
    { state: "met", message: null, runId: first },
    {
      state: "missed",

      message: `Run ${second} had not started 1m after the run was created.`,
      runId: second,
    },
  ])
})

test("a run that ends too late is told of once, and that it ended after all is noted", async () => {
  await driver.define({ id: "slow", deadlines: [within("started")] })
  const runId = await driver.trigger("slow")
  await judgeDeadlines(driver.store, later(2 * MINUTE_MS))
  await completeLateDeadlines(driver.store)
  assert.deepEqual(await events("slow"), ["deadline.missed"])
  await driver.drive()
  assert.equal((await driver.runState(runId)).state, "success")
  await Promise.all([1, 2, 3].map(() => completeLateDeadlines(driver.store)))
  await judgeDeadlines(driver.store, later(9 * MINUTE_MS))
  assert.deepEqual(await events("slow"), ["deadline.missed", "deadline.completed"])
  assert.equal((await deadlines("slow"))[0]!.state, "late")
})

test("a reopened run has its time anew, and what was missed is not said twice", async () => {
  await driver.define({ id: "again", deadlines: [within("started")] })
  const runId = await driver.trigger("again")
  await driver.drive({ only: "fail" })
  await judgeDeadlines(driver.store, later(2 * MINUTE_MS))
  assert.deepEqual(await events("again"), [])
  const retry = { runId, taskIds: [], includeDownstream: true, dryRun: false, actor: "test" }
  await clearRun(driver.store, retry)
  await judgeDeadlines(driver.store, later(2 * MINUTE_MS))
  assert.deepEqual(await events("again"), ["deadline.missed"])
  await driver.drive({ only: "fail" })
  await clearRun(driver.store, retry)
  await judgeDeadlines(driver.store, later(9 * MINUTE_MS))
  assert.deepEqual(await events("again"), ["deadline.missed"])
  await driver.drive()
})

test("a task of its own that is late is named", async () => {
  await driver.define({
    id: "late_task",
    tasks: [
      { id: "quick" },
      { id: "slow", upstream: ["quick"], deadlines: [{ ...within("started"), key: "slow: x" }] },
    ],
  })
  const runId = await driver.trigger("late_task")
  await judgeDeadlines(driver.store, later(2 * MINUTE_MS))
  assert.equal(
    (await deadlines("late_task"))[0]!.message,
    `Task slow of run ${runId} had not ended 1m after the run's start.`,
  )
  await driver.drive()
})

/** A daily pipeline defined a moment before its tick of 1 March. */
async function defineDaily(id: string) {
  const schedule = cronSchedule("0 2 * * *", "UTC")
  const rule = { kind: "at" as const, time: "07:00", timezone: "UTC", daysAfter: 0 }
  const values = { id, schedules: [schedule], deadlines: [{ key: "at 07:00 UTC", rule, notify: "oncall" }] }
  await driver.define(values, new Date("2026-03-01T01:00:00Z"))
  return { values, at: (time: string) => new Date(`2026-03-01T${time}:00Z`) }
}

test("an interval's deadline fires though its pipeline is paused and no run exists, once, by any number of schedulers", async () => {
  const { at } = await defineDaily("paused")
  await setPipelinePaused(driver.store, { pipelineId: "paused", isPaused: true, actor: "test" })
  const schedulers = async (now: Date) => {
    await Promise.all([1, 2, 3, 4].map(() => planTickDeadlines(driver.store, now)))
    await Promise.all([1, 2, 3, 4].map(() => judgeDeadlines(driver.store, now)))
  }
  await schedulers(at("06:59"))
  assert.deepEqual(await events("paused"), [])
  await schedulers(at("07:00"))
  await schedulers(at("09:00"))
  assert.deepEqual(await events("paused"), ["deadline.missed"])
  const [row] = await deadlines("paused")
  assert.equal(row!.runId, null)
  assert.match(row!.message!, /never created, because the pipeline is paused/)
})

test("an interval that was loaded in time is met, also when the schedulers were away at seven", async () => {
  const { at } = await defineDaily("outage")
  await scheduleDueRuns(driver.store, at("02:00"), (_, error) => assert.fail(String(error)))
  await driver.drive()
  await driver.store.pool.query("update run set started_at = $1, finished_at = $2 where pipeline_id = 'outage'", [
    at("02:00"),
    at("06:58"),
  ])
  await planTickDeadlines(driver.store, new Date("2026-03-03T12:00:00Z"))
  await judgeDeadlines(driver.store, new Date("2026-03-03T12:00:00Z"))
  assert.deepEqual(
    (await deadlines("outage")).map((row) => row.state),
    ["met", "missed", "missed"],
  )
})

test("a run that comes after its interval's deadline was missed is linked, and its success noted", async () => {
  const { at } = await defineDaily("comes_late")
  await planTickDeadlines(driver.store, at("07:00"))
  await judgeDeadlines(driver.store, at("07:00"))
  assert.equal((await deadlines("comes_late"))[0]!.runId, null)
  await scheduleDueRuns(driver.store, at("07:01"), (_, error) => assert.fail(String(error)))
  await completeLateDeadlines(driver.store)
  const { rows } = await driver.store.pool.query("select id from run where pipeline_id = 'comes_late'")
  const [linked] = await deadlines("comes_late")
  assert.deepEqual([linked!.state, linked!.runId], ["missed", rows[0].id])
  await driver.drive()
  await completeLateDeadlines(driver.store)
  assert.deepEqual(await events("comes_late"), ["deadline.missed", "deadline.completed"])
})

test("a deadline that the definition no longer has is dropped", async () => {
  const { values, at } = await defineDaily("edited")
  await planTickDeadlines(driver.store, at("03:00"))
  await driver.define({ ...values, deadlines: [] }, at("04:00"))
  await judgeDeadlines(driver.store, at("07:00"))
  assert.deepEqual(
    (await deadlines("edited")).map((row) => row.state),
    ["dropped"],
  )
  assert.deepEqual(await events("edited"), [])
})

test("a run past its time limit is stopped, fails with the reason, and may be retried with its time anew", async () => {
  await driver.define({ id: "limited", timeoutMs: 60_000, tasks: [{ id: "a" }, { id: "b", upstream: ["a"] }] })
  const runId = await driver.trigger("limited")
  const claim = (await driver.claim()).find((one) => one.runId === runId)
  assert.equal(await timeOutRuns(driver.store), 0)
  const expire = () =>
    driver.store.pool.query("update run set time_limit_at = now() - interval '1 second' where id = $1", [runId])
  await expire()
  const stopped = await Promise.all([1, 2, 3].map(() => timeOutRuns(driver.store)))
  assert.ok(stopped.reduce((sum, count) => sum + count) >= 1)
  assert.equal((await driver.runState(runId)).state, "cancelling")
  await driver.finish(claim!, { kind: "cancelled" })
  const { rows } = await driver.store.pool.query(
    `select state, error_message as message, (select count(*)::int from event e where e.run_id = r.id and e.type = 'run.time_out') as events
     from run r where id = $1`,
    [runId],
  )
  assert.equal(rows[0].state, "failed")
  assert.match(rows[0].message, /ran longer than its time limit of 1m/)
  assert.equal(rows[0].events, 1)

  await clearRun(driver.store, { runId, taskIds: [], includeDownstream: true, dryRun: false, actor: "test" })
  assert.equal(await timeOutRuns(driver.store), 0)
  await driver.drive()
  assert.deepEqual(await driver.taskStates(runId), { a: "success", b: "success" })
  assert.equal((await driver.runState(runId)).state, "success")
  await expire()
  assert.equal(await timeOutRuns(driver.store), 0)
})

test("a person's cancel of a run with a time limit stays a cancel", async () => {
  await driver.define({ id: "limited_too", timeoutMs: 60_000 })
  const runId = await driver.trigger("limited_too")
  await cancelRun(driver.store, { runId, actor: "test" })
  assert.equal((await driver.runState(runId)).state, "cancelled")
})
