import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import { makeMap } from "#test/factories.ts"
import { outcomeOf, outputsOf, RunDriver } from "#test/run-driver.ts"
import { clearRun } from "../../actions/clear-run.ts"
import type { Page } from "../../contracts/api/common.ts"
import { runDetailSchema, type TaskRun, taskRunListQuerySchema } from "../../contracts/api/runs.ts"
import type { RunId } from "../../domain/ids.ts"
import { TEARDOWN_RULE } from "../../domain/trigger-rule.ts"
import { readRun } from "../../store/read/read-run.ts"
import { listTaskRuns } from "../../store/read/task-runs.ts"

let driver: RunDriver
let runId: RunId
before(async () => {
  driver = await RunDriver.open()
  await driver.define({
    id: "mapped",
    tasks: [
      { id: "before" },
      { id: "each", upstream: ["before"], map: makeMap({ over: ["a", "b", "c", "d", "e"], tolerance: { count: 1 } }) },
      { id: "end", upstream: ["each"] },
    ],
  })
  runId = await driver.trigger("mapped")
  await driver.drive({ each: "success" })
  const request = { runId, taskIds: ["each"], mapIndexes: [3], includeDownstream: false, dryRun: false, actor: "test" }
  await clearRun(driver.store, request)
  const [claim] = await driver.claim()
  await driver.finish(claim!, outcomeOf("fail"))
})
after(() => driver.close())

function list(query: object): Promise<Page<TaskRun>> {
  return listTaskRuns(driver.store.pool, runId, taskRunListQuerySchema.parse(query))
}
const names = (page: Page<TaskRun>) => page.items.map((one) => `${one.taskId} ${one.mapIndex} ${one.label}`)

test("a run is told with its tasks, mapped ones with counts and without instances", async () => {
  const run = await readRun(driver.store.pool, runId)
  assert.deepEqual(
    run.taskRuns.map((task) => [task.taskId, task.state, task.instances]),
    [
      ["before", "success", null],
      ["each", "success", { total: 5, success: 4, failed: 1, skipped: 0 }],
      ["end", "success", null],
    ],
  )
  assert.equal(run.tasksTotal, 3)
  assert.equal(run.state, "success")
})

test("what is told fits the contract, tear-downs and mapped tasks under way included", async () => {
  await driver.define({
    id: "shaped",
    tasks: [
      { id: "create", setup: true },
      { id: "each", upstream: ["create"], map: makeMap({ over: [1] }) },
      { id: "drop", upstream: ["each"], triggerRule: TEARDOWN_RULE, teardownOf: ["create"], failsRun: false },
    ],
  })
  const shaped = await driver.trigger("shaped")
  const [claim] = await driver.claim()
  await driver.finish(claim!)
  const run = runDetailSchema.parse(await readRun(driver.store.pool, shaped))
  assert.deepEqual(
    run.taskRuns.map((task) => task.state),
    ["success", "mapped", "pending"],
  )
  await driver.drive()
})

test("instances are paged in map order", async () => {
  const first = await list({ taskId: "each", limit: 3 })
  assert.deepEqual(names(first), ["each 0 a", "each 1 b", "each 2 c"])
  const second = await list({ taskId: "each", limit: 3, cursor: first.nextCursor })
  assert.deepEqual(names(second), ["each 3 d", "each 4 e"])
  assert.equal(second.nextCursor, null)
  assert.equal(second.items[0]?.attempts.length, 2)
})

test("are narrowed by state and index, and all task runs can be walked", async () => {
  assert.deepEqual(names(await list({ taskId: "each", state: "failed,cancelled" })), ["each 3 d"])
  assert.deepEqual(names(await list({ taskId: "each", mapIndex: 4 })), ["each 4 e"])
  assert.deepEqual(names(await list({ taskId: "each", mapIndex: -1 })), ["each -1 null"])
  assert.equal((await list({})).items.length, 8)
  assert.deepEqual((await list({ taskId: "nothing" })).items, [])
  await assert.rejects(listTaskRuns(driver.store.pool, "999", taskRunListQuerySchema.parse({})), {
    code: "run.not_found",
  })
})

test("a page of ten thousand instances is read by index, and the run's detail does not grow with them", async () => {
  await driver.define({
    id: "large",
    tasks: [
      { id: "list" },
      { id: "each", upstream: ["list"], map: makeMap({ over: { $output: { task: "list", path: ["n"] } } }) },
    ],
  })
  const large = await driver.trigger("large")
  const [claim] = await driver.claim()
  await driver.finish(claim!, outputsOf({ n: Array.from({ length: 10_000 }, (_, index) => index) }))
  const detail = await readRun(driver.store.pool, large)
  assert.ok(JSON.stringify(detail.taskRuns.map(({ outputs: _, ...task }) => task)).length < 4_000)
  const page = await listTaskRuns(driver.store.pool, large, taskRunListQuerySchema.parse({ taskId: "each", limit: 50 }))
  assert.equal(page.items.length, 50)
})
