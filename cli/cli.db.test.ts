import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import { text } from "node:stream/consumers"
import { after, before, test } from "node:test"
import { NO_TRIGGERS } from "#lib/contracts/manifest-schedule.ts"
import { cronSchedule } from "#lib/domain/schedule.ts"
import { log } from "#lib/server/log.ts"
import { createProcessMeter } from "#lib/server/metrics/process-meter.ts"
import { createMetricsHandler } from "#lib/server/metrics/serve-metrics.ts"
import { announce } from "#lib/store/notify.ts"
import { TestApi } from "#test/api-client.ts"
import { serveApi } from "#test/api-server.ts"
import {
  makeAttempt,
  makeDataset,
  makeDeferral,
  makeLogLines,
  makePipeline,
  makeProblem,
  makeRun,
  makeTaskRun,
  makeWorker,
} from "#test/factories.ts"

log.level = "silent"
const MAIN = path.join(import.meta.dirname, "headrace.mjs")
let t: TestApi
let server: Awaited<ReturnType<typeof serveApi>>
let home: string
before(async () => {
  t = await TestApi.open()
  const metrics = createMetricsHandler({
    config: { host: "127.0.0.1", metricsToken: null, metricsLimit: 100 },
    store: async () => t.store,
    meter: createProcessMeter(),
  })
  server = await serveApi({
    fetch: (request) => (new URL(request.url).pathname === "/api/metrics" ? metrics(request) : t.api.fetch(request)),
  })
  home = await mkdtemp(path.join(os.tmpdir(), "headrace cli "))
})
after(async () => {
  await server.close()
  await t.close()
  await rm(home, { recursive: true })
})

interface Outcome {
  code: number | null
  out: string
  err: string
}

/** The program as people start it, in an environment that knows nothing but what is given. */
async function headrace(args: string[], env: Record<string, string> = { HEADRACE_URL: server.url }): Promise<Outcome> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    // The cast: Next's types claim that NODE_ENV is always set.
    env: { PATH: process.env.PATH ?? "", HEADRACE_HOME: home, ...env } as unknown as NodeJS.ProcessEnv,
    stdio: ["ignore", "pipe", "pipe"],
  })
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")])
  return { code: code as number | null, out, err }
}

test("starts a run with typed params and prints it for people or programs", async () => {
  await makePipeline(t.store.pool, {
    id: "typed",
    params: { type: "object", properties: { day: { type: "string" }, limit: { type: "integer" } } },
  })
  const { code, out } = await headrace([
    "run",
    "typed",
    "-p",
    "day=2026-01-01",
    "-p",
    "limit=3",
    "--note",
    "x",
    "--json",
  ])
  assert.equal(code, 0)
  const run = JSON.parse(out) as { id: string; params: object; note: string }
  assert.deepEqual([run.params, run.note], [{ day: "2026-01-01", limit: 3 }, "x"])
  const shown = await headrace(["show", run.id])
  assert.match(shown.out, /Run \d+ of typed \(version 1\): running/)
})

test("lists what waits, and gives an approval once", async () => {
  const pipeline = await makePipeline(t.store.pool, { id: "asking", tasks: [{ id: "ask" }] })
  const run = await makeRun(t.store.pool, { pipeline, state: "running", tasks: { ask: "deferred" } })
  const request = { title: "Publish?", approvers: ["ann", "bob"] }
  await makeDeferral(t.store.pool, { taskRunId: run.taskRunIds.ask!, runId: run.id }, { kind: "approval", request })
  assert.match((await headrace(["approvals"])).out, new RegExp(`${run.id} +asking +ask .* ann, bob +Publish\\?`))
  assert.match((await headrace(["waits", "--kind", "approval"])).out, /asking/)
  assert.match((await headrace(["waits", "--kind", "poll"])).out, /Nothing waits/)
  const approved = await headrace(["approve", run.id, "ask", "--comment", "fine"])
  assert.deepEqual([approved.code, approved.out], [0, `Task ask of run ${run.id} is approved.\n`])
  const again = await headrace(["approve", run.id, "ask", "--reject"])
  assert.equal(again.code, 1)
  assert.match(again.err, /does not wait for an approval/)
  assert.equal((await headrace(["approve", run.id, "nope"])).code, 1)
})

