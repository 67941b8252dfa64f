import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import { outcomeOf, RunDriver } from "#test/run-driver.ts"
import { taskResultSchema } from "../../contracts/task-result.ts"
import type { Claim } from "../attempts.ts"
import { readPartitionStates } from "./partition-states.ts"

const SALES = "warehouse.marts.sales"
const ORDERS = "warehouse.raw.orders"
const writer = { id: "writer", partition: "day" as const, tasks: [{ id: "write", writes: [ORDERS] }] }
const reader = { id: "reader", partition: "day" as const, tasks: [{ id: "load", reads: [ORDERS], writes: [SALES] }] }

let driver: RunDriver
before(async () => {
  driver = await RunDriver.open()
})
after(() => driver.close())

const day = (number: number) => new Date(Date.UTC(2026, 2, number))

/** Starts the run of a day in March and hands over its one task. */
async function start(pipelineId: string, number: number): Promise<Claim> {
  const interval = { intervalStart: day(number), intervalEnd: day(number + 1) }
  await driver.trigger(pipelineId, { ...interval, logicalAt: new Date() })
  const [claim] = await driver.claim()
  return claim!
}

async function load(pipelineId: string, dataset: string, number: number, partitionKey: string | null = null) {
  const claim = await start(pipelineId, number)
  const key = partitionKey ?? claim.partitionKey
  const materializations = [{ dataset, partitionKey: key, rowsInserted: number, durationSeconds: 1 }]
  await driver.finish(claim, { kind: "success", result: taskResultSchema.parse({ materializations }) })
}

const states = async () =>
  (await readPartitionStates(driver.store.pool, SALES)).map(({ key, state, reason, rows }) => [
    key,
    state,
    reason,
    rows,
  ])

test("says of each partition how it stands, and why it is not fresh", async () => {
  await driver.defineAll([writer, reader])
  await load("writer", ORDERS, 2)
  for (const number of [1, 2, 3]) await load("reader", SALES, number)
  assert.deepEqual(await states(), [
    ["2026-03-01", "fresh", null, 1],
    ["2026-03-02", "fresh", null, 2],
    ["2026-03-03", "fresh", null, 3],
  ])
  await load("writer", ORDERS, 2)
  await driver.finish(await start("reader", 3), outcomeOf("fail"))
  await driver.finish(await start("reader", 4), outcomeOf("fail"))
  await driver.finish(await start("reader", 5), outcomeOf("success"))
  const claim = await start("reader", 6)
  assert.deepEqual(await states(), [
    ["2026-03-01", "fresh", null, 1],
    ["2026-03-02", "stale", "warehouse.raw.orders was loaded later.", 2],
    ["2026-03-03", "failed", "Its newest run failed; what it held before is still there.", 3],
    ["2026-03-04", "failed", "Its newest run failed.", null],
    ["2026-03-05", "missing", "Its run loaded nothing into this dataset.", null],
    ["2026-03-06", "running", null, null],
  ])
  await driver.finish(claim)
})

test("calls partitions stale that older code has loaded", async () => {
  await driver.defineAll([writer, { ...reader, description: "counts returns, too" }])
  await load("reader", SALES, 7)
  const all = await states()
  assert.deepEqual(all[0], ["2026-03-01", "stale", "Loaded by version 1 of the code.", 1])
  assert.deepEqual(all.at(-1), ["2026-03-07", "fresh", null, 7])
})

test("a dataset that is loaded as a whole has no partitions", async () => {
  const claim = await start("reader", 8)
  const materializations = [{ dataset: "warehouse.marts.whole", rowsInserted: 1, durationSeconds: 1 }]
  await driver.finish(claim, { kind: "success", result: taskResultSchema.parse({ materializations }) })
  assert.deepEqual(await readPartitionStates(driver.store.pool, "warehouse.marts.whole"), [])
})
