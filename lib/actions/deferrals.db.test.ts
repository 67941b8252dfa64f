import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { after, afterEach, before, test } from "node:test"
import { outcomeOf, RunDriver } from "#test/run-driver.ts"
import { taskResultSchema } from "../contracts/task-result.ts"
import type { WaitRequest } from "../contracts/wait.ts"
import type { RunId, TaskRunId } from "../domain/ids.ts"
import type { Claim } from "../store/attempts.ts"
import { readResume, registerDeferral } from "../store/deferrals.ts"
import { appendLogLines } from "../store/logs.ts"
import { callPipeline } from "./call-pipeline.ts"
import { cancelRun } from "./cancel-run.ts"
import { clearRun } from "./clear-run.ts"
import { decideApproval } from "./decide-approval.ts"
import { markTaskRun } from "./mark-task-run.ts"
import { promoteRetries } from "./promote-retries.ts"
import { reapAttempts } from "./reap-attempts.ts"
import { receiveCallback } from "./receive-callback.ts"
import { sweepWaits } from "./sweep-waits.ts"
import { wakeDeferrals } from "./wake-deferrals.ts"

let driver: RunDriver
before(async () => {
  driver = await RunDriver.open()
})
after(() => driver.close())

/** Whatever a test did: no wait outlives its task run, and no two of its attempts ran at a time. */
afterEach(async () => {
  const { rows } = await driver.store.pool.query(
    `select t.task_id, t.state, d.state as wait
     from deferral d join task_run t on t.id = d.task_run_id
     where t.finished_at is not null or (d.state = 'waiting') <> (t.state = 'deferred')`,
  )
  assert.deepEqual(rows, [])
  assert.deepEqual(await driver.claim(), [], "nothing is left for the next test to claim")
})

const NEVER = { expiresAt: null, onTimeout: "fail", text: "Waits." } as const
const inMs = (ms: number) => new Date(Date.now() + ms).toISOString()
/** Long ago: the clocks of two processes need not agree to the millisecond. */
const DUE = inMs(-5_000)
const atTime = (ms: number): WaitRequest => ({ ...NEVER, kind: "time", wakeAt: inMs(ms), timezone: "UTC" })
const APPROVAL: WaitRequest = { ...NEVER, kind: "approval", title: "Publish?", details: "", approvers: [] }

function putOff(claim: Claim, wait: WaitRequest, outputs = {}) {
  return driver.finish(claim, { kind: "deferred", wait, result: taskResultSchema.parse({ outputs }) })
}

/** A run whose one task `wait`, before `next`, is put off. */
async function deferred(id: string, wait: WaitRequest): Promise<{ runId: RunId; claim: Claim }> {
  await driver.define({ id, maxActiveRuns: 20, tasks: [{ id: "wait" }, { id: "next", upstream: ["wait"] }] })
  const runId = await driver.trigger(id)
  const [claim] = await driver.claim()
  await putOff(claim!, wait)
  return { runId, claim: claim! }
}

async function waitsOf(runId: RunId): Promise<number> {
  const { rows } = await driver.store.pool.query("select from deferral where run_id = $1", [runId])
  return rows.length
}

async function attemptsOf(runId: RunId): Promise<string[]> {
  const { rows } = await driver.store.pool.query<{ text: string }>(
    `select t.task_id || ' ' || a.number || ' ' || a.state as text
     from attempt a join task_run t on t.id = a.task_run_id where a.run_id = $1 order by t.position, a.number`,
    [runId],
  )
  return rows.map((row) => row.text)
}

async function eventsOf(runId: RunId): Promise<string[]> {
  const { rows } = await driver.store.pool.query<{ text: string }>(
    "select actor || ' ' || type as text from event where run_id = $1 order by id",
    [runId],
  )
  return rows.map((row) => row.text)
}