test("ends with 1 and the server's advice when it refuses", async () => {
  const { code, out, err } = await headrace(["run", "nope"])
  assert.deepEqual([code, out], [1, ""])
  assert.match(err, /There is no pipeline nope/)
})

test("ends with 2 when the command line is wrong", async () => {
  for (const args of [
    ["run"],
    ["nonsense"],
    ["show", "abc"],
    ["run", "typed", "-p", "day"],
    ["run", "x", "--from", "soon"],
  ]) {
    const { code, err } = await headrace(args)
    assert.equal(code, 2, args.join(" "))
    assert.ok(err.length > 0)
  }
})

test("ends with 3 when nothing answers, and says how to start it", async () => {
  const { code, err } = await headrace(["runs", "--url", "http://127.0.0.1:9"], {})
  assert.equal(code, 3)
  assert.match(err, /npm start/)
})

test("finds the address that npm start left behind", async () => {
  const state = { url: server.url, pid: process.pid, children: [], environment: {} }
  await writeFile(path.join(home, "state.json"), JSON.stringify(state), { mode: 0o600 })
  const { code, out } = await headrace(["pipelines", "--json"], {})
  await rm(path.join(home, "state.json"))
  assert.equal(code, 0)
  assert.ok(Array.isArray((JSON.parse(out) as { items: unknown[] }).items))
})

test("follows a run to its end, and ends with 1 when it failed", async () => {
  const pool = t.store.pool
  const pipeline = await makePipeline(pool, { id: "followed", tasks: [{ id: "load" }] })
  const waiting = headrace(["run", pipeline.id, "--wait"])
  const id = await eventually(async () => {
    const { rows } = await pool.query<{ id: string }>("select id from run where pipeline_id = 'followed'")
    return rows[0]?.id
  })
  // What the worker would write.
  const taskRun = (await pool.query<{ id: string }>("select id from task_run where run_id = $1", [id])).rows[0]!
  await makeAttempt(pool, {
    taskRun: { id: taskRun.id, runId: id, taskId: "load", state: "failed", position: 0 },
    state: "failed",
  })
  await pool.query(
    "update task_run set state = 'failed', attempt_count = 1, started_at = now(), finished_at = now() where id = $1",
    [taskRun.id],
  )
  await pool.query(
    "update run set state = 'failed', unfinished = 0, finished_at = now(), failed_task_id = 'load' where id = $1",
    [id],
  )
  const { code, out, err } = await waiting
  assert.equal(code, 1)
  assert.match(out, /load\s+failed/)
  assert.match(err, /The column "discount" does not exist/)
  assert.match(err, new RegExp(`headrace logs ${id} load`))
})

test("prints the log of one instance of a mapped task, and says which there are", async () => {
  const pool = t.store.pool
  const pipeline = await makePipeline(pool, { tasks: [{ id: "each" }] })
  const run = await makeRun(pool, { pipeline, state: "success" })
  const mapped = await makeTaskRun(pool, { pipeline, run, taskId: "each" })
  await pool.query("insert into mapped_task (task_run_id, total, success, next_index) values ($1, 2, 2, 2)", [
    mapped.id,
  ])
  for (const mapIndex of [0, 1]) {
    const instance = await makeTaskRun(pool, { pipeline, run, taskId: "each", mapIndex })
    const attempt = await makeAttempt(pool, { taskRun: instance })
    await makeLogLines(pool, { attemptId: attempt.id, lines: [`instance ${mapIndex}`] })
  }
  assert.match((await headrace(["logs", run.id, "each", "--map-index", "1"])).out, /INFO {2}instance 1\n$/)
  const whole = await headrace(["logs", run.id, "each"])
  assert.equal(whole.code, 2)
  assert.match(whole.err, /Task each is mapped; name one of its instances with --map-index 0 to 1/)
  const none = await headrace(["logs", run.id, "each", "--map-index", "7"])
  assert.equal(none.code, 1)
  assert.match(none.err, /has no instance 7; it has 2/)
  const cleared = await headrace(["clear", run.id, "each", "--map-index", "x"])
  assert.match(cleared.err, /names no instances; write --map-index 3 or 3,7/)
})

