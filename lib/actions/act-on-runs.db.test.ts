import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import { AppError, type ErrorCode } from "#lib/domain/errors.ts"
import type { RunId } from "#lib/domain/ids.ts"
import { RunDriver } from "#test/run-driver.ts"
import { actOnRuns } from "./act-on-runs.ts"
import { clearRun } from "./clear-run.ts"
import { markRun } from "./mark-run.ts"
import { moveRunToNewest } from "./move-run.ts"
import { undoMark } from "./undo-mark.ts"

let driver: RunDriver
before(async () => {
  driver = await RunDriver.open()
})
after(() => driver.close())

const CHAIN = [
  { id: "extract" },
  { id: "load", upstream: ["extract"] },
  { id: "mart", upstream: ["load"] },
  { id: "tell", upstream: ["mart"] },
]
const BROKEN = { extract: "success", load: "failed", mart: "upstream_failed", tell: "upstream_failed" }

/** A run whose second task failed. */
async function broken(pipelineId: string): Promise<RunId> {
  await driver.define({ id: pipelineId, tasks: CHAIN, maxActiveRuns: 10 })
  const runId = await driver.trigger(pipelineId)
  await driver.drive({ load: "fail" })
  assert.deepEqual(await driver.taskStates(runId), BROKEN)
  return runId
}

function mark(runId: RunId, values: Partial<Parameters<typeof markRun>[1]> = {}) {
  return markRun(driver.store, {
    runId,
    state: "success",
    taskIds: [],
    includeDownstream: false,
    dryRun: false,
    actor: "eve",
    ...values,
  })
}

const undo = (runId: RunId, undoId: string) => undoMark(driver.store, { runId, undoId, actor: "eve" })
const rejects = (work: Promise<unknown>, code: ErrorCode) =>
  assert.rejects(work, (error) => error instanceof AppError && error.code === code)
const stateOf = async (runId: RunId) => (await driver.runState(runId)).state

test("a whole run is marked as success, and taken back", async () => {
  const runId = await broken("whole")
  const preview = await mark(runId, { dryRun: true })
  assert.equal(preview.text, `Marks 3 tasks of run ${runId} as success.`)
  assert.deepEqual(await driver.taskStates(runId), BROKEN)
  const effect = await mark(runId)
  assert.equal(effect.text, preview.text)
  assert.equal(await stateOf(runId), "success")
  await undo(runId, effect.undoId!)
  assert.deepEqual(await driver.taskStates(runId), BROKEN)
  assert.deepEqual(await driver.runState(runId), { state: "failed", unfinished: 0, failedTaskId: "load" })
  await rejects(undo(runId, effect.undoId!), "request.not_found")
})

test("a mark that lets others run is taken back as long as they have not begun", async () => {
  const runId = await broken("follow")
  const effect = await mark(runId, { taskIds: ["load"] })
  assert.match(effect.text, /Marks task load .* and runs 2 that they had blocked/)
  assert.equal((await driver.taskStates(runId)).mart, "ready")
  await undo(runId, effect.undoId!)
  assert.deepEqual(await driver.taskStates(runId), BROKEN)
  assert.equal(await stateOf(runId), "failed")

  const again = await mark(runId, { taskIds: ["load"] })
  const claims = await driver.claim()
  assert.deepEqual(
    claims.map((claim) => claim.taskId),
    ["mart"],
  )
  await rejects(undo(runId, again.undoId!), "request.conflict")
  for (const claim of claims) await driver.finish(claim)
  await driver.drive()
  assert.equal(await stateOf(runId), "success")
})

test("a mark of a live run is taken back with what it ruled out", async () => {
  await driver.define({ id: "live", tasks: CHAIN })
  const runId = await driver.trigger("live")
  const effect = await mark(runId, { state: "failed", taskIds: ["extract"] })
  assert.equal(await stateOf(runId), "failed")
  await undo(runId, effect.undoId!)
  assert.deepEqual(await driver.taskStates(runId), {
    extract: "ready",
    load: "pending",
    mart: "pending",
    tell: "pending",
  })
  await driver.drive()
  assert.equal(await stateOf(runId), "success")
})

test("a mark with what follows sets that too", async () => {
  const runId = await broken("down")
  await mark(runId, { state: "skipped", taskIds: ["load"], includeDownstream: true })
  assert.deepEqual(await driver.taskStates(runId), {
    extract: "success",
    load: "skipped",
    mart: "skipped",
    tell: "skipped",
  })
  assert.equal(await stateOf(runId), "success")
})