test("a task that is put off holds no attempt and goes on when its time has come, without using up retries", async () => {
  const { runId, claim } = await deferred("later", atTime(60_000))
  assert.deepEqual(await driver.taskStates(runId), { wait: "deferred", next: "pending" })
  const nextAt = await wakeDeferrals(driver.store)
  assert.ok(nextAt && nextAt.getTime() > Date.now() + 30_000, "the next instant is known")
  assert.deepEqual(await driver.claim(), [])
  await driver.store.pool.query("update deferral set wake_at = now() - interval '1 second' where run_id = $1", [runId])
  await wakeDeferrals(driver.store)
  assert.deepEqual(await driver.taskStates(runId), { wait: "ready", next: "pending" })
  const [again] = await driver.claim()
  assert.equal((await readResume(driver.store.pool, again!.taskRunId))?.polls, 1)
  assert.ok(BigInt(again!.attemptId) > BigInt(claim.attemptId))
  // No retries are set: what counted against them would end it here.
  await driver.finish(again!, outcomeOf("fail"))
  assert.deepEqual(await attemptsOf(runId), ["wait 1 deferred", "wait 2 failed"])
  assert.equal(await waitsOf(runId), 0)
})

test("any number of wakes, an answer and a cancel at once end a wait exactly once", async () => {
  for (let round = 0; round < 8; round++) {
    const { runId, claim } = await deferred("races", { ...APPROVAL, expiresAt: DUE })
    const { taskRunId } = claim
    const answer = () =>
      decideApproval(driver.store, { taskRunId, decision: "approved", comment: "", actor: "ann", now: new Date() })
    const outcomes = await Promise.allSettled([
      wakeDeferrals(driver.store),
      answer(),
      wakeDeferrals(driver.store),
      answer(),
      ...(round % 2 ? [cancelRun(driver.store, { runId, actor: "bob" })] : []),
    ])
    const answers = outcomes.filter((one, index) => (index === 1 || index === 3) && one.status === "fulfilled").length
    const { wait } = await driver.taskStates(runId)
    const tickets = (await driver.claim()).filter((one) => one.taskRunId === taskRunId)
    if (wait === "ready") {
      assert.equal(answers, 1)
      assert.equal(tickets.length, 1)
      await driver.finish(tickets[0]!)
      await driver.drive()
    } else {
      assert.ok(answers === 0 || wait === "cancelled")
      assert.deepEqual(tickets, [])
    }
    const state = { ready: "success", failed: "failed", cancelled: "cancelled" }[wait!]
    assert.deepEqual((await driver.runState(runId)).unfinished, 0)
    assert.equal((await driver.runState(runId)).state, state)
  }
})

test("a wait that takes too long fails the task, with why, and blocks what is behind it", async () => {
  const { runId } = await deferred("too_long", {
    ...APPROVAL,
    text: "Waits for approval: Publish?",
    expiresAt: DUE,
  })
  await wakeDeferrals(driver.store)
  assert.deepEqual(await driver.taskStates(runId), { wait: "failed", next: "upstream_failed" })
  const { rows } = await driver.store.pool.query(
    "select error_message, (select failure ->> 'code' from attempt where run_id = run.id) as code from run where id = $1",
    [runId],
  )
  assert.deepEqual(rows[0], {
    error_message: "It waited 0 s in vain. Waits for approval: Publish?",
    code: "wait.timed_out",
  })
  assert.deepEqual((await eventsOf(runId)).slice(-2), ["headrace task_run.failed", "headrace run.failed"])
})

test("a wait that takes too long skips the task where its author chose so", async () => {
  const { runId } = await deferred("too_long_skip", { ...APPROVAL, onTimeout: "skip", expiresAt: DUE })
  await wakeDeferrals(driver.store)
  assert.deepEqual(await driver.taskStates(runId), { wait: "skipped", next: "skipped" })
  assert.equal((await driver.runState(runId)).state, "success")
})

test("the end of a wait counts from its beginning, however often it is looked again", async () => {
  await driver.define({ id: "patient", tasks: [{ id: "wait" }] })
  const runId = await driver.trigger("patient")
  const first = inMs(100_000)
  for (let look = 0; look < 3; look++) {
    const [claim] = await driver.claim()
    await putOff(claim!, { ...NEVER, kind: "poll", wakeAt: DUE, expiresAt: look ? inMs(900_000) : first })
    await wakeDeferrals(driver.store)
  }
  const { rows } = await driver.store.pool.query("select expires_at, polls from deferral where run_id = $1", [runId])
  assert.deepEqual(rows, [{ expires_at: new Date(first), polls: 3 }])
  await driver.drive()
})