test("prints logs of one task or all, searched, and without control characters", async () => {
  const pool = t.store.pool
  const pipeline = await makePipeline(pool, { tasks: [{ id: "a" }, { id: "b" }] })
  const run = await makeRun(pool, { pipeline, state: "success" })
  for (const taskId of ["a", "b"]) {
    const attempt = await makeAttempt(pool, { taskRun: await makeTaskRun(pool, { pipeline, run, taskId }) })
    await makeLogLines(pool, {
      attemptId: attempt.id,
      lines: [`${taskId} \u001b[2Jone`, { level: "error", message: "two" }],
    })
  }
  const all = await headrace(["logs", run.id])
  assert.match(all.out, /^\[a\] .* INFO {2}a \ufffd\[2Jone\n\[a\] .* ERROR two\n\[b\] /)
  const one = await headrace(["logs", run.id, "b", "--level", "error", "--json"])
  assert.deepEqual(
    one.out
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { message: string }).message),
    ["two"],
  )
  assert.equal((await headrace(["logs", run.id, "c"])).code, 1)
})

test("follows the log of a run until the run ends", async () => {
  const pool = t.store.pool
  const pipeline = await makePipeline(pool)
  const run = await makeRun(pool, { pipeline, state: "running", tasks: { only: "running" } })
  const attempt = (await pool.query<{ id: string }>("select id from attempt where run_id = $1", [run.id])).rows[0]!
  const child = spawn(process.execPath, [MAIN, "logs", run.id, "-f", "--url", server.url], {
    stdio: ["ignore", "pipe", "pipe"],
  })
  const lines = child.stdout.setEncoding("utf8")[Symbol.asyncIterator]() as AsyncIterator<string>
  for (const message of ["first", "second"]) {
    await makeLogLines(pool, { attemptId: attempt.id, lines: [message] })
    await announce(pool, [{ type: "log", attemptId: attempt.id, runId: run.id, lines: 1 }])
    assert.match((await lines.next()).value as string, new RegExp(`INFO  ${message}`))
  }
  await pool.query("update task_run set state = 'success', fence = null, finished_at = now() where run_id = $1", [
    run.id,
  ])
  await pool.query("update attempt set state = 'success', finished_at = now() where id = $1", [attempt.id])
  await pool.query("update run set state = 'success', unfinished = 0, finished_at = now() where id = $1", [run.id])
  const id = run.taskRunIds.only!
  await announce(pool, [
    { type: "task_run", id, runId: run.id, pipelineId: pipeline.id, taskId: "only", state: "success" },
  ])
  const [code] = await once(child, "close")
  assert.equal(code, 0)
})

test("retries, clears, cancels and pauses", async () => {
  const pool = t.store.pool
  const pipeline = await makePipeline(pool, { id: "acted_on", tasks: [{ id: "a" }, { id: "b", upstream: ["a"] }] })
  const run = await makeRun(pool, { pipeline, state: "failed", tasks: { a: "failed", b: "upstream_failed" } })
  const preview = await headrace(["retry", run.id, "--dry-run", "--json"])
  assert.deepEqual((JSON.parse(preview.out) as { taskIds: string[] }).taskIds, ["a", "b"])
  const cleared = await headrace(["clear", run.id, "a", "--no-downstream"])
  assert.match(cleared.out, /Runs task a of run/)
  assert.match((await headrace(["cancel", run.id])).out, /is cancelled/)
  assert.match((await headrace(["pause", "acted_on"])).out, /paused/)
  assert.match((await headrace(["unpause", "acted_on"])).out, /on/)
})

