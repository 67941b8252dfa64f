import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import path from "node:path"
import { after, before, test } from "node:test"
import type { AttemptOutcome } from "#lib/actions/plan-attempt-end.ts"
import { taskResultSchema } from "#lib/contracts/task-result.ts"
import { NO_PROMETHEUS, type RunningPrometheus, runPromtool, startPrometheus } from "./prometheus.ts"
import { outcomeOf, RunDriver } from "./run-driver.ts"
import { type ApiProcess, startApi } from "./spawn-api.ts"

/** A real Prometheus with the rules we ship, on a real API process. */
const DEPLOY = path.join(import.meta.dirname, "../deploy/prometheus")
const TABLE = "warehouse.marts.orders"

let t: RunDriver
let api: ApiProcess
let prometheus: RunningPrometheus

before(async () => {
  if (NO_PROMETHEUS) return
  t = await RunDriver.open()
  api = await startApi({ DATABASE_URL: t.database.url, HEADRACE_WAREHOUSE_URL: t.database.warehouseUrl })
  prometheus = await startPrometheus(new URL(api.url).host, quickRules())
})
after(async () => {
  await prometheus?.stop()
  await api?.stop()
  await t?.close()
})

/** Our rules with an hour taken as 4 s, seven days as 20 s, and without the patience that keeps people's nights quiet. */
function quickRules(): string {
  const text = readFileSync(path.join(DEPLOY, "headrace.rules.yml"), "utf8")
  return text
    .replaceAll("[7d:10m]", "[20s:500ms]")
    .replaceAll("[7d]", "[20s]")
    .replaceAll("[1h]", "[4s]")
    .replaceAll("offset 1h", "offset 4s")
    .replace(/^ +(for|interval): .*\n/gm, "")
}

/** A run of `orders` that seems to have taken so long and loads so many rows. */
async function run(seconds: number, rowsInserted: number, isGood = true): Promise<void> {
  const runId = await t.trigger("orders")
  await t.store.pool.query("update run set started_at = now() - make_interval(secs => $2) where id = $1", [
    runId,
    seconds,
  ])
  const materializations = [{ dataset: TABLE, rowsInserted, durationSeconds: 1 }]
  const done: AttemptOutcome = { kind: "success", result: taskResultSchema.parse({ materializations }) }
  for (const claim of await t.claim()) await t.finish(claim, isGood ? done : outcomeOf("fail"))
}

const firing = (names: string[]) =>
  prometheus.until('count by (alertname) (ALERTS{alertstate="firing"})', (samples) => {
    const found = samples.map(({ metric }) => metric.alertname!.replace("Headrace", "")).sort()
    return JSON.stringify(found) === JSON.stringify([...names].sort())
  })

test("rules and example configuration are valid", { skip: NO_PROMETHEUS }, () => {
  runPromtool(["check", "rules", path.join(DEPLOY, "headrace.rules.yml")])
  runPromtool(["check", "config", path.join(DEPLOY, "prometheus.yml")])
})

test("rules fire and clear as their tests say", { skip: NO_PROMETHEUS }, () => {
  runPromtool(["test", "rules", ...["rules", "averages"].map((name) => path.join(DEPLOY, `headrace.${name}.test.yml`))])
})

test("Prometheus takes what we say, and each of the five alerts fires and clears", {
  skip: NO_PROMETHEUS,
}, async () => {
  await t.defineAll([{ id: "orders" }, { id: "other" }])
  await t.store.pool.query("insert into worker (id, host, pid, version, slots) values ('driver', 'here', 1, '1', 4)")
  for (let n = 1; n <= 6; n++) {
    await run(60, 1_000 + 10 * (n % 2))
    await prometheus.until('pipeline_runs_total{pipeline_name="orders",status="success"}', ([s]) => s?.value === n)
  }
  assert.deepEqual(
    (await prometheus.targets()).map(({ health, lastError }) => ({ health, lastError })),
    [{ health: "up", lastError: "" }],
  )
  await prometheus.until("headrace:last_load_rows:mean7d", ([s]) => (s?.value ?? 0) > 0)
  await prometheus.until("headrace:loads:increase7d", ([s]) => (s?.value ?? 0) > 2.5)
  await prometheus.until("headrace:pipeline_duration_seconds:mean7d", ([s]) => (s?.value ?? 0) > 0)
  await firing([])

  await run(600, 20)
  await run(60, 0, false)
  await t.store.pool.query(
    `with score as (insert into quality_score (dataset_id, dimension, score, checks) values ($1, 'overall', 71, 5))
     insert into freshness_status (dataset_id, state, due_at) values ($1, 'error', now() - interval '1 hour')`,
    [TABLE],
  )
  await firing(["PipelineFailed", "DataStale", "QualityLow", "DurationAnomaly", "RowCountAnomaly"])

  await run(60, 1_005)
  await t.store.pool.query(
    `with score as (insert into quality_score (dataset_id, dimension, score, checks) values ($1, 'overall', 98, 5))
     update freshness_status set state = 'fresh', due_at = now() + interval '1 hour' where dataset_id = $1`,
    [TABLE],
  )
  await firing([])
})