test("a sensor keeps one attempt and the end of its log, however often it looks", async () => {
  await driver.define({ id: "sensor", tasks: [{ id: "wait" }, { id: "next", upstream: ["wait"] }] })
  const runId = await driver.trigger("sensor")
  const looks = 250
  let firstId = ""
  for (let look = 1; look <= looks; look++) {
    const [claim] = await driver.claim()
    firstId ||= claim!.attemptId
    const lines = [1, 2, 3].map((line) => ({
      line,
      at: new Date(),
      level: "info" as const,
      message: `look ${look}.${line}`,
    }))
    await appendLogLines(driver.store.pool, claim!, lines)
    await putOff(claim!, { ...NEVER, kind: "poll", wakeAt: DUE })
    await wakeDeferrals(driver.store)
  }
  const [claim] = await driver.claim()
  assert.equal(claim!.attemptNumber, 2)
  assert.equal((await readResume(driver.store.pool, claim!.taskRunId))?.polls, looks)
  await driver.finish(claim!)
  await driver.drive()
  assert.deepEqual(await attemptsOf(runId), ["wait 1 deferred", "wait 2 success", "next 1 success"])
  const { rows } = await driver.store.pool.query<{ line: number; message: string }>(
    "select line, message from log_line where attempt_id = $1 order by line",
    [firstId],
  )
  assert.ok(rows.length > 200 && rows.length <= 600, `${rows.length} lines`)
  assert.deepEqual(
    rows.map((row) => row.line),
    rows.map((_, index) => index + 1),
  )
  assert.equal(rows.at(-1)!.message, `look ${looks}.3`)
  const kept = await driver.store.pool.query("select log_lines as lines from attempt where id = $1", [firstId])
  assert.equal(kept.rows[0].lines, rows.length)
  const deferrals = (await eventsOf(runId)).filter((text) => text.endsWith("task_run.deferred"))
  assert.equal(deferrals.length, 1, "its history says once that it waits")
})

test("a look that fails is tried again and goes on waiting where it was", async () => {
  const retry = { retries: 1, delayMs: 0, backoffFactor: 1, maxDelayMs: 0 }
  await driver.define({ id: "flaky", tasks: [{ id: "wait", retry }] })
  const runId = await driver.trigger("flaky")
  const poll = (): WaitRequest => ({ ...NEVER, kind: "poll", wakeAt: DUE })
  const look = async (outcome: "not yet" | "fail") => {
    const [claim] = await driver.claim()
    if (outcome === "fail") await driver.finish(claim!, outcomeOf("fail"))
    else await putOff(claim!, poll())
    await wakeDeferrals(driver.store)
    await promoteRetries(driver.store)
  }
  for (const outcome of ["not yet", "not yet", "fail", "not yet", "not yet"] as const) await look(outcome)
  assert.deepEqual(await attemptsOf(runId), ["wait 1 deferred", "wait 2 failed", "wait 3 deferred"])
  await look("fail")
  assert.equal((await driver.runState(runId)).state, "failed", "two failures are one more than it may have")
})

test("a worker that dies while it looks loses nothing of the wait", async () => {
  await driver.define({ id: "lost_look", tasks: [{ id: "wait" }] })
  const runId = await driver.trigger("lost_look")
  const [first] = await driver.claim()
  await putOff(first!, { ...NEVER, kind: "poll", wakeAt: DUE, expiresAt: inMs(100_000) })
  await wakeDeferrals(driver.store)
  const [zombie] = await driver.claim()
  await driver.store.pool.query("update attempt set heartbeat_at = now() - interval '1 hour' where id = $1", [
    zombie!.attemptId,
  ])
  await reapAttempts(driver.store, 60_000)
  assert.deepEqual(await putOff(zombie!, { ...NEVER, kind: "poll", wakeAt: DUE }), { kind: "superseded" })
  await driver.store.pool.query("update task_run set next_attempt_at = now() - interval '1 second' where run_id = $1", [
    runId,
  ])
  await promoteRetries(driver.store)
  const [heir] = await driver.claim()
  assert.equal((await readResume(driver.store.pool, heir!.taskRunId))?.polls, 1)
  await driver.finish(heir!)
  assert.equal((await driver.runState(runId)).state, "success")
})

