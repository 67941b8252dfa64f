// Before any contract is made: schemas made earlier have no names for the OpenAPI document.
import "@hono/zod-openapi"
import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import { claimTasks } from "#lib/actions/claim-tasks.ts"
import { finishAttempt } from "#lib/actions/finish-attempts.ts"
import { triggerRun } from "#lib/actions/trigger-run.ts"
import type { Page } from "#lib/contracts/api/common.ts"
import type { Queue, SlotLimit, WaitingTask } from "#lib/contracts/api/queue.ts"
import type { WorkerView } from "#lib/contracts/api/system.ts"
import type { WorkerId } from "#lib/domain/ids.ts"
import { TestApi } from "#test/api-client.ts"
import { makePipeline, makeWorker } from "#test/factories.ts"
import { outcomeOf } from "#test/run-driver.ts"
import { log } from "../log.ts"

log.level = "silent"
let t: TestApi
before(async () => {
  t = await TestApi.open()
})
after(() => t.close())

test("shows what waits for slots and workers, what runs, and how fast it goes", async () => {
  await t.post("/pools/warehouse", { capacity: 2, description: "two loads at a time" })
  const tasks = ["a", "b", "c"].map((id) => ({ id, pool: "warehouse" }))
  await makePipeline(t.store.pool, { id: "loads", tasks: [...tasks, { id: "free" }] })
  await triggerRun(t.store, { pipelineId: "loads", kind: "manual", actor: "test" })
  const worker = (await makeWorker(t.store.pool, { slots: 5 })) as WorkerId
  const { claims } = await claimTasks(t.store, worker, 2)
  await finishAttempt(t.store, claims[0]!, outcomeOf("fail"))

  const queue = await t.get<Queue>("/queue")
  const { waitingForWorker, waitingForSlot, running, workerSlots, limits } = queue
  assert.deepEqual([waitingForWorker.count, waitingForSlot.count, running, workerSlots], [2, 0, 1, 5])
  assert.ok(waitingForWorker.oldestSince)
  assert.deepEqual(
    limits.map(({ id, capacity, used, waiting, description }) => ({ id, capacity, used, waiting, description })),
    [{ id: "pool/warehouse", capacity: 2, used: 2, waiting: 0, description: "two loads at a time" }],
  )
  assert.equal(queue.throughput.length, 15)
  assert.equal(
    queue.throughput.reduce((sum, { failed }) => sum + failed, 0),
    1,
  )

  const [view] = (await t.get<Page<WorkerView>>("/workers")).items
  assert.deepEqual(
    view!.tasks.map(({ attemptId, pipelineId }) => ({ attemptId, pipelineId })),
    [{ attemptId: claims[1]!.attemptId, pipelineId: "loads" }],
  )
  assert.equal(view!.running, 1)
})

test("lists who waits for a slot in the order in which they go, and a larger pool lets them", async () => {
  await t.post("/pools/slow", { capacity: 0 })
  const tasks = ["light", "heavy"].map((id) => ({ id, pool: "slow", priority: id === "heavy" ? 9 : 1 }))
  await makePipeline(t.store.pool, { id: "slow_loads", tasks })
  await triggerRun(t.store, { pipelineId: "slow_loads", kind: "manual", actor: "test" })
  const waiting = async () =>
    (await t.get<Page<WaitingTask>>("/queue/tasks?waitingFor=pool/slow")).items.map((task) => task.taskId)
  assert.deepEqual(await waiting(), ["heavy", "light"])
  const pool = await t.post<SlotLimit>("/pools/slow", { capacity: 1 })
  assert.deepEqual([pool.used, pool.waiting], [1, 1])
  assert.deepEqual(await waiting(), ["light"])
})

test("refuses to delete a pool that is named, and capacities that are none", async () => {
  assert.equal((await t.send("/pools/slow/delete")).status, 409)
  assert.equal((await t.send("/pools/nowhere/delete")).status, 404)
  for (const capacity of [-1, 1.5, "many"]) assert.equal((await t.send("/pools/slow", { capacity })).status, 400)
  assert.equal((await t.send("/pools/a%2Fb", { capacity: 1 })).status, 400)
  await t.post("/pools/unused", { capacity: 1 })
  await t.post("/pools/unused/delete")
  const pools = (await t.get<Page<SlotLimit>>("/pools")).items.map((pool) => pool.name)
  assert.deepEqual(pools.toSorted(), ["slow", "warehouse"])
})
