import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { after, before, test } from "node:test"
import type { Page } from "#lib/contracts/api/common.ts"
import type { RunDetail, TaskRun } from "#lib/contracts/api/runs.ts"
import type { OpenWait } from "#lib/contracts/api/waits.ts"
import { TestApi } from "#test/api-client.ts"
import { makeDeferral, makePipeline, makeRun } from "#test/factories.ts"
import { log } from "../log.ts"

log.level = "silent"
let t: TestApi
before(async () => {
  t = await TestApi.open()
})
after(() => t.close())

/** A running run with a task that waits; gives the task run's id. */
async function waiting(values: Parameters<typeof makeDeferral>[2]): Promise<{ runId: string; taskRunId: string }> {
  const pipeline = await makePipeline(t.store.pool, { tasks: [{ id: "wait" }, { id: "next", upstream: ["wait"] }] })
  const run = await makeRun(t.store.pool, {
    pipeline,
    state: "running",
    tasks: { wait: "deferred", next: "pending" },
  })
  const taskRunId = run.taskRunIds.wait!
  await makeDeferral(t.store.pool, { taskRunId, runId: run.id }, values)
  return { runId: run.id, taskRunId }
}

test("lists waits by kind and run, oldest first, and shows each at its task run", async () => {
  const approval = await waiting({
    kind: "approval",
    request: { title: "Publish?", details: "3 % fewer", approvers: ["ann"] },
  })
  const poll = await waiting({ kind: "poll", polls: 14, wakeAt: new Date("2030-01-01T00:00:00Z") })
  const child = await makeRun(t.store.pool, { state: "running" })
  const run = await waiting({ kind: "run", childRunId: child.id })
  const ids = async (query: string) =>
    (await t.get<Page<OpenWait>>(`/waits?${query}`)).items.map((wait) => wait.taskRunId)
  assert.deepEqual(await ids(""), [approval.taskRunId, poll.taskRunId, run.taskRunId])
  assert.deepEqual(await ids("kind=approval,run"), [approval.taskRunId, run.taskRunId])
  assert.deepEqual(await ids(`runId=${poll.runId}`), [poll.taskRunId])
  const first = await t.get<Page<OpenWait>>("/waits?limit=1")
  assert.deepEqual(await ids(`limit=1&cursor=${first.nextCursor}`), [poll.taskRunId])

  const asked = await t.get<TaskRun>(`/task-runs/${approval.taskRunId}`)
  assert.deepEqual(asked.wait?.approval, { title: "Publish?", details: "3 % fewer", approvers: ["ann"] })
  const { taskRuns } = await t.get<RunDetail>(`/runs/${poll.runId}`)
  assert.deepEqual([taskRuns[0]?.wait?.polls, taskRuns[0]?.wait?.wakeAt], [14, "2030-01-01T00:00:00.000Z"])
  assert.equal(taskRuns[1]?.wait, null)
  const called = await t.get<TaskRun>(`/task-runs/${run.taskRunId}`)
  assert.deepEqual(called.wait?.run, { id: child.id, pipelineId: child.pipelineId, state: "running" })
})

test("an approval is given once, under the name of who gave it", async () => {
  const { runId, taskRunId } = await waiting({ kind: "approval" })
  const answer = { decision: "approve", comment: "looks right" }
  const receipt = await t.post<{ runId: string; decision: string }>(`/approvals/${taskRunId}`, answer)
  assert.deepEqual([receipt.runId, receipt.decision], [runId, "approved"])
  assert.equal((await t.get<TaskRun>(`/task-runs/${taskRunId}`)).state, "ready")
  assert.equal((await t.send(`/approvals/${taskRunId}`, answer)).status, 409)
  const { items } = await t.get<Page<{ type: string; actor: string; data: object }>>(`/runs/${runId}/events`)
  assert.deepEqual(
    items.map(({ type, actor, data }) => ({ type, actor, data })),
    [{ type: "approval.approved", actor: "local owner", data: { taskId: "wait", comment: "looks right" } }],
  )
  assert.equal((await t.send("/approvals/999999", answer)).status, 404)
  const poll = await waiting({ kind: "poll", wakeAt: new Date("2030-01-01T00:00:00Z") })
  assert.equal((await t.send(`/approvals/${poll.taskRunId}`, answer)).status, 409)
  assert.equal((await t.send(`/approvals/${poll.taskRunId}`, { decision: "perhaps" })).status, 400)
})

test("a callback is taken once, from any host, and only by who knows its address", async () => {
  const token = "a".repeat(43)
  const tokenHash = createHash("sha256").update(token).digest("hex")
  const { taskRunId } = await waiting({ kind: "callback", tokenHash })
  const post = (given: string, payload: unknown = { ok: true }) =>
    t.send(`/callbacks/${given}`, payload, { host: "headrace.example", origin: "https://elsewhere.example" })
  assert.equal((await post("b".repeat(43))).status, 404)
  assert.equal((await post("short")).status, 400)
  assert.equal((await post(token, "x".repeat(300_000))).status, 413)
  assert.equal((await post(token, [1, 2])).status, 200)
  assert.equal((await post(token)).status, 404)
  assert.equal((await t.get<TaskRun>(`/task-runs/${taskRunId}`)).state, "ready")
  const { rows } = await t.store.pool.query(
    "select response -> 'payload' as payload from deferral where task_run_id = $1",
    [taskRunId],
  )
  assert.deepEqual(rows[0].payload, [1, 2])
})
