import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import { RunDriver } from "#test/run-driver.ts"
import { cronSchedule, type Schedule, ticksBetween } from "../domain/schedule.ts"
import { openStore, type Store } from "../store/client.ts"
import { scheduleDueRuns } from "./schedule-due-runs.ts"
import { setPipelinePaused } from "./set-pipeline-paused.ts"

let driver: RunDriver
/** Schedulers beside the driver's own, each with connections of its own. */
let others: Store[]
before(async () => {
  driver = await RunDriver.open()
  const open = () => openStore({ databaseUrl: driver.database.url, applicationName: "other", onError: () => undefined })
  others = await Promise.all([open(), open(), open()])
})
after(async () => {
  await Promise.all(others.map((store) => store.close()))
  await driver.close()
})

const HOUR_MS = 3_600_000
const utc = (text: string) => new Date(`${text}Z`)
const fail = (pipelineId: string, error: unknown) => assert.fail(`${pipelineId}: ${String(error)}`)
const tick = (now: Date) => scheduleDueRuns(driver.store, now, fail)

async function define(id: string, schedules: Partial<Schedule>[], now: string): Promise<void> {
  await driver.define(
    {
      id,
      maxActiveRuns: 100,
      schedules: schedules.map((values) => ({ ...cronSchedule("0 * * * *", "UTC"), ...values })),
    },
    utc(now),
  )
}

async function runsOf(pipelineId: string): Promise<string[]> {
  const { rows } = await driver.store.pool.query<{ at: Date }>(
    "select logical_at as at from run where pipeline_id = $1 and kind = 'schedule' order by logical_at, id",
    [pipelineId],
  )
  return rows.map((row) => row.at.toISOString().slice(0, 16))
}

test("sixteen looks by four schedulers at each of three ticks create one run a tick", async () => {
  await define("crowd", [{}], "2026-03-01T00:30")
  for (const now of ["2026-03-01T01:00", "2026-03-01T02:00", "2026-03-01T03:00"]) {
    const stores = [driver.store, ...others]
    await Promise.all(Array.from({ length: 16 }, (_, index) => scheduleDueRuns(stores[index % 4]!, utc(now), fail)))
  }
  assert.deepEqual(await runsOf("crowd"), ["2026-03-01T01:00", "2026-03-01T02:00", "2026-03-01T03:00"])
})

for (const [catchup, expected] of [
  ["latest", ["2026-03-02T05:00", "2026-03-02T06:00"]],
  ["all", ["02:00", "03:00", "04:00", "05:00", "06:00"].map((time) => `2026-03-02T${time}`)],
  ["none", ["2026-03-02T06:00"]],
] as const) {
  test(`after an outage of several ticks, catchup ${catchup} runs what it says, and then each tick`, async () => {
    const id = `outage_${catchup}`
    await define(id, [{ catchup }], "2026-03-02T01:30")
    // From 01:30 to 05:20 no scheduler was up.
    await tick(utc("2026-03-02T05:20"))
    await tick(utc("2026-03-02T05:20"))
    await tick(utc("2026-03-02T06:00"))
    assert.deepEqual(await runsOf(id), expected)
  })
}

test("a pause is an outage of the schedule alone", async () => {
  await define("paused", [{}], "2026-03-03T00:30")
  await setPipelinePaused(driver.store, { pipelineId: "paused", isPaused: true, actor: "test" })
  await tick(utc("2026-03-03T04:10"))
  assert.deepEqual(await runsOf("paused"), [])
  await setPipelinePaused(driver.store, { pipelineId: "paused", isPaused: false, actor: "test" })
  await tick(utc("2026-03-03T04:10"))
  assert.deepEqual(await runsOf("paused"), ["2026-03-03T04:00"])
})

test("a clock stepped back and forth by five minutes around a tick runs it once", async () => {
  for (const catchup of ["latest", "all", "none"] as const) {
    const id = `stepped_${catchup}`
    await define(id, [{ catchup }], "2026-03-04T00:30")
    for (const now of [
      "00:58",
      "01:00:20",
      "00:57",
      "01:00",
      "01:05",
      "00:59",
      "01:04",
      "02:00:59",
      "01:56",
      "02:00",
    ]) {
      await tick(utc(`2026-03-04T${now}`))
    }
    assert.deepEqual(await runsOf(id), ["2026-03-04T01:00", "2026-03-04T02:00"], catchup)
  }
})