test("shows what a backfill would do, and starts it", async () => {
  await makePipeline(t.store.pool, { id: "daily_part", partition: "day" })
  const range = ["backfill", "daily_part", "--from", "2026-01-01", "--to", "2026-01-03"]
  const preview = await headrace([...range, "--dry-run"])
  assert.match(preview.out, /2026-01-02 +create +missing +never loaded/)
  assert.match(preview.out, /Would run 3 and skip 0/)
  const started = await headrace([...range, "--concurrency", "2", "--json"])
  assert.equal((JSON.parse(started.out) as { concurrency: number }).concurrency, 2)
  const { id } = JSON.parse(started.out) as { id: string }
  assert.match((await headrace(["backfills"])).out, /daily_part/)
  assert.match((await headrace(["backfills", "show", id])).out, /2026-01-02 +running/)
  assert.match((await headrace(["backfills", "pause", id])).out, /paused, 0\/3 done/)
  assert.match((await headrace(["backfills", "set", id, "--concurrency", "3"])).out, /3 at a time/)
  assert.match((await headrace(["backfills", "resume", id])).out, /running, 0\/3 done, 0 failed, 3 running/)
  assert.match((await headrace(["backfills", "cancel", id])).out, /cancelled/)
  assert.match((await headrace(["backfills", "rerun-failed", id])).out, /running/)
  const named = ["backfill", "daily_part", "--partitions", "2026-02-01..2026-02-02,2026-02-05", "--dry-run"]
  assert.match((await headrace(named)).out, /Would run 3/)
  assert.match((await headrace([...named, "--per-run", "2"])).out, /Would run 3 with 2 runs/)
  assert.match((await headrace(["backfill", "daily_part"])).err, /Say what to load/)
  assert.equal((await headrace(["backfill", "daily_part", "--from", "2026-01-01"])).code, 2)
  const shown = await headrace(["backfills", "show", id, "--state", "running", "--limit", "1"])
  assert.match(shown.out, /There are more/)
  assert.doesNotMatch(shown.out, /2026-01-02/)
})

test("lists runs and datasets as tables", async () => {
  await makeDataset(t.store.pool, { id: "warehouse.marts.listed", rowCount: 1_234_567 })
  assert.match((await headrace(["datasets"])).out, /warehouse\.marts\.listed +1,234,567/)
  assert.match((await headrace(["runs", "--limit", "3"])).out, /^RUN +PIPELINE/)
  assert.match((await headrace(["runs", "--search", "no such run"])).out, /No runs match/)
})

test("shows a dataset, and follows it and its columns", async () => {
  await makeDataset(t.store.pool, { id: "warehouse.marts.seen", description: "What was seen", owner: "Ada" })
  const shown = await headrace(["datasets", "show", "marts.seen"])
  assert.match(shown.out, /What was seen/)
  assert.match(shown.out, /owner Ada/)
  assert.match(shown.out, /id +bigint/)
  assert.match((await headrace(["datasets", "show", "marts.seen", "--sql"])).out, /No query is known/)
  assert.match((await headrace(["lineage", "marts.seen"])).out, /• +warehouse\.marts\.seen/)
  const column = await headrace(["lineage", "marts.seen.id", "--down"])
  assert.match(column.out, /nothing fails/)
  assert.doesNotMatch(column.out, /Comes from/)
  const json = JSON.parse((await headrace(["lineage", "marts.seen.id", "--json"])).out) as { column: string }
  assert.equal(json.column, "id")
  const missing = await headrace(["lineage", "marts.never.id"])
  assert.equal(missing.code, 1)
  assert.match(missing.err, /no dataset warehouse\.marts\.never/)
})

