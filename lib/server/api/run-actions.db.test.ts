import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import type { Page } from "#lib/contracts/api/common.ts"
import type { DeadlineView } from "#lib/contracts/api/deadlines.ts"
import type { BulkResult, RunDetail, RunEffect } from "#lib/contracts/api/runs.ts"
import { TestApi } from "#test/api-client.ts"
import { makePipeline, makeRun } from "#test/factories.ts"
import { log } from "../log.ts"

log.level = "silent"
let t: TestApi
before(async () => {
  t = await TestApi.open()
})
after(() => t.close())

const TASKS = [{ id: "load" }, { id: "mart", upstream: ["load"] }]

function failedRun(pipeline: Awaited<ReturnType<typeof makePipeline>>) {
  return makeRun(t.store.pool, { pipeline, state: "failed", tasks: { load: "failed", mart: "upstream_failed" } })
}

test("marks a whole run, says how to take that back, and takes it back once", async () => {
  const run = await failedRun(await makePipeline(t.store.pool, { tasks: TASKS }))
  const effect = await t.post<RunEffect>(`/runs/${run.id}/mark`, { state: "success" })
  assert.equal((await t.get<RunDetail>(`/runs/${run.id}`)).state, "success")
  const undone = await t.post<RunEffect>(`/runs/${run.id}/mark/undo`, { undoId: effect.undoId })
  assert.match(undone.text, /2 tasks of run \d+ stand as before/)
  assert.equal((await t.get<RunDetail>(`/runs/${run.id}`)).state, "failed")
  const again = await t.send(`/runs/${run.id}/mark/undo`, { undoId: effect.undoId })
  assert.equal(again.status, 404)
})

test("previews and does the same to many runs, and says of each what became of it", async () => {
  const pipeline = await makePipeline(t.store.pool, { tasks: TASKS, maxActiveRuns: 5 })
  const failed = await failedRun(pipeline)
  const good = await makeRun(t.store.pool, { pipeline, state: "success", tasks: true })
  const body = { action: "retry", runIds: [failed.id, good.id] }
  const preview = await t.post<BulkResult>("/runs/bulk", { ...body, dryRun: true })
  assert.equal(preview.text, "Runs 2 tasks of 1 run again. 1 run cannot be changed so.")
  assert.equal((await t.get<RunDetail>(`/runs/${failed.id}`)).state, "failed")
  const result = await t.post<BulkResult>("/runs/bulk", body)
  assert.deepEqual(
    result.items.map((item) => item.ok),
    [true, false],
  )
  assert.equal((await t.get<RunDetail>(`/runs/${failed.id}`)).state, "running")
  const tooMany = await t.send("/runs/bulk", { action: "retry", runIds: Array.from({ length: 501 }, (_, n) => `${n}`) })
  assert.equal(tooMany.status, 400)
})

test("refuses to move a run that has the newest version already", async () => {
  const run = await failedRun(await makePipeline(t.store.pool, { tasks: TASKS }))
  const refused = await t.send(`/runs/${run.id}/repin`, {})
  assert.equal(refused.status, 409)
})

test("lists missed deadlines by pipeline, and all of a run", async () => {
  const rule = { kind: "within" as const, ms: 60_000, of: "started" as const }
  const pipeline = await makePipeline(t.store.pool, { deadlines: [{ key: "within", rule, notify: "oncall" }] })
  const { id } = await t.post<RunDetail>("/runs", { pipelineId: pipeline.id })
  const list = (query: string) => t.get<Page<DeadlineView>>(`/deadlines?${query}`)
  assert.deepEqual((await list(`pipelineId=${pipeline.id}`)).items, [])
  assert.equal((await list(`runId=${id}`)).items[0]!.state, "pending")
  await t.store.pool.query(
    `update deadline set state = 'missed', missed_at = now(), message = 'It is late.'
     where run_id = $1`,
    [id],
  )
  const [missed] = (await list(`pipelineId=${pipeline.id}`)).items
  assert.deepEqual(
    [missed!.runId, missed!.text, missed!.state, missed!.channel, missed!.delivery],
    [id, "ended within 1m of the start", "missed", "oncall", "none"],
  )
})

test("a task run that waits for its past names the run that it waits for", async () => {
  const tasks = [{ id: "load", dependsOnPast: true }]
  const pipeline = await makePipeline(t.store.pool, { tasks, maxActiveRuns: 5 })
  const earlier = await makeRun(t.store.pool, { pipeline, kind: "schedule", state: "failed", tasks: true })
  const run = await makeRun(t.store.pool, { pipeline, kind: "schedule", state: "failed", tasks: true })
  await t.post(`/runs/${run.id}/retry`)
  const [taskRun] = (await t.get<RunDetail>(`/runs/${run.id}`)).taskRuns
  assert.deepEqual(taskRun!.blockedBy, { runId: earlier.id, taskId: "load", state: "failed" })
  assert.match(taskRun!.reason ?? "", /Waits for its past/)
  assert.equal(taskRun!.state, "pending")
})
