import assert from "node:assert/strict"
import { after, before, describe, test } from "node:test"
import { makeMap } from "#test/factories.ts"
import { choiceOf, outcomeOf, outputsOf, RunDriver } from "#test/run-driver.ts"
import type { ManifestTask } from "../contracts/manifest.ts"
import type { RunId, TaskRunId } from "../domain/ids.ts"
import { TEARDOWN_RULE } from "../domain/trigger-rule.ts"
import type { Claim } from "../store/attempts.ts"
import { readItem } from "../store/mapped-tasks.ts"
import { readOutputs } from "../store/outputs.ts"
import { cancelRun } from "./cancel-run.ts"
import { type ClearRequest, clearRun } from "./clear-run.ts"
import { markTaskRun } from "./mark-task-run.ts"

type Task = Partial<ManifestTask> & { id: string }
let driver: RunDriver
before(async () => {
  driver = await RunDriver.open()
})
after(() => driver.close())

let count = 0
/** Starts a run of these tasks. */
async function start(tasks: Task[]): Promise<RunId> {
  const id = `shaped_${++count}`
  await driver.define({ id, tasks })
  return driver.trigger(id)
}

async function claimOf(taskId: string): Promise<Claim> {
  const claims = await driver.claim()
  assert.deepEqual(
    claims.map((claim) => claim.taskId),
    [taskId],
  )
  return claims[0]!
}

async function clear(runId: RunId, request: Partial<ClearRequest>) {
  return clearRun(driver.store, {
    runId,
    taskIds: [],
    includeDownstream: true,
    dryRun: false,
    actor: "test",
    ...request,
  })
}

describe("a branch", () => {
  const WAYS: Task[] = [
    { id: "choose", operator: "branch" },
    { id: "left", upstream: ["choose"] },
    { id: "right", upstream: ["choose"] },
    { id: "after_right", upstream: ["right"] },
    { id: "join", upstream: ["left", "after_right"], triggerRule: "none_failed_min_one_success" },
  ]

  test("skips the ways not taken with what is behind them, and the ways meet again", async () => {
    const runId = await start(WAYS)
    await driver.finish(await claimOf("choose"), choiceOf(["right"]))
    assert.deepEqual(await driver.drive(), ["left", "join"])
    assert.deepEqual(await driver.taskStates(runId), {
      choose: "success",
      left: "success",
      right: "skipped",
      after_right: "skipped",
      join: "success",
    })
    assert.deepEqual(await driver.runState(runId), { state: "success", unfinished: 0, failedTaskId: null })
    const { rows } = await driver.store.pool.query(
      "select reason from task_run where run_id = $1 and task_id = 'right'",
      [runId],
    )
    assert.equal(rows[0].reason, "The branch went another way.")
  })

  test("decides anew when it is cleared", async () => {
    const runId = await start(WAYS)
    await driver.finish(await claimOf("choose"), choiceOf(["right"]))
    await driver.drive()
    await clear(runId, { taskIds: ["choose"] })
    await driver.finish(await claimOf("choose"), choiceOf(["left"]))
    assert.deepEqual(await driver.drive(), ["right", "after_right", "join"])
    assert.equal((await driver.taskStates(runId)).left, "skipped")
  })

  test("keeps a task skipped that is cleared without it", async () => {
    const runId = await start(WAYS)
    await driver.finish(await claimOf("choose"), choiceOf(["right"]))
    await driver.drive()
    await clear(runId, { taskIds: ["right", "left"], includeDownstream: false })
    assert.deepEqual(await driver.drive(), ["left"])
    assert.equal((await driver.taskStates(runId)).right, "skipped")
    assert.equal((await driver.runState(runId)).state, "success")
  })
})

test("a short-circuit skips what is far behind it whatever the trigger rules say", async () => {
  const runId = await start([
    { id: "gate", operator: "shortCircuit" },
    { id: "next", upstream: ["gate"] },
    { id: "always_after", upstream: ["next"], triggerRule: "all_done" },
    { id: "beside" },
  ])
  const claims = await driver.claim()
  for (const claim of claims) {
    await driver.finish(claim, claim.taskId === "gate" ? choiceOf(["next", "always_after"]) : outcomeOf("success"))
  }
  assert.deepEqual(await driver.taskStates(runId), {
    gate: "success",
    next: "skipped",
    always_after: "skipped",
    beside: "success",
  })
  assert.equal((await driver.runState(runId)).state, "success")
})