test("shows a dataset and its lineage as of a version", async () => {
  const kept = "warehouse.marts.kept"
  const pipeline = await makePipeline(t.store.pool, {
    tasks: [{ id: "kept", reads: ["warehouse.raw.then"], writes: [kept] }],
  })
  await makeDataset(t.store.pool, { id: kept, pipelineId: pipeline.id })
  await t.store.pool.query(
    `insert into dataset_version (version_id, dataset_id, compiled_sql, compiled_at) values ($1, $2, 'select 1', now())`,
    [pipeline.versionId, kept],
  )
  const versions = await headrace(["datasets", "versions", "marts.kept"])
  assert.match(versions.out, new RegExp(`1 +${pipeline.id} .*first known \\(holds now\\)`))
  const shown = await headrace(["datasets", "show", "marts.kept", "--version", "1"])
  assert.match(shown.out, new RegExp(`kept as of version 1 of ${pipeline.id}, saved`))
  assert.match(shown.out, /Made from warehouse\.raw\.then/)
  assert.equal((await headrace(["datasets", "show", "marts.kept", "--sql", "--version", "1"])).out.trim(), "select 1")
  assert.match((await headrace(["lineage", "marts.kept", "--version", "1"])).out, /-1 +warehouse\.raw\.then/)
  const column = await headrace(["lineage", "marts.kept.id", "--version", "1"])
  assert.match(column.out, /Goes into/)
  assert.doesNotMatch(column.out, /If it goes/)
  const missing = await headrace(["lineage", "marts.kept", "--version", "7"])
  assert.deepEqual([missing.code, /has no version 7/.test(missing.err)], [1, true])
  assert.match((await headrace(["--version"])).out, /^\d+\.\d+/)
})

test("tells what changed since a run went well, and finds lines of logs", async () => {
  const pipeline = await makePipeline(t.store.pool, { tasks: [{ id: "load" }] })
  await makeRun(t.store.pool, { pipeline, params: { day: 1 } })
  const run = await makeRun(t.store.pool, { pipeline, state: "failed", params: { day: 2 } })
  const attempt = await makeAttempt(t.store.pool, {
    taskRun: await makeTaskRun(t.store.pool, { run, pipeline, state: "failed" }),
    state: "failed",
  })
  await makeLogLines(t.store.pool, { attemptId: attempt.id, lines: ["a needle in here"] })
  assert.match((await headrace(["changes", run.id])).out, /80 +params +day +Parameter day is 2 instead of 1\./)
  assert.match((await headrace(["search", "NEEDLE"])).out, /1 info a needle in here\n\nSearched \d+ lines of/)
  assert.match((await headrace(["search", "no such text"])).out, /^Nothing found/)
  assert.equal((await headrace(["triage", "999"])).code, 1)
})

test("lists anomalies, learns that one is fine, and shows what is measured and what changed", async () => {
  const dataset = await makeDataset(t.store.pool, { id: "warehouse.marts.measured" })
  await t.store.pool.query(
    `with point as (
       insert into metric_point (dataset_id, metric, value, state, expected, lower, upper)
       values ($1, 'row_count', 12, 'unusual', 1000, 950, 1050) returning *
     ), told as (
       insert into schema_change (dataset_id, before, after, state, is_breaking, changes)
       values ($1, '[]', '[]', 'told', true, '[{"kind":"removed","column":"total","from":"numeric","to":null,"isBreaking":true}]')
     )
     insert into anomaly (dataset_id, metric, at, value, expected, lower, upper, rule, point_id)
     select dataset_id, metric, at, value, expected, lower, upper, 'zscore', id from point`,
    [dataset],
  )
  const listed = await headrace(["anomalies", "--dataset", "marts.measured"])
  assert.match(listed.out, /marts\.measured {2}row_count .* 12 {5}950 to 1,050 {2}open/)
  const id = /^(\d+)/m.exec(listed.out)![1]!
  assert.match((await headrace(["anomalies", "fine", id, "--shift", "--note", "moved"])).out, /fine \(shift\)/)
  assert.match((await headrace(["anomalies", "undo", id])).out, /open/)
  assert.match((await headrace(["series", "marts.measured"])).out, /row_count {2}– {7}table {2}1 /)
  const points = await headrace(["series", "marts.measured", "--metric", "row_count"])
  assert.match(points.out + points.err, /950 to 1,050 {2}new/)
  const schema = await headrace(["schema", "marts.measured"])
  assert.deepEqual([schema.code, /breaking {2}total is gone \(numeric\)/.test(schema.out)], [0, true])
})