test("cancelling and marking end a wait; a clear begins anew", async () => {
  const one = await deferred("cancelled_wait", APPROVAL)
  await cancelRun(driver.store, { runId: one.runId, actor: "ann" })
  assert.equal((await driver.runState(one.runId)).state, "cancelled")
  assert.equal(await waitsOf(one.runId), 0)
  const { taskRunId } = one.claim
  const decision = { taskRunId, decision: "approved", comment: "", actor: "ann", now: new Date() } as const
  await assert.rejects(decideApproval(driver.store, decision), { code: "task_run.wrong_state" })

  const two = await deferred("marked_wait", APPROVAL)
  await markTaskRun(driver.store, { taskRunId: two.claim.taskRunId, state: "success", dryRun: false, actor: "ann" })
  assert.deepEqual(await driver.taskStates(two.runId), { wait: "success", next: "ready" })
  assert.equal(await waitsOf(two.runId), 0)
  await driver.drive()

  const again = { taskIds: ["wait"], includeDownstream: true, dryRun: false, actor: "ann" }
  await clearRun(driver.store, { runId: two.runId, ...again })
  const [claim] = await driver.claim()
  assert.equal(await readResume(driver.store.pool, claim!.taskRunId), null)
  await putOff(claim!, atTime(-5_000))
  await wakeDeferrals(driver.store)
  await driver.drive()
  assert.equal((await driver.runState(two.runId)).state, "success")
})

test("an attempt that is put off while its run is being cancelled is cancelled", async () => {
  await driver.define({ id: "cancelled_first", tasks: [{ id: "wait" }] })
  const runId = await driver.trigger("cancelled_first")
  const [claim] = await driver.claim()
  await cancelRun(driver.store, { runId, actor: "ann" })
  await putOff(claim!, APPROVAL)
  assert.deepEqual(await driver.taskStates(runId), { wait: "cancelled" })
  assert.equal((await driver.runState(runId)).state, "cancelled")
})

test("an approval is answered once, with who did it in the history", async () => {
  const { runId, claim } = await deferred("asked", APPROVAL)
  const decision = { taskRunId: claim.taskRunId, comment: "numbers look odd", now: new Date() }
  await decideApproval(driver.store, { ...decision, decision: "rejected", actor: "ann" })
  await assert.rejects(decideApproval(driver.store, { ...decision, decision: "approved", actor: "bob" }), {
    code: "task_run.wrong_state",
  })
  const resume = await readResume(driver.store.pool, claim.taskRunId)
  assert.deepEqual(resume?.response, {
    decision: "rejected",
    by: "ann",
    comment: "numbers look odd",
    at: decision.now.toISOString(),
  })
  assert.ok((await eventsOf(runId)).includes("ann approval.rejected"))
  await driver.drive()
})

test("loading a dataset wakes those who wait for it, its partition or since then, and nobody else", async () => {
  const since = inMs(-60_000)
  const dataset = { ...NEVER, kind: "dataset", dataset: "warehouse.raw.orders" } as const
  const waiting = {
    table: await deferred("for_table", { ...dataset, partitionKey: null, since }),
    partition: await deferred("for_partition", { ...dataset, partitionKey: "2026-03-01", since: null }),
    other: await deferred("for_other", { ...dataset, partitionKey: "2026-03-02", since: null }),
    future: await deferred("for_future", { ...dataset, partitionKey: null, since: inMs(3_600_000) }),
  }
  await driver.define({ id: "loader", tasks: [{ id: "load" }] })
  await driver.trigger("loader")
  const [claim] = await driver.claim()
  const materializations = [{ dataset: "warehouse.raw.orders", partitionKey: "2026-03-01", durationSeconds: 1 }]
  await driver.finish(claim!, { kind: "success", result: taskResultSchema.parse({ materializations }) })
  await wakeDeferrals(driver.store)
  const states = async () =>
    Object.fromEntries(
      await Promise.all(
        Object.entries(waiting).map(async ([name, { runId }]) => [name, (await driver.taskStates(runId)).wait]),
      ),
    )
  assert.deepEqual(await states(), { table: "ready", partition: "ready", other: "deferred", future: "deferred" })
  await driver.drive()
  // The backstop finds no more than the event did, and what came while a wait was being stored.
  const late = await deferred("for_late", { ...dataset, partitionKey: "2026-03-01", since: null })
  await sweepWaits(driver.store)
  await wakeDeferrals(driver.store)
  assert.deepEqual(await states(), { table: "success", partition: "success", other: "deferred", future: "deferred" })
  assert.equal((await driver.taskStates(late.runId)).wait, "ready")
  await driver.drive()
  for (const { runId } of [waiting.other, waiting.future]) await cancelRun(driver.store, { runId, actor: "test" })
})