test("what runs is not marked, and what stands so already neither", async () => {
  await driver.define({ id: "busy", tasks: [{ id: "a" }] })
  const runId = await driver.trigger("busy")
  const [claim] = await driver.claim()
  await rejects(mark(runId), "task_run.wrong_state")
  await driver.finish(claim!)
  await rejects(mark(runId), "task_run.wrong_state")
  await rejects(mark(runId, { taskIds: ["nobody"] }), "task_run.not_found")
})

test("a clear with upstream runs all that the task is made from again", async () => {
  const runId = await broken("up")
  await mark(runId)
  const request = { runId, taskIds: ["mart"], includeUpstream: true, dryRun: false, actor: "eve" }
  const effect = await clearRun(driver.store, { ...request, includeDownstream: false })
  assert.deepEqual(effect.taskIds, ["extract", "load", "mart"])
  assert.deepEqual(await driver.drive(), ["extract", "load", "mart"])
})

test("a run keeps its version until it is moved to the newest, which runs only what that adds", async () => {
  const runId = await broken("moved")
  await mark(runId)
  await rejects(moveRunToNewest(driver.store, { runId, dryRun: false, actor: "eve" }), "run.version_differs")
  await driver.define({ id: "moved", tasks: [...CHAIN, { id: "extra", upstream: ["tell"] }], maxActiveRuns: 10 })
  const preview = await moveRunToNewest(driver.store, { runId, dryRun: true, actor: "eve" })
  assert.equal(preview.text, `Moves run ${runId} from version 1 of the code to 2 and runs what that adds: extra.`)
  assert.equal(await stateOf(runId), "success")
  await moveRunToNewest(driver.store, { runId, dryRun: false, actor: "eve" })
  assert.deepEqual(await driver.drive(), ["extra"])
  assert.equal(await stateOf(runId), "success")

  await driver.define({ id: "moved", tasks: [...CHAIN, { id: "extra", upstream: ["load"] }], maxActiveRuns: 10 })
  const effect = await moveRunToNewest(driver.store, { runId, dryRun: false, actor: "eve" })
  assert.match(effect.text, /from version 2 of the code to 3; nothing runs again/)
  assert.equal(await stateOf(runId), "success")
})

test("many runs are retried with one request, each for itself", async () => {
  const first = await broken("many")
  const second = await driver.trigger("many")
  await driver.drive()
  const third = await driver.trigger("many")
  await driver.drive({ extract: "fail" })
  const missing = "999999" as RunId
  const request = { action: "retry" as const, version: "pinned" as const, actor: "eve" }
  const runIds = [third, second, missing, first]
  const preview = await actOnRuns(driver.store, { ...request, runIds, dryRun: true })
  assert.equal(preview.text, "Runs 7 tasks of 2 runs again. 2 runs cannot be changed so.")
  assert.deepEqual(await driver.taskStates(first), BROKEN)
  const result = await actOnRuns(driver.store, { ...request, runIds, dryRun: false })
  assert.deepEqual(
    result.items.map((item) => [item.runId, item.ok, item.tasks]),
    [
      [first, true, 3],
      [second, false, 0],
      [third, true, 4],
      [missing, false, 0],
    ],
  )
  assert.match(result.items[1]!.text, /Nothing has failed/)
  await driver.drive()
  assert.equal(await stateOf(first), "success")
  assert.equal(await stateOf(third), "success")
})

test("many runs are cancelled with one request, and the preview says what stops", async () => {
  await driver.define({ id: "stopped", tasks: CHAIN, maxActiveRuns: 1 })
  const runIds = [await driver.trigger("stopped"), await driver.trigger("stopped")]
  const claims = await driver.claim()
  const request = { action: "cancel" as const, version: "pinned" as const, actor: "eve", runIds }
  const preview = await actOnRuns(driver.store, { ...request, dryRun: true })
  assert.equal(preview.text, "Stops 8 tasks of 2 runs.")
  assert.match(preview.items[0]!.text, /Stops 1 running task of run \d+; 3 tasks will not start/)
  await actOnRuns(driver.store, { ...request, dryRun: false })
  for (const claim of claims) await driver.finish(claim, { kind: "cancelled" })
  assert.deepEqual(await Promise.all(runIds.map(stateOf)), ["cancelled", "cancelled"])
  const live = await driver.store.pool.query(
    "select count(*)::int as count from task_run where pipeline_id = 'stopped' and finished_at is null",
  )
  assert.equal(live.rows[0].count, 0)
})
