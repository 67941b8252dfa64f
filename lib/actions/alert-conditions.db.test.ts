import assert from "node:assert/strict"
import { after, before, beforeEach, test } from "node:test"
import { makeDataset, makeRun, makeScore } from "#test/factories.ts"
import { outcomeOf, RunDriver } from "#test/run-driver.ts"
import { consumeSignals, sweepConditions } from "./consume-signals.ts"
import { judgeDeadlines } from "./judge-deadlines.ts"
import { reapAttempts } from "./reap-attempts.ts"

let driver: RunDriver
const query = (text: string, values: unknown[] = []) => driver.store.pool.query(text, values)
before(async () => {
  driver = await RunDriver.open()
})
after(() => driver.close())
beforeEach(() => query("truncate incident, signal, run, dataset, alert_condition, worker, pipeline cascade"))

const DATASET = "warehouse.marts.orders"
const later = (seconds: number) => new Date(Date.now() + seconds * 1_000)
const setFreshness = (state: string, message = "") =>
  query(
    `insert into freshness_status (dataset_id, state, message) values ($1, $2, $3)
     on conflict (dataset_id) do update set state = excluded.state, since = now(), message = excluded.message`,
    [DATASET, state, message],
  )

async function incidents(): Promise<string[]> {
  const { rows } = await query("select kind, title, state, followers from incident order by id")
  return rows.map((row) => `${row.kind} ${row.state}: ${row.title}${row.followers > 0 ? ` +${row.followers}` : ""}`)
}

test("a dataset that is late opens an incident, and is resolved when it is fresh", async () => {
  await makeDataset(driver.store.pool, { id: DATASET, owner: "Data platform" })
  await setFreshness("warn")
  await consumeSignals(driver.store)
  assert.deepEqual(await incidents(), [], "the rule asks for errors")
  await setFreshness("error", "No load since 05:00.")
  await consumeSignals(driver.store)
  assert.deepEqual(await incidents(), ["freshness_breach open: marts.orders is late"])
  await setFreshness("fresh")
  await consumeSignals(driver.store)
  assert.deepEqual(await incidents(), ["freshness_breach resolved: marts.orders is late"])
})

test("what is late because its pipeline fails joins that incident, and stands alone when only that one is over", async () => {
  await driver.define({ id: "orders", tasks: [{ id: "load", reads: ["w.raw.x"], writes: [DATASET] }] })
  await driver.trigger("orders")
  await driver.drive({ load: "fail" })
  await consumeSignals(driver.store)
  await setFreshness("error")
  await consumeSignals(driver.store)
  assert.deepEqual(await incidents(), ["pipeline_failure open: boom +1"])
  await driver.trigger("orders")
  await driver.drive()
  await consumeSignals(driver.store)
  assert.deepEqual(await incidents(), ["pipeline_failure resolved: boom +1"])
  await sweepConditions(driver.store, later(1))
  assert.deepEqual(await incidents(), [
    "pipeline_failure resolved: boom +1",
    "freshness_breach open: marts.orders is late",
  ])
})

test("quality must be below for a time before it is an incident", async () => {
  await makeDataset(driver.store.pool, { id: DATASET })
  const run = await makeRun(driver.store.pool)
  const score = (value: number) => makeScore(driver.store.pool, { datasetId: DATASET, runId: run.id, score: value })
  await score(80)
  await consumeSignals(driver.store)
  const nextAt = await sweepConditions(driver.store, later(0))
  assert.deepEqual(await incidents(), [])
  assert.ok(
    nextAt && Math.abs(nextAt.getTime() - later(600).getTime()) < 5_000,
    "looked at again when its time is over",
  )
  await sweepConditions(driver.store, later(601))
  assert.deepEqual(await incidents(), ["quality_below open: Quality of marts.orders is 80"])
  await score(95)
  await consumeSignals(driver.store)
  assert.deepEqual(await incidents(), ["quality_below resolved: Quality of marts.orders is 80"])
})

test("a failing check of a monitor is an incident until it passes; one that failed its run is the run's", async () => {
  await makeDataset(driver.store.pool, { id: DATASET })
  const check = (passed: boolean) =>
    query(
      `insert into check_result (dataset_id, name, kind, dimension, severity, passed, rows_checked, rows_failed, message)
       values ($1, 'id is unique', 'unique', 'uniqueness', 'error', $2, 10, 1, '1 row twice.')`,
      [DATASET, passed],
    )
  await check(false)
  await consumeSignals(driver.store)
  assert.deepEqual(await incidents(), ["check_failure open: marts.orders: id is unique fails"])
  await check(true)
  await consumeSignals(driver.store)
  assert.deepEqual(await incidents(), ["check_failure resolved: marts.orders: id is unique fails"])
})

test("an open anomaly is an incident until it is closed", async () => {
  await makeDataset(driver.store.pool, { id: DATASET })
  await query(
    `insert into anomaly (dataset_id, metric, at, value, expected, lower, upper, rule)
     values ($1, 'row_count', now(), 12, 100, 90.5, 110, 'z_score')`,
    [DATASET],
  )
  await consumeSignals(driver.store)
  assert.deepEqual(await incidents(), ["anomaly open: marts.orders: row count is unusual"])
  await query("update anomaly set state = 'closed', closed_at = now()")
  await consumeSignals(driver.store)
  assert.deepEqual(await incidents(), ["anomaly resolved: marts.orders: row count is unusual"])
})