describe("a mapped task", () => {
  const list = (extra: Partial<ManifestTask["map"]> = {}): Task[] => [
    { id: "list" },
    {
      id: "each",
      upstream: ["list"],
      map: makeMap({ over: { $output: { task: "list", path: ["items"] } }, ...extra }),
    },
    { id: "end", upstream: ["each"] },
  ]

  async function instances(runId: RunId): Promise<string[]> {
    const { rows } = await driver.store.pool.query<{ state: string }>(
      "select state from task_run where run_id = $1 and map_index >= 0 order by map_index",
      [runId],
    )
    return rows.map((row) => row.state)
  }

  async function idOf(runId: RunId, mapIndex: number): Promise<TaskRunId> {
    const { rows } = await driver.store.pool.query(
      "select id from task_run where run_id = $1 and task_id = 'each' and map_index = $2",
      [runId, mapIndex],
    )
    return rows[0].id
  }

  async function expand(items: unknown[], extra: Partial<ManifestTask["map"]> = {}): Promise<RunId> {
    const runId = await start(list(extra))
    await driver.finish(await claimOf("list"), outputsOf({ items: items as never }))
    return runId
  }

  /** Ends each claimed instance, those with these indexes as failed. */
  async function finishAll(claims: Claim[], failed: number[] = []): Promise<void> {
    for (const claim of claims) {
      const isBad = failed.includes(claim.mapIndex)
      await driver.finish(claim, isBad ? outcomeOf("fail") : outputsOf({ rows: claim.mapIndex }))
    }
  }

  test("has one instance for each item, each with its item, and outputs in map order", async () => {
    const runId = await expand(["eu", { name: "us" }, 3])
    assert.equal((await driver.taskStates(runId)).each, "mapped")
    const claims = await driver.claim()
    assert.deepEqual(
      claims.map((claim) => [claim.taskId, claim.mapIndex]),
      [
        ["each", 0],
        ["each", 1],
        ["each", 2],
      ],
    )
    assert.deepEqual(await readItem(driver.store.pool, claims[1]!.taskRunId), { name: "us" })
    await driver.finish(claims[2]!, outputsOf({ rows: 3 }))
    await driver.finish(claims[1]!, outcomeOf("skip"))
    assert.deepEqual(await driver.claim(), [], "what follows waits for all instances")
    await driver.finish(claims[0]!, outputsOf({ rows: 1 }))
    assert.deepEqual((await readOutputs(driver.store.pool, runId, ["each"])).each, [{ rows: 1 }, null, { rows: 3 }])
    assert.deepEqual(await driver.drive(), ["end"])
    assert.deepEqual(await driver.runState(runId), { state: "success", unfinished: 0, failedTaskId: null })
  })

  test("is skipped over an empty list, with what follows", async () => {
    const runId = await expand([])
    assert.deepEqual(await driver.taskStates(runId), { list: "success", each: "skipped", end: "skipped" })
    assert.equal((await driver.runState(runId)).state, "success")
  })

  test("fails over what is no list, and over too long a list, with the reason", async () => {
    const runId = await start(list({ limit: 2 }))
    await driver.finish(await claimOf("list"), outputsOf({ items: "eu,us" }))
    assert.deepEqual(await driver.taskStates(runId), { list: "success", each: "failed", end: "upstream_failed" })
    const { rows } = await driver.store.pool.query("select error_message from run where id = $1", [runId])
    assert.match(rows[0].error_message, /maps over a string; what it maps over must be a list/)
    await clear(runId, { taskIds: ["list"] })
    await driver.finish(await claimOf("list"), outputsOf({ items: [1, 2, 3] }))
    const again = await driver.store.pool.query("select error_message from run where id = $1", [runId])
    assert.match(again.rows[0].error_message, /3 items, more than the 2 allowed/)
  })

  test("fails when more instances fail than it tolerates, and says the first of them", async () => {
    const runId = await expand(["eu", "us", "jp"])
    await finishAll(await driver.claim(), [1, 2])
    assert.deepEqual(await driver.taskStates(runId), { list: "success", each: "failed", end: "upstream_failed" })
    const { rows } = await driver.store.pool.query("select state, error_message from run where id = $1", [runId])
    assert.deepEqual(rows[0], { state: "failed", error_message: "2 of 3 instances failed. First: us: boom." })
  })

  test("succeeds with as many failures as it tolerates", async () => {
    const runId = await expand(["eu", "us", "jp"], { tolerance: { percent: 40 } })
    await finishAll(await driver.claim(), [1])
    assert.deepEqual(await driver.drive(), ["end"])
    assert.equal((await driver.runState(runId)).state, "success")
  })

  test("keeps to its concurrency and fills free places in map order", async () => {
    const runId = await expand([1, 2, 3, 4, 5], { maxActive: 2 })
    const first = await driver.claim()
    assert.deepEqual(
      first.map((claim) => claim.mapIndex),
      [0, 1],
    )
    assert.deepEqual(await driver.claim(), [])
    await finishAll(first.slice(0, 1))
    const second = await driver.claim()
    assert.deepEqual(
      second.map((claim) => claim.mapIndex),
      [2],
    )
    await finishAll([first[1]!, ...second])
    const third = await driver.claim()
    assert.deepEqual(
      third.map((claim) => claim.mapIndex),
      [3, 4],
    )
    await finishAll(third)
    assert.deepEqual(await driver.drive(), ["end"])
    assert.equal((await driver.runState(runId)).state, "success")
  })

  test("runs only the failed instances again on retry, with their places kept", async () => {
    const runId = await expand([1, 2, 3, 4], { maxActive: 1 })
    for (let claims = await driver.claim(); claims.length > 0; claims = await driver.claim()) {
      await finishAll(claims, [1, 3])
    }
    assert.equal((await driver.runState(runId)).state, "failed")
    const preview = await clear(runId, { dryRun: true })
    assert.match(preview.text, /^Runs 2 instances of each and task end of run/)
    await clear(runId, {})
    const first = await driver.claim()
    assert.deepEqual(
      first.map((claim) => claim.mapIndex),
      [1],
    )
    await finishAll(first)
    const second = await driver.claim()
    assert.deepEqual(
      second.map((claim) => claim.mapIndex),
      [3],
    )
    await finishAll(second)
    assert.deepEqual(await driver.drive(), ["end"])
    assert.deepEqual(await driver.runState(runId), { state: "success", unfinished: 0, failedTaskId: null })
  })

  test("runs one named instance again, and what follows", async () => {
    const runId = await expand([1, 2])
    await driver.drive()
    await clear(runId, { taskIds: ["each"], mapIndexes: [1] })
    assert.deepEqual(await instances(runId), ["success", "ready"])
    assert.deepEqual(await driver.drive(), ["each", "end"])
    await assert.rejects(clear(runId, { taskIds: ["each"], mapIndexes: [1, 7] }), { code: "task_run.not_found" })
    assert.equal((await driver.runState(runId)).state, "success")
  })

  test("runs as a whole, and says so, where its set-up runs again", async () => {
    const runId = await start([
      { id: "create", setup: true },
      { id: "each", upstream: ["create"], map: makeMap({ over: [1, 2] }) },
      { id: "drop", upstream: ["each"], triggerRule: TEARDOWN_RULE, teardownOf: ["create"], failsRun: false },
    ])
    await driver.finish(await claimOf("create"))
    await finishAll(await driver.claim(), [1])
    await driver.drive()
    const { text } = await clear(runId, { taskIds: ["each"], mapIndexes: [1] })
    assert.match(
      text,
      /^Runs 3 tasks of run \d+ again\. All instances of each are among them, because a task before them/,
    )
    assert.deepEqual(await driver.drive(), ["create", "each", "each", "drop"])
    assert.equal((await driver.runState(runId)).state, "success")
  })

  test("reads its list anew when it is cleared as a whole", async () => {
    const runId = await expand([1, 2, 3])
    await driver.drive()
    await clear(runId, { taskIds: ["list"] })
    assert.deepEqual(await readOutputs(driver.store.pool, runId, ["each"]), {})
    await driver.finish(await claimOf("list"), outputsOf({ items: ["a", "b"] }))
    assert.deepEqual(await instances(runId), ["ready", "ready"])
    const claims = await driver.claim()
    assert.deepEqual(
      claims.map((claim) => claim.generation),
      [1, 1],
    )
    assert.deepEqual(
      claims.map((claim) => claim.attemptNumber),
      [2, 2],
      "tries go on where they were",
    )
    await finishAll(claims)
    await driver.drive()
    assert.deepEqual(await driver.runState(runId), { state: "success", unfinished: 0, failedTaskId: null })
    const { rows } = await driver.store.pool.query("select tasks_total from run where id = $1", [runId])
    assert.equal(rows[0].tasks_total, 5)
  })

  test("is a success once its failed instance is marked so, and runs what it had blocked", async () => {
    const runId = await expand([1, 2])
    await finishAll(await driver.claim(), [1])
    const request = { taskRunId: await idOf(runId, 1), state: "success" as const, actor: "test" }
    const preview = await markTaskRun(driver.store, { ...request, dryRun: true })
    assert.match(
      preview.text,
      /Marks instance 2 of each .* as success, which makes the task success, and runs the 1 tasks/,
    )
    await markTaskRun(driver.store, { ...request, dryRun: false })
    assert.deepEqual(await driver.drive(), ["end"])
    assert.deepEqual(await driver.runState(runId), { state: "success", unfinished: 0, failedTaskId: null })
  })

  test("can be marked as a whole while instances wait, not while one runs", async () => {
    const runId = await expand([1, 2, 3], { maxActive: 1 })
    const request = { taskRunId: await idOf(runId, -1), state: "skipped" as const, dryRun: false, actor: "test" }
    const [claim] = await driver.claim()
    await assert.rejects(markTaskRun(driver.store, request), { code: "task_run.wrong_state" })
    await driver.finish(claim!, { kind: "handed_back" })
    await markTaskRun(driver.store, request)
    assert.deepEqual(await instances(runId), ["skipped", "skipped", "skipped"])
    assert.deepEqual(await driver.claim(), [])
    assert.deepEqual(await driver.taskStates(runId), { list: "success", each: "skipped", end: "skipped" })
    assert.equal((await driver.runState(runId)).unfinished, 0)
  })

  test("is cancelled with all its instances", async () => {
    const runId = await expand([1, 2, 3])
    const [claim] = await driver.claim(1)
    await cancelRun(driver.store, { runId, actor: "test" })
    await driver.finish(claim!, { kind: "cancelled" })
    assert.deepEqual(await instances(runId), ["cancelled", "cancelled", "cancelled"])
    assert.deepEqual(await driver.runState(runId), { state: "cancelled", unfinished: 0, failedTaskId: null })
    await clear(runId, {})
    await driver.drive()
    assert.deepEqual(await driver.runState(runId), { state: "success", unfinished: 0, failedTaskId: null })
  })

  test("maps over the outputs of another mapped task, without the skipped ones, and over a cross product", async () => {
    const runId = await start([
      { id: "first", map: makeMap({ over: ["a", "b", "c"] }) },
      {
        id: "second",
        upstream: ["first"],
        triggerRule: "none_failed",
        map: makeMap({
          over: { cross: [{ $output: { task: "first", path: ["file"] } }, [1, 2]] },
          label: { $item: ["0"] },
        }),
      },
    ])
    const claims = await driver.claim()
    for (const [index, claim] of claims.entries()) {
      await driver.finish(claim, index === 1 ? outcomeOf("skip") : outputsOf({ file: `file_${index}` }))
    }
    const { rows } = await driver.store.pool.query(
      `select i.item, i.label from mapped_item i join task_run t on t.id = i.task_run_id
       where t.run_id = $1 and t.task_id = 'second' order by t.map_index`,
      [runId],
    )
    assert.deepEqual(
      rows.map((row) => row.item),
      [
        ["file_0", 1],
        ["file_0", 2],
        ["file_2", 1],
        ["file_2", 2],
      ],
    )
    assert.equal(rows[2].label, "file_2")
    await driver.drive()
  })

  test("of ten thousand instances is expanded in one go and ends at O(1) each", async () => {
    const runId = await expand(Array.from({ length: 10_000 }, (_, index) => index))
    assert.equal((await instances(runId)).length, 10_000)
    await cancelRun(driver.store, { runId, actor: "test" })
    assert.deepEqual(await driver.runState(runId), { state: "cancelled", unfinished: 0, failedTaskId: null })
    assert.deepEqual(await driver.claim(5_000), [])
  })
})

