import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import { consumeSignals } from "#lib/actions/consume-signals.ts"
import type { Overview } from "#lib/contracts/api/system.ts"
import { keepEnvironmentChannels } from "#lib/store/alert-channels.ts"
import { TestApi } from "#test/api-client.ts"
import { seedHistory } from "#test/seed-history.ts"
import { log } from "../log.ts"

log.level = "silent"
let t: TestApi
before(async () => {
  t = await TestApi.open()
  await seedHistory(t.database.url, 400)
  await t.store.pool.query(
    `insert into signal (kind, pipeline_id, run_id)
     select 'run', pipeline_id, id from run where state in ('failed', 'success') order by id`,
  )
  await t.store.pool.query(
    `insert into dataset_version (version_id, dataset_id, compiled_sql, compiled_at)
     select v.id, d.id, 'select 1', v.created_at from dataset d join pipeline_version v on v.pipeline_id = d.pipeline_id`,
  )
  await keepEnvironmentChannels(t.store.pool, [{ name: "ops", kind: "slack" }])
  await consumeSignals(t.store)
  await t.post("/webhooks", { url: "https://hooks.example.com/headrace", events: ["run.failed"] })
})
after(() => t.close())

async function oneId(sql: string): Promise<string> {
  const { rows } = await t.store.pool.query<{ id: string }>(sql)
  return rows[0]!.id
}

test("every route that reads answers by its contract on a fortnight of history in all states", async () => {
  const examples: Record<string, string[]> = {
    "/runs/:id": ["success", "failed", "running"].map(
      (state) => `select max(id) as id from run where state = '${state}'`,
    ),
    "/task-runs/:id": ["success", "failed", "upstream_failed", "pending"].map(
      (state) => `select max(id) as id from task_run where state = '${state}'`,
    ),
    "/attempts/:id": ["select id from attempt where log_lines = 20000", "select max(id) as id from attempt"],
    "/pipelines/:id": [
      "select id from pipeline where id = 'daily_etl'",
      "select id from pipeline where id = 'data_backfill'",
    ],
    "/datasets/:id/versions/1": ["select min(dataset_id) as id from dataset_version"],
    "/datasets/:id": ["select max(id) as id from dataset", "select min(id) as id from dataset"],
    "/check-results/:id": ["select max(id) as id from check_result"],
    "/freshness/:id": ["select max(id) as id from dataset"],
    "/backfills/:id": ["select max(id) as id from backfill"],
    "/anomalies/:id": ["select max(id) as id from anomaly"],
    "/incidents/:id": ["select max(id) as id from incident"],
    "/alerts/rules/:id": ["select id from alert_rule where kind = 'pipeline_failure'"],
    "/alerts/channels/:id": ["select id from alert_channel"],
    "/webhooks/:id": ["select max(id) as id from webhook"],
  }
  const queries: Record<string, string> = {
    "/lineage/columns": "?dataset=warehouse.marts.fct_orders&column=order_id",
    "/datasets/:id/impact": "?column=order_id",
    "/logs/search": "?q=failed",
  }
  const reads = t.api.table.filter(
    (route) => route.method === "GET" && !/stream|download|docs|openapi|sample$|\/history\//.test(route.path),
  )
  for (const { path } of reads) {
    const relative = path.replace("/api/v1", "").replace(":version", "1").replace(":taskId", "fct_orders")
    const prefix = Object.keys(examples).find((candidate) => relative.startsWith(candidate))
    assert.ok(prefix || !relative.includes(":"), `${relative} has an example`)
    for (const sql of prefix ? examples[prefix]! : [null]) {
      const query = queries[relative] ?? ""
      const address = (sql === null ? relative : relative.replace(":id", await oneId(sql))) + query
      const response = await t.request(address)
      assert.equal(response.status, 200, `${address}: ${await response.text()}`)
    }
  }
})

test("the overview adds up with the runs", async () => {
  const overview = await t.get<Overview>("/overview")
  const { rows } = await t.store.pool.query<{ state: string; n: number }>(
    `select state, count(*)::int as n from run
     where created_at >= date_trunc('day', now(), 'UTC') - interval '13 days'
     group by state`,
  )
  const count = (state: string) => rows.find((row) => row.state === state)?.n ?? 0
  const sum = (key: "success" | "failed" | "other") => overview.runsByDay.reduce((total, day) => total + day[key], 0)
  assert.deepEqual([sum("success"), sum("failed")], [count("success"), count("failed")])
  assert.equal(overview.running, count("running"))
  assert.equal(overview.timeline.length, 7)
})