test("a run that takes more than twice the usual time is an incident until the next one does not", async () => {
  await driver.define({ id: "slow", tasks: [{ id: "load" }] })
  const end = async (seconds: number) => {
    const runId = await driver.trigger("slow")
    await driver.drive()
    await query("update run set started_at = finished_at - $2 * interval '1 second' where id = $1", [runId, seconds])
    await consumeSignals(driver.store)
  }
  for (const seconds of [100, 110, 90, 100, 100]) await end(seconds)
  await end(190)
  assert.deepEqual(await incidents(), [])
  await end(400)
  assert.deepEqual(await incidents(), ["duration_anomaly open: slow took unusually long"])
  await end(100)
  assert.deepEqual(await incidents(), ["duration_anomaly resolved: slow took unusually long"])
})

test("a missed deadline is an incident until one of its name is met", async () => {
  const rule = { kind: "within", ms: 60_000, of: "queued" } as const
  await driver.define({ id: "stuck", deadlines: [{ key: "starts", rule, notify: "oncall" }], maxActiveRuns: 1 })
  await driver.trigger("stuck")
  const second = await driver.trigger("stuck")
  await judgeDeadlines(driver.store, later(120))
  await consumeSignals(driver.store)
  assert.deepEqual(await incidents(), [`deadline_missed open: stuck: run ${second} is late`])
  await driver.trigger("stuck")
  await driver.drive()
  await judgeDeadlines(driver.store, later(120))
  await consumeSignals(driver.store)
  assert.deepEqual(await incidents(), [`deadline_missed resolved: stuck: run ${second} is late`])
})

test("a lost worker is an incident until another one starts; one that stops in order is none", async () => {
  const work = (id: string, secondsAgo: number) =>
    query(
      `insert into worker (id, host, pid, version, slots, started_at, heartbeat_at)
       values ($1, 'node-1', 1, '1', 4, now() - interval '1 hour', now() - $2 * interval '1 second')`,
      [id, secondsAgo],
    )
  await work("orderly", 0)
  await query("update worker set state = 'gone', heartbeat_at = now() where id = 'orderly'")
  await consumeSignals(driver.store)
  assert.deepEqual(await incidents(), [])
  await work("lost", 60)
  await reapAttempts(driver.store, 20_000)
  await consumeSignals(driver.store)
  assert.deepEqual(await incidents(), ["worker_lost open: A worker on node-1 was lost"])
  await query("insert into worker (id, host, pid, version, slots) values ('new', 'node-2', 1, '1', 4)")
  await consumeSignals(driver.store)
  assert.deepEqual(await incidents(), ["worker_lost resolved: A worker on node-1 was lost"])
})

test("a queue that stands for long enough is an incident until it moves", async () => {
  await driver.define({ id: "waits", tasks: [{ id: "load" }] })
  await driver.trigger("waits")
  await query("update task_run set ready_at = now() - interval '20 minutes' where state = 'ready'")
  await sweepConditions(driver.store, later(0))
  await sweepConditions(driver.store, later(130))
  assert.deepEqual(await incidents(), ["queue_backlog open: 1 task waits for a worker"])
  await driver.drive()
  await sweepConditions(driver.store, later(140))
  await sweepConditions(driver.store, later(270))
  assert.deepEqual(await incidents(), ["queue_backlog resolved: 1 task waits for a worker"])
})

test("any stored metric can be watched", async () => {
  await makeDataset(driver.store.pool, { id: DATASET, tags: ["finance"] })
  const measure = (value: number) =>
    query("insert into metric_point (dataset_id, metric, column_name, value) values ($1, 'null_share', 'tier', $2)", [
      DATASET,
      value,
    ])
  await measure(0.9)
  assert.equal((await query("select from signal")).rowCount, 0, "nobody watches it yet")
  await query(
    `insert into alert_rule (id, name, kind, condition, origin, match)
     values ('nulls', 'Too many nulls', 'metric',
             '{"kind":"metric","metric":"null_share","column":"tier","operator":">","value":0.1}', 'console',
             '{"tags":["finance"]}')`,
  )
  await measure(0.5)
  await consumeSignals(driver.store)
  assert.deepEqual(await incidents(), ["metric open: Too many nulls: marts.orders"])
  await measure(0.05)
  await consumeSignals(driver.store)
  assert.deepEqual(await incidents(), ["metric resolved: Too many nulls: marts.orders"])
  await query("delete from alert_rule where id = 'nulls'")
})

test("a failed run that was told of is not told of again as a failed check", async () => {
  await makeDataset(driver.store.pool, { id: DATASET })
  await driver.define({ id: "gate", tasks: [{ id: "check" }] })
  await driver.trigger("gate")
  const [claim] = await driver.claim()
  await query(
    `insert into check_result (dataset_id, run_id, attempt_id, name, kind, dimension, severity, passed, rows_checked, rows_failed, message)
     values ($1, $2, $3, 'c', 'unique', 'uniqueness', 'error', false, 10, 1, 'x')`,
    [DATASET, claim!.runId, claim!.attemptId],
  )
  await driver.finish(claim!, outcomeOf("fail", { retry: "never", code: "check.failed", message: "c failed." }))
  await consumeSignals(driver.store)
  assert.deepEqual(await incidents(), ["pipeline_failure open: c failed"])
})