test("makes, changes, lists and deletes pools", async () => {
  const made = await headrace(["pools", "set", "warehouse", "4", "--description", "loads at a time"])
  assert.match(made.out, /warehouse +4 +0 +0/)
  await headrace(["pools", "set", "warehouse", "2"])
  const listed = JSON.parse((await headrace(["pools", "--json"])).out) as {
    items: { name: string; capacity: number }[]
  }
  assert.deepEqual(
    listed.items.map(({ name, capacity }) => [name, capacity]),
    [["warehouse", 2]],
  )
  assert.equal((await headrace(["pools", "set", "warehouse", "many"])).code, 2)
  assert.match((await headrace(["pools", "delete", "warehouse"])).out, /is deleted/)
  const missing = await headrace(["pools", "delete", "warehouse"])
  assert.equal(missing.code, 1)
  assert.match(missing.err, /no pool warehouse/)
})

test("prints the newest runs side by side, and what waits", async () => {
  const pipeline = await makePipeline(t.store.pool, { id: "side_by_side", tasks: [{ id: "first" }, { id: "second" }] })
  await makeRun(t.store.pool, { pipeline, tasks: true })
  await makeRun(t.store.pool, { pipeline, state: "failed", tasks: { first: "failed", second: "upstream_failed" } })
  const { out } = await headrace(["grid", "side_by_side", "--runs", "5"])
  assert.match(out, /first +\.F\n/)
  assert.match(out, /second +\.U\n/)
  assert.match((await headrace(["grid", "side_by_side", "--state", "cancelled"])).out, /No runs match/)
  assert.match((await headrace(["queue"])).out, /waiting for a worker/)
})

test("checks a workspace without a server, naming file and line of each error", async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), "headrace workspace "))
  await mkdir(path.join(folder, "pipelines"))
  await writeFile(path.join(folder, "pipelines/broken.ts"), "export default 1 +\n")
  const broken = await headrace(["validate", folder], {})
  assert.equal(broken.code, 1)
  assert.match(broken.out, /pipelines\/broken\.ts:\d+(:\d+)?: error: .+\[syntax\]/)
  await rm(folder, { recursive: true })
  const gone = await headrace(["validate", folder, "--json"], {})
  assert.equal(gone.code, 1)
  assert.match(gone.err, /cannot be read/)
})

test("prints metrics as they are read by Prometheus, or some of them as data", async () => {
  await makePipeline(t.store.pool, { id: "with_metrics", owner: 'The "A" team' })
  const all = await headrace(["metrics"])
  assert.match(all.out, /^# TYPE pipeline_runs_total counter$/m)
  const { out } = await headrace(["metrics", "pipeline_info", "--json"])
  const { samples } = JSON.parse(out) as { samples: { name: string; labels: Record<string, string>; value: string }[] }
  const labels = { pipeline_name: "with_metrics", owner: 'The "A" team', version: "1" }
  assert.deepEqual(
    samples.find((sample) => sample.labels.pipeline_name === "with_metrics"),
    { name: "pipeline_info", labels, value: "1" },
  )
  assert.match((await headrace(["metrics", "nothing_like_it"])).out, /No metric has/)
})

test("diagnoses: well, without a worker, with a broken workspace, and without a server", async () => {
  const states = async (env?: Record<string, string>) => {
    const { code, out } = await headrace(["doctor", "--json"], env)
    const { findings } = JSON.parse(out) as { findings: { name: string; state: string; advice: string | null }[] }
    for (const finding of findings) assert.equal(finding.advice === null, finding.state === "ok")
    return { code, bad: findings.filter((finding) => finding.state === "failed").map((finding) => finding.name) }
  }
  assert.deepEqual(await states(), { code: 1, bad: ["workers"] })
  await makeWorker(t.store.pool)
  assert.deepEqual(await states(), { code: 0, bad: [] })
  await makeProblem(t.store.pool)
  assert.deepEqual(await states(), { code: 1, bad: ["workspace"] })
  assert.deepEqual(await states({ HEADRACE_URL: "http://127.0.0.1:9" }), { code: 3, bad: ["server"] })
})

/** What `look` finds as soon as it finds something. */
async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    await new Promise((resolve) => setImmediate(resolve))
  }
}