describe("a tear-down", () => {
  const RESOURCE: Task[] = [
    { id: "create", setup: true },
    { id: "work", upstream: ["create"] },
    { id: "more", upstream: ["create"] },
    { id: "use", upstream: ["work", "more"] },
    {
      id: "drop",
      upstream: ["create", "use"],
      triggerRule: TEARDOWN_RULE,
      teardownOf: ["create"],
      failsRun: false,
    },
  ]

  test("runs after a failure in between, once everything in between is over", async () => {
    const runId = await start(RESOURCE)
    await driver.finish(await claimOf("create"))
    const [work, more] = await driver.claim()
    await driver.finish(work!, outcomeOf("fail"))
    assert.equal((await driver.taskStates(runId)).use, "upstream_failed")
    assert.deepEqual(await driver.claim(), [], "another task still uses what was set up")
    await driver.finish(more!)
    assert.deepEqual(await driver.drive(), ["drop"])
    assert.deepEqual(await driver.runState(runId), { state: "failed", unfinished: 0, failedTaskId: "work" })
  })

  test("does not run when its setup failed or was skipped", async () => {
    const failed = await start(RESOURCE)
    await driver.drive({ create: "fail" })
    assert.equal((await driver.taskStates(failed)).drop, "upstream_failed")
    const skipped = await start(RESOURCE)
    await driver.drive({ create: "skip" })
    assert.equal((await driver.taskStates(skipped)).drop, "skipped")
    assert.equal((await driver.runState(skipped)).state, "success")
  })

  test("that fails does not fail the run, unless it says so", async () => {
    const forgiven = await start(RESOURCE)
    await driver.drive({ drop: "fail" })
    assert.equal((await driver.runState(forgiven)).state, "success")
    const strict = await start(RESOURCE.map((task) => (task.id === "drop" ? { ...task, failsRun: true } : task)))
    await driver.drive({ drop: "fail" })
    assert.deepEqual(await driver.runState(strict), { state: "failed", unfinished: 0, failedTaskId: "drop" })
  })

  test("runs when the run is cancelled after its setup succeeded, tries included, and the run ends after it", async () => {
    const retry = { retries: 1, delayMs: 0, backoffFactor: 1, maxDelayMs: 0 }
    const runId = await start(RESOURCE.map((task) => (task.id === "drop" ? { ...task, retry } : task)))
    await driver.finish(await claimOf("create"))
    const [work, more] = await driver.claim()
    await cancelRun(driver.store, { runId, actor: "test" })
    await driver.finish(work!, { kind: "cancelled" })
    await driver.finish(more!, { kind: "cancelled" })
    const drop = await claimOf("drop")
    assert.equal(drop.isTeardown, true)
    await driver.finish(drop, outcomeOf("fail"))
    assert.equal((await driver.taskStates(runId)).drop, "up_for_retry")
    await driver.promote()
    await driver.drive()
    assert.deepEqual(await driver.taskStates(runId), {
      create: "success",
      work: "cancelled",
      more: "cancelled",
      use: "cancelled",
      drop: "success",
    })
    assert.equal((await driver.runState(runId)).state, "cancelled")
  })

  test("has nothing to do when the run is cancelled before its setup", async () => {
    const runId = await start(RESOURCE)
    await cancelRun(driver.store, { runId, actor: "test" })
    assert.deepEqual(await driver.drive(), [])
    assert.equal((await driver.taskStates(runId)).drop, "upstream_failed")
    assert.equal((await driver.runState(runId)).state, "cancelled")
  })

  test("runs again with its setup when a task in between is cleared", async () => {
    const runId = await start(RESOURCE)
    await driver.drive({ use: "fail" })
    assert.deepEqual((await clear(runId, { dryRun: true })).taskIds, ["create", "use", "drop"])
    await clear(runId, {})
    assert.deepEqual(await driver.drive(), ["create", "use", "drop"])
    assert.equal((await driver.runState(runId)).state, "success")
  })
})