test("a callback's address works once, before or after its wait is stored, and not for a run that is over", async () => {
  const tokenHash = (token: string) => createHash("sha256").update(token).digest("hex")
  const callback = (token: string): WaitRequest => ({ ...NEVER, kind: "callback", tokenHash: tokenHash(token) })
  const post = (token: string, payload = {}) =>
    receiveCallback(driver.store, { tokenHash: tokenHash(token), payload, now: new Date() })
  const gone = { code: "wait.not_found" }
  await assert.rejects(post("unknown"), gone)

  const late = await deferred("called_late", callback("late"))
  const posts = await Promise.allSettled([post("late", { n: 1 }), post("late", { n: 2 })])
  assert.equal(posts.filter((one) => one.status === "fulfilled").length, 1)
  await driver.drive()
  assert.equal((await driver.runState(late.runId)).state, "success")
  await assert.rejects(post("late"), gone)

  await driver.define({ id: "called_early", tasks: [{ id: "wait" }] })
  const early = await driver.trigger("called_early")
  const [claim] = await driver.claim()
  assert.equal(await registerDeferral(driver.store.pool, { ...claim!, wait: callback("early") }), true)
  await post("early", { n: 3 })
  await assert.rejects(post("early"), gone)
  await putOff(claim!, callback("early"))
  await wakeDeferrals(driver.store)
  const [again] = await driver.claim()
  const { response } = (await readResume(driver.store.pool, again!.taskRunId))!
  assert.deepEqual((response as { payload: unknown }).payload, { n: 3 })
  assert.equal(await registerDeferral(driver.store.pool, { ...claim!, wait: callback("zombie") }), false)
  await driver.finish(again!)
  assert.equal((await driver.runState(early)).state, "success")

  const over = await deferred("called_over", callback("over"))
  await cancelRun(driver.store, { runId: over.runId, actor: "test" })
  await assert.rejects(post("over"), gone)
})

test("a called run is started once in each life of its task, and its end wakes the caller", async () => {
  await driver.defineAll([
    { id: "child", maxActiveRuns: 5, tasks: [{ id: "work" }] },
    { id: "parent", tasks: [{ id: "call" }] },
  ])
  const runId = await driver.trigger("parent")
  const [claim] = await driver.claim()
  const call = () => callPipeline(driver.store, callOf(claim!, "child"))
  const receipts = await Promise.all([call(), call(), call()])
  assert.equal(new Set(receipts.map((receipt) => receipt.runId)).size, 1)
  assert.equal(receipts.filter((receipt) => receipt.created).length, 1)
  const childRunId = receipts[0]!.runId
  await putOff(claim!, { ...NEVER, kind: "run", childRunId, pipelineId: "child" })
  await driver.drive()
  await wakeDeferrals(driver.store)
  const [again] = await driver.claim()
  assert.equal(again?.taskId, "call")
  assert.equal((await call()).runId, childRunId)
  await driver.finish(again!)
  assert.equal((await driver.runState(runId)).state, "success")

  await clearRun(driver.store, { runId, taskIds: ["call"], includeDownstream: false, dryRun: false, actor: "test" })
  const [anew] = await driver.claim()
  const second = await callPipeline(driver.store, callOf(anew!, "child"))
  assert.notEqual(second.runId, childRunId)
  await driver.finish(anew!)
  await driver.drive()
})