test("adds, lists, tests, switches and removes a webhook", async () => {
  const added = await headrace(["webhooks", "add", "https://ops.example/hook", "-e", "run.failed", "-e", "task_run.*"])
  assert.equal(added.code, 0, added.err)
  const [, id] = /Webhook (\d+) is on[\s\S]*whsec_/.exec(added.out)!
  const list = await headrace(["webhooks"])
  assert.match(list.out, /https:\/\/ops\.example\/hook +run\.failed task_run\.\* +all/)
  assert.ok(!list.out.includes("whsec_"))
  assert.equal((await headrace(["webhooks", "test", id!])).code, 0)
  const sent = await headrace(["webhooks", "deliveries", id!])
  assert.match(sent.out, /webhook\.test/)
  const [, delivery] = /^(\d+) +webhook\.test/m.exec(sent.out)!
  assert.match((await headrace(["webhooks", "redeliver", delivery!])).out, /on its way again/)
  assert.match((await headrace(["webhooks", "disable", id!])).out, /is off/)
  assert.match((await headrace(["webhooks", "remove", id!])).out, /is removed/)
  const wrong = await headrace(["webhooks", "add", "https://ops.example/hook", "-e", "run.exploded"])
  assert.equal(wrong.code, 1)
  assert.match(wrong.err, /body\.events\.0/)
})

test("lists what schedules start next, with what clock changes do, and sends events", async () => {
  const timed = { ...cronSchedule("30 2 * * *", "Europe/Berlin") }
  const triggers = { ...NO_TRIGGERS, events: ["file.arrived"] }
  await makePipeline(t.store.pool, { id: "timed", schedules: [timed], triggers })
  await t.store.pool.query(
    "insert into trigger_subscription (pipeline_id, source, name) values ('timed', 'event', 'file.arrived')",
  )
  const next = await headrace(["next", "timed", "-n", "2", "--from", "2026-03-28T12:00:00Z"])
  assert.equal(next.code, 0, next.err)
  assert.match(
    next.out,
    /2026-03-29 01:00:00Z +2026-03-29 03:00 \+02:00 +At 02:30 \(Europe\/Berlin\) +.*does not exist/,
  )
  assert.match(next.out, /It also runs on the event file\.arrived\./)
  assert.match((await headrace(["send", "file.arrived", "-p", "path=a.csv"])).out, /timed runs\./)
  const { rows } = await t.store.pool.query("select payload from trigger_arrival where pipeline_id = 'timed'")
  assert.deepEqual(rows, [{ payload: { path: "a.csv" } }])
  const nobody = await headrace(["send", "nobody"])
  assert.deepEqual([nobody.code, /No pipeline waits for the event nobody/.test(nobody.err)], [1, true])
  assert.equal((await headrace(["send", "file.arrived", "--payload", "[1]"])).code, 2)
})

