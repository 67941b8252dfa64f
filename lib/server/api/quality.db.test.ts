// First of all: schemas that are made before it lack what the API adds to them.
import "@hono/zod-openapi"
import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import pg from "pg"
import type { Page } from "#lib/contracts/api/common.ts"
import type { CheckResult } from "#lib/contracts/api/datasets.ts"
import type { DatasetQuality, ExpectationKind, FailingRows, ScoreHistory } from "#lib/contracts/api/quality.ts"
import { expectationsSectionSchema } from "#lib/contracts/quality/expectations-section.ts"
import { taskResultSchema } from "#lib/contracts/task-result.ts"
import { savePolicies } from "#lib/store/dataset-policies.ts"
import { recordResults } from "#lib/store/task-results.ts"
import { inTransaction } from "#lib/store/transaction.ts"
import { TestApi } from "#test/api-client.ts"
import { makeAttempt, makePipeline, makeRun, makeTaskRun } from "#test/factories.ts"
import { connectionsTo } from "#test/operator-context.ts"
import { log } from "../log.ts"
import { checkDataset } from "../quality/check-dataset.ts"

log.level = "silent"
let t: TestApi
let warehouse: pg.Pool
before(async () => {
  t = await TestApi.open()
  warehouse = new pg.Pool({ connectionString: t.database.warehouseUrl })
})
after(async () => {
  await warehouse.end()
  await t.close()
})

function setPolicy(table: string, expectations: object): Promise<unknown> {
  const policy = { expectations: expectationsSectionSchema.parse(expectations) }
  const loaded = {
    datasetId: `warehouse.${table}`,
    file: "quality/a.yml",
    line: 2,
    hash: JSON.stringify(policy),
    policy,
  }
  return inTransaction(t.store.pool, (transaction) => savePolicies(transaction, [loaded], []))
}

function outcome(dataset: string, change: object) {
  return {
    dataset,
    name: "a",
    kind: "expect_column_values_to_not_be_null",
    column: "a",
    dimension: "completeness",
    severity: "error",
    passed: true,
    rowsChecked: 100,
    rowsFailed: 0,
    observed: null,
    message: "",
    ...change,
  }
}

test("scores a dataset by the newest result of each check, whichever task ran it", async () => {
  const pool = t.store.pool
  const pipeline = await makePipeline(pool, { tasks: [{ id: "one" }, { id: "two" }] })
  const dataset = "warehouse.marts.shared"
  await setPolicy("marts.shared", { expect: [{ not_null: "a" }], weights: { validity: 3 } })
  const record = async (taskId: string, checks: object[]) => {
    const run = await makeRun(pool, { pipeline })
    const taskRun = await makeTaskRun(pool, { pipeline, run, taskId })
    const attempt = await makeAttempt(pool, { taskRun })
    const origin = {
      attemptId: attempt.id,
      taskRunId: attempt.taskRunId,
      runId: attempt.runId,
      pipelineId: pipeline.id,
      taskId,
    }
    const result = taskResultSchema.parse({ checks: checks.map((change) => outcome(dataset, change)) })
    await inTransaction(pool, (transaction) => recordResults(transaction, [{ origin, result } as never]))
  }
  const scoreOf = async () => (await t.get<Page<DatasetQuality>>("/quality")).items.find(({ id }) => id === dataset)!
  await record("one", [{ name: "a", rowsFailed: 50, passed: false }])
  assert.equal((await scoreOf()).score, 50)
  await record("two", [
    { name: "b", dimension: "validity", severity: "warn" },
    { name: "c", rowsChecked: 0, state: "empty" },
  ])
  // (3 × 0.5 + 1 × 3 × 1) / (3 + 3), and nothing for the check that found no rows.
  const both = await scoreOf()
  assert.deepEqual([both.score, both.dimensions], [75, { completeness: 50, validity: 100 }])
  assert.deepEqual([both.checks, both.failing, both.warning, both.empty, both.history], [3, 1, 0, 1, [50, 75]])
  await record("one", [{ name: "a" }])
  assert.equal((await scoreOf()).score, 100)
  const history = await t.get<ScoreHistory>(`/datasets/${dataset}/scores`)
  assert.deepEqual(
    history.items.map(({ overall, dimensions }) => [overall, dimensions.validity ?? null]),
    [
      [50, null],
      [75, 100],
      [100, 100],
    ],
  )
  assert.deepEqual(history.weights, { validity: 3 })
})