test("across both clock changes of a year, each schedule creates the runs of its policy", async () => {
  for (const [zone, change] of [
    ["America/New_York", "2026-03-08T07:00"],
    ["America/New_York", "2026-11-01T06:00"],
    ["Europe/Berlin", "2026-03-29T01:00"],
    ["Europe/Berlin", "2026-10-25T01:00"],
    ["Australia/Lord_Howe", "2026-04-04T15:00"],
    ["Australia/Lord_Howe", "2026-10-03T15:30"],
    ["America/Santiago", "2026-04-05T03:00"],
    ["America/Santiago", "2026-09-06T04:00"],
  ] as const) {
    const id = `dst_${change.slice(0, 10)}_${zone.length}`
    const schedules = ["30 2 * * *", "30 1 * * *", "*/15 * * * *", "0 0 * * *"].map(
      (cron): Schedule => ({ ...cronSchedule(cron, zone), catchup: "all" }),
    )
    const from = new Date(utc(change).getTime() - 6 * HOUR_MS)
    const to = new Date(from.getTime() + 12 * HOUR_MS)
    await define(id, schedules, from.toISOString().slice(0, 16))
    // Looks at times that fit no schedule, as polls do.
    for (let now = from.getTime(); now < to.getTime(); now += 1.7 * HOUR_MS) await tick(new Date(now))
    await tick(to)
    const { rows } = await driver.store.pool.query<{ key: string; at: Date }>(
      "select schedule_key as key, logical_at as at from run where pipeline_id = $1 order by logical_at",
      [id],
    )
    for (const schedule of schedules) {
      const found = rows.filter((row) => row.key === schedule.key).map((row) => row.at)
      assert.deepEqual(found, ticksBetween(schedule, from, to, 10_000), `${id} ${schedule.key}`)
    }
    // `*/15` follows elapsed time: no quarter of an hour is left out or doubled.
    assert.equal(rows.filter((row) => row.key.startsWith("cron */15")).length, 48, id)
    await setPipelinePaused(driver.store, { pipelineId: id, isPaused: true, actor: "test" })
  }
})

test("two schedules of a pipeline that tick together have a run each, over their own intervals", async () => {
  await define(
    "both",
    [{ ...cronSchedule("0 0 * * *", "UTC") }, { ...cronSchedule("0 0 1 * *", "UTC") }],
    "2026-03-31T12:00",
  )
  await tick(utc("2026-04-01T00:00"))
  const { rows } = await driver.store.pool.query(
    `select schedule_key as key, interval_start as start from run where pipeline_id = 'both' order by schedule_key`,
  )
  assert.deepEqual(rows, [
    { key: "cron 0 0 * * * UTC", start: utc("2026-03-31T00:00") },
    { key: "cron 0 0 1 * * UTC", start: utc("2026-03-01T00:00") },
  ])
})

test("an edited schedule goes on where the old one was", async () => {
  await define("edited", [{ ...cronSchedule("0 * * * *", "UTC"), catchup: "all" }], "2026-03-05T00:30")
  await tick(utc("2026-03-05T02:00"))
  await define("edited", [{ ...cronSchedule("30 * * * *", "UTC"), catchup: "all" }], "2026-03-05T03:40")
  await tick(utc("2026-03-05T03:40"))
  const times = ["01:00", "02:00", "02:30", "03:30"]
  assert.deepEqual(
    await runsOf("edited"),
    times.map((time) => `2026-03-05T${time}`),
  )
  // Back to the first: what it had handled, and what the other did since, stays handled.
  await define("edited", [{ ...cronSchedule("0 * * * *", "UTC"), catchup: "all" }], "2026-03-05T03:45")
  await tick(utc("2026-03-05T04:00"))
  assert.deepEqual(
    await runsOf("edited"),
    [...times, "04:00"].map((time) => `2026-03-05T${time}`),
  )
})

test("with a delay the run starts later, and its logical time is the tick", async () => {
  await define("late", [{ delayMs: 2 * 3_600_000 }], "2026-03-06T00:30")
  await tick(utc("2026-03-06T01:00"))
  await tick(utc("2026-03-06T02:59"))
  // The tick of midnight had come before the pipeline was first seen.
  assert.deepEqual(await runsOf("late"), [])
  await tick(utc("2026-03-06T03:00"))
  assert.deepEqual(await runsOf("late"), ["2026-03-06T01:00"])
})

test("a schedule that is taken away starts nothing, and comes back where it was", async () => {
  await define("gone", [{ catchup: "all" }], "2026-03-07T00:30")
  await tick(utc("2026-03-07T01:00"))
  await driver.define({ id: "gone", description: "no schedule" }, utc("2026-03-07T01:10"))
  await tick(utc("2026-03-07T02:00"))
  assert.deepEqual(await runsOf("gone"), ["2026-03-07T01:00"])
  await define("gone", [{ catchup: "latest" }], "2026-03-07T03:10")
  await tick(utc("2026-03-07T03:10"))
  assert.deepEqual(await runsOf("gone"), ["2026-03-07T01:00", "2026-03-07T03:00"])
})