test("retries and cancels several runs, marks one and takes that back", async () => {
  const tasks = [{ id: "load" }, { id: "mart", upstream: ["load"] }]
  const pipeline = await makePipeline(t.store.pool, { tasks, maxActiveRuns: 9 })
  const failed = () =>
    makeRun(t.store.pool, { pipeline, state: "failed", tasks: { load: "failed", mart: "upstream_failed" } })
  const [one, two, three] = [await failed(), await failed(), await failed()]
  const marked = await headrace(["mark", three.id, "success"])
  assert.match(marked.out, /Marks 2 tasks of run \d+ as success\.\nTake it back with: headrace unmark \d+ \d+/)
  const [, mark] = /unmark \d+ (\d+)/.exec(marked.out) ?? []
  assert.match((await headrace(["unmark", three.id, mark!])).out, /stand as before the mark/)
  const retried = await headrace(["retry", one.id, two.id, three.id])
  assert.match(retried.out, /Runs 6 tasks of 3 runs again\./)
  const preview = await headrace(["cancel", one.id, two.id, "--dry-run"])
  assert.match(preview.out, /Stops 4 tasks of 2 runs\. \(Dry run: nothing was changed\.\)/)
  await headrace(["cancel", one.id, two.id, three.id])
  const again = await headrace(["cancel", one.id, two.id])
  assert.deepEqual([again.code, /None of 2 runs/.test(again.out)], [1, true])
  assert.equal((await headrace(["repin", one.id])).code, 1)
})

test("lists missed deadlines", async () => {
  const { code, out } = await headrace(["deadlines"])
  assert.deepEqual([code, out.includes("No deadline was missed.")], [0, true])
})

test("acts on incidents, and says who is told of them", async () => {
  await t.store.pool.query(
    `insert into incident (key, kind, title, severity, pipeline_id, task_id)
     values ('failure:x', 'pipeline_failure', 'Column tier is gone', 'critical', 'daily_etl', 'load')`,
  )
  await t.store.pool.query(
    "insert into alert_channel (id, kind, variable, origin, created_by) values ('ops', 'slack', 'ops', 'environment', 'x')",
  )
  const list = await headrace(["incidents"])
  const [, id] = /^(\d+) +critical +open +daily_etl\/load .*Column tier is gone$/m.exec(list.out)!
  assert.equal(
    (await headrace(["incidents", "assign", "Mira", id!])).out,
    `Incident ${id} is open: Column tier is gone\n`,
  )
  assert.match((await headrace(["incidents", "snooze", "soon", id!])).err, /is no instant/)
  assert.match((await headrace(["incidents", "resolve", id!])).out, /is resolved/)
  assert.match((await headrace(["alerts", "route", "All", "ops", "--severity", "critical"])).out, /Route \d+ tells ops/)
  assert.match((await headrace(["alerts", "silence", "2h", "--reason", "Move", "--tag", "finance"])).out, /Silence \d+/)
  assert.match((await headrace(["alerts"])).out, /^worker-lost +worker_lost +warning +builtin +0 +on/m)
})

test("freshness ends with 1 when something is late, for people or programs", async () => {
  await makeDataset(t.store.pool, { id: "warehouse.marts.punctual" })
  await makeDataset(t.store.pool, { id: "warehouse.marts.tardy" })
  await t.store.pool.query(
    `insert into freshness_status (dataset_id, origin, policy, state, message)
     select id, 'policy', $1, case id when 'warehouse.marts.tardy' then 'error' else 'fresh' end, 'as it is'
     from dataset where id in ('warehouse.marts.tardy', 'warehouse.marts.punctual')`,
    [
      {
        measure: "loads",
        probe: null,
        maxAge: { warnAfterMs: null, errorAfterMs: 1 },
        deadline: null,
        partitions: null,
        everyMs: null,
      },
    ],
  )
  const all = await headrace(["freshness"])
  assert.equal(all.code, 1)
  assert.match(all.out, /marts\.tardy .*error +as it is\n.*marts\.punctual/)
  assert.match(all.err, /1 dataset is late/)
  const json = await headrace(["freshness", "marts.punctual", "--format", "json"])
  assert.equal(json.code, 0)
  assert.equal((JSON.parse(json.out) as { state: string }[])[0]!.state, "fresh")
  const missing = await headrace(["freshness", "marts.never"])
  assert.equal(missing.code, 1)
  assert.match(missing.err, /no freshness policy/)
  assert.equal((await headrace(["freshness", "--fail-on", "never"])).code, 2)
  assert.match((await headrace(["monitors"])).out, /No table has a monitor/)
})