test("checks a table without a run, and keeps a few masked rows of what fails", async () => {
  await warehouse.query("create schema marts; create table marts.watched (id int primary key, email text)")
  await warehouse.query("insert into marts.watched values (1, 'a@b.c'), (2, 'nobody'), (3, null)")
  await setPolicy("marts.watched", {
    expect: [
      { matches: { column: "email", regex: "@" }, name: "has an address" },
      { not_null: "email", severity: "warn", on_fail: "quarantine" },
    ],
    mask: ["email"],
  })
  const parts = { store: t.store, connections: connectionsTo({ warehouse: t.database.warehouseUrl }) }
  const checked = await checkDataset(parts, "warehouse.marts.watched")
  assert.equal(checked!.checks.length, 2)
  assert.equal((await warehouse.query("select from marts.watched")).rowCount, 3, "a monitor moves nothing")
  const { items } = await t.get<Page<CheckResult>>("/quality/checks?dataset=warehouse.marts.watched")
  assert.deepEqual(
    items.map(({ name, sentence, runId, state, hasSamples }) => [name, sentence, runId, state, hasSamples]),
    [
      ["email is not null", null, null, "failed", true],
      ["has an address", "email matches its pattern", null, "failed", true],
    ],
  )
  const rows = await t.get<FailingRows>(`/check-results/${items[1]!.id}/rows`)
  assert.deepEqual(rows, { rows: [{ id: "2", email: "•••" }] })
  assert.ok(!JSON.stringify(items).includes("nobody"))
  assert.equal((await t.request("/check-results/999999/rows")).status, 404)

  await setPolicy("marts.watched", [{ not_null: "id" }])
  await checkDataset(parts, "warehouse.marts.watched")
  const left = await t.get<Page<CheckResult>>("/quality/checks?dataset=warehouse.marts.watched&state=all")
  assert.deepEqual(
    left.items.map(({ name }) => name),
    ["id is not null"],
    "what is no longer expected is gone",
  )
  assert.equal(await checkDataset(parts, "warehouse.marts.unknown"), null)
})

test("gives no score to what was never checked, and none of 100 to a table without rows", async () => {
  await warehouse.query("create table marts.hollow (id int)")
  await setPolicy("marts.hollow", [{ not_null: "id" }])
  const find = async () =>
    (await t.get<Page<DatasetQuality>>("/quality")).items.find(({ id }) => id.endsWith(".hollow"))!
  assert.deepEqual([(await find()).score, (await find()).checks], [null, 0])
  await checkDataset(
    { store: t.store, connections: connectionsTo({ warehouse: t.database.warehouseUrl }) },
    "warehouse.marts.hollow",
  )
  assert.deepEqual([(await find()).score, (await find()).checks, (await find()).empty], [null, 1, 1])
})

test("lists what may be expected, with options and an example", async () => {
  const { items } = await t.get<{ items: ExpectationKind[] }>("/expectations")
  const between = items.find(({ type }) => type === "expect_column_values_to_be_between")!
  assert.deepEqual(between.aliases, ["between"])
  assert.equal(between.sentence, "price is between 0 and 10000")
  assert.deepEqual(between.options.slice(0, 2), [
    { name: "column", isRequired: true, default: null, isShared: false },
    { name: "min_value", isRequired: false, default: null, isShared: false },
  ])
})