test("cancelling a run cancels the runs that its tasks wait for, down to the last", async () => {
  await driver.defineAll(["c_leaf", "c_middle", "c_top"].map((id) => ({ id, tasks: [{ id: "call" }] })))
  const top = await driver.trigger("c_top")
  const descend = async (pipelineId: string) => {
    const [claim] = await driver.claim()
    const { runId } = await callPipeline(driver.store, callOf(claim!, pipelineId))
    await putOff(claim!, { ...NEVER, kind: "run", childRunId: runId, pipelineId })
    return runId
  }
  const middle = await descend("c_middle")
  const leaf = await descend("c_leaf")
  await cancelRun(driver.store, { runId: top, actor: "ann" })
  for (const runId of [top, middle, leaf]) assert.equal((await driver.runState(runId)).state, "cancelled")
  assert.deepEqual(await driver.claim(), [])
})

test("the sweep cancels a called run whose caller was cancelled before it could wait", async () => {
  await driver.defineAll(["orphan", "orphan_maker"].map((id) => ({ id, tasks: [{ id: "call" }] })))
  const runId = await driver.trigger("orphan_maker")
  const [claim] = await driver.claim()
  await cancelRun(driver.store, { runId, actor: "ann" })
  const child = await callPipeline(driver.store, callOf(claim!, "orphan"))
  await driver.finish(claim!, { kind: "cancelled" })
  await sweepWaits(driver.store)
  assert.equal((await driver.runState(child.runId)).state, "cancelled")
})

test("calls that go too deep or would wait for themselves end with the line of callers", async () => {
  await driver.define({ id: "selfish", tasks: [{ id: "call" }] })
  await driver.trigger("selfish")
  const [claim] = await driver.claim()
  await assert.rejects(callPipeline(driver.store, callOf(claim!, "selfish")), {
    code: "run.too_deep",
    message: /wait for itself: selfish → selfish/,
  })
  await driver.finish(claim!)

  await driver.define({ id: "endless", maxActiveRuns: 100, tasks: [{ id: "call" }] })
  await driver.trigger("endless")
  for (let depth = 0; ; depth++) {
    const [next] = await driver.claim()
    const outcome = await callPipeline(driver.store, callOf(next!, "endless")).catch((error: unknown) => error)
    await driver.finish(next!)
    if (!(outcome instanceof Error)) continue
    assert.match(outcome.message, /8 levels deep/)
    assert.equal(depth, 8)
    break
  }
})

test("instances of a mapped task wait and end each for itself", async () => {
  const map = { over: ["a", "b", "c"], label: null, limit: 10, maxActive: null, tolerance: { count: 0 } }
  await driver.define({
    id: "asked_each",
    tasks: [
      { id: "ask", map },
      { id: "next", upstream: ["ask"] },
    ],
  })
  const runId = await driver.trigger("asked_each")
  const [one, two, three] = await driver.claim()
  await putOff(one!, APPROVAL)
  await putOff(two!, APPROVAL)
  await putOff(three!, { ...APPROVAL, onTimeout: "skip", expiresAt: DUE })
  await wakeDeferrals(driver.store)
  for (const claim of [one, two]) {
    const { taskRunId } = claim!
    await decideApproval(driver.store, { taskRunId, decision: "approved", comment: "", actor: "ann", now: new Date() })
  }
  assert.deepEqual(await driver.drive(), ["ask", "ask", "next"])
  assert.deepEqual(await driver.runState(runId), { state: "success", unfinished: 0, failedTaskId: null })
})

function callOf(claim: Claim, pipelineId: string) {
  return {
    taskRunId: claim.taskRunId as TaskRunId,
    generation: claim.generation,
    caller: { runId: claim.runId, pipelineId: claim.pipelineId, taskId: claim.taskId },
    pipelineId,
    params: {},
    logicalAt: claim.logicalAt,
    data: null,
    isAwaited: true,
  }
}
