import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import pg from "pg"
import type { JsonObject } from "#lib/contracts/json.ts"
import type { Manifest } from "#lib/contracts/manifest.ts"
import { dbtOptionsSchema } from "#lib/contracts/operators/dbt.ts"
import type { CheckOutcome, TaskResultInput } from "#lib/contracts/task-result.ts"
import { AppError } from "#lib/domain/errors.ts"
import type { ExpandedTask } from "#lib/models/command/expand-project.ts"
import type { Connections } from "#lib/server/connections.ts"
import type { TaskEnd } from "#lib/store/task-ends.ts"
import { createTestDatabase, type TestDatabase } from "#test/db.ts"
import { writeProject } from "#test/dbt-project.ts"
import { connectionsTo, type LogLines, makeOperatorContext } from "#test/operator-context.ts"
import { dbtOperator } from "./dbt.ts"

let database: TestDatabase
let warehouse: pg.Pool
let connections: Connections

before(async () => {
  database = await createTestDatabase()
  warehouse = new pg.Pool({ connectionString: database.warehouseUrl })
  warehouse.on("error", () => {})
  connections = connectionsTo({ warehouse: database.warehouseUrl })
})
after(async () => {
  await Promise.all([warehouse.end(), connections.end()])
  await database.drop()
})

/** A version of a workspace with a dbt project. */
function version(files: Readonly<Record<string, string>>): string {
  const project = { "dbt_project.yml": "name: shop\nversion: '1.0'\nprofile: shop\n", ...files }
  return writeProject(Object.fromEntries(Object.entries(project).map(([name, text]) => [`dbt/${name}`, text])))
}

function run(codeDir: string, nodes: string[], given: object = {}): Promise<TaskResultInput> {
  const options = dbtOptionsSchema.parse({ nodes, schema: "shop" })
  return dbtOperator.run(makeOperatorContext({ options, connections, codeDir, ...given })) as Promise<TaskResultInput>
}

async function values(sql: string): Promise<unknown[]> {
  return (await warehouse.query({ text: sql, rowMode: "array" })).rows.map(([value]) => value)
}

const MODEL = (name: string) => `model.shop.${name}`

describe("dbt", () => {
  it("builds a model in the warehouse and says what came of it", async () => {
    const codeDir = version({
      "models/stg.sql": "select g as id from generate_series(1, 3) g",
      "models/totals.sql":
        "{{ config(materialized='table') }} select count(*) as n, '{{ var(\"partition_key\") }}' as day from {{ ref('stg') }}",
    })
    const view = await run(codeDir, [MODEL("stg")])
    assert.deepEqual(view.metrics, { durationSeconds: view.metrics!.durationSeconds })
    const table = await run(codeDir, [MODEL("totals")], { run: { partitionKey: "2026-03-01" } })
    assert.deepEqual(await values("select n || day from shop.totals"), ["32026-03-01"])
    assert.equal((table.outputs as JsonObject).rowsInserted, 1)
    assert.match(String((table.outputs as JsonObject).compiledSql), /from "\w+"."shop"."stg"/)
    const [written] = table.materializations!
    assert.equal(written!.dataset, "warehouse.shop.totals")
    assert.deepEqual(
      written!.columns!.map(({ name, type }) => [name, type]),
      [
        ["n", "bigint"],
        ["day", "text"],
      ],
    )
  })

  it("adds rows once, however often an execution is tried", async () => {
    const codeDir = version({
      "models/log.sql": "{{ config(materialized='incremental', incremental_strategy='append') }} select 1 as x",
    })
    await run(codeDir, [MODEL("log")], { executionKey: "log:1:0" })
    await run(codeDir, [MODEL("log")], { executionKey: "log:2:0" })
    const again = await run(codeDir, [MODEL("log")], { executionKey: "log:2:0" })
    assert.equal((again.outputs as JsonObject).rowsInserted, 1)
    assert.equal((await values("select x from shop.log")).length, 2)
  })

  it("refuses an attempt that was overtaken", async () => {
    const codeDir = version({ "models/one.sql": "{{ config(materialized='table') }} select 1 as x" })
    await run(codeDir, [MODEL("one")], { attemptId: "900", executionKey: "one:1:0" })
    await assert.rejects(run(codeDir, [MODEL("one")], { attemptId: "899", executionKey: "one:2:0" }), {
      code: "load.superseded",
    })
  })

  it("makes tests checks, and fails where one of severity error fails", async () => {
    const codeDir = version({
      "models/items.sql": "{{ config(materialized='table') }} select * from (values (1, 'a'), (1, null)) t (id, name)",
      "models/items.yml": `
models:
  - name: items
    columns:
      - name: id
        data_tests: [not_null, unique]
      - name: name
        data_tests: [{ not_null: { config: { severity: warn } } }]
`,
    })
    const tests = ["not_null_items_id", "unique_items_id", "not_null_items_name"]
    const ids = await testIds(codeDir, tests)
    await run(codeDir, [MODEL("items")])
    const error = await run(codeDir, ids).then(
      () => assert.fail("it passed"),
      (reason: AppError) => reason,
    )
    assert.equal(error.code, "check.failed")
    const { checks } = error.details.taskResult as { checks: CheckOutcome[] }
    assert.deepEqual(
      checks.map(({ name, passed, severity, dimension, rowsFailed, rowsChecked }) => [
        name,
        passed,
        severity,
        dimension,
        `${rowsFailed} of ${rowsChecked}`,
      ]),
      [
        ["not_null_items_id", true, "error", "completeness", "0 of 2"],
        ["unique_items_id", false, "error", "uniqueness", "1 of 2"],
        ["not_null_items_name", false, "warn", "completeness", "1 of 2"],
      ],
    )
    assert.ok(checks.every(({ dataset }) => dataset === "warehouse.shop.items"))
  })

  it("leaves the table as it was where the query fails, and marks the line", async () => {
    const codeDir = version({ "models/t.sql": "{{ config(materialized='table') }}\nselect 1 as x" })
    await run(codeDir, [MODEL("t")])
    const broken = version({
      "models/t.sql": "{{ config(materialized='table') }}\nselect\n  1 / y as x\nfrom (values (1)) v (z)",
    })
    const lines: LogLines = []
    await assert.rejects(run(broken, [MODEL("t")], { lines }), (error: AppError) => {
      assert.equal(error.code, "model.failed")
      assert.equal(error.where, "dbt/models/t.sql")
      assert.match(error.message, /column "y" does not exist/)
      return true
    })
    assert.ok(
      lines.some(({ message }) => /^ {2}> +\d \| {3}1 \/ y as x$/.test(message)),
      JSON.stringify(lines),
    )
    assert.deepEqual(await values("select x from shop.t"), [1])
  })

  it("says where a project is wrong", async () => {
    const codeDir = version({ "models/t.sql": "select * from {{ ref('nowhere') }}" })
    await assert.rejects(run(codeDir, [MODEL("t")]), { code: "model.invalid", where: "dbt/models/t.sql:1" })
  })

  it("runs hooks of on-run-end with what became of the group's nodes", async () => {
    const codeDir = version({
      "dbt_project.yml": `name: shop
profile: shop
on-run-start: create table if not exists said (text text)
on-run-end:
  - "insert into said select '{{ schemas | join }}'"
  - "{% for r in results %}insert into said values ('{{ r.node.name }} {{ r.status }} {{ r.message }} {{ r.failures }}');{% endfor %}"
`,
      "models/good.sql": "select 1 as x",
      "models/bad.sql": "select 1 / 0 as x",
      "models/good.yml": "models: [{ name: good, columns: [{ name: x, data_tests: [unique] }] }]",
    })
    const tasks = await expand(codeDir)
    assert.deepEqual(
      tasks.map(({ id, place, upstream }) => [id, place, upstream]),
      [
        ["dbt_on_run_start", "start", []],
        ["bad", "between", ["dbt_on_run_start"]],
        ["good", "between", ["dbt_on_run_start"]],
        ["good_tests", "between", ["good"]],
        ["dbt_on_run_end", "end", ["bad", "good_tests"]],
      ],
    )
    const manifest = {
      id: "demo",
      file: "pipelines/demo.ts",
      tasks: tasks.map(({ id, nodes }) => ({ id, group: "dbt", operator: "dbt", options: { nodes } })),
    } as unknown as Manifest
    const end = (taskId: string, state: TaskEnd["state"], reason: string | null = null): TaskEnd => {
      return { taskId, state, reason, startedAt: null, finishedAt: null, metrics: {}, checks: [] }
    }
    const check = { severity: "error", passed: false, rowsFailed: 2, message: "Got 2 results", observed: 2 }
    const name = tasks[3]!.nodes[0]!.split(".")[2]!
    const readTasks = async () => [
      end("bad", "failed", "division by zero"),
      end("good", "success"),
      { ...end("good_tests", "failed"), checks: [{ name, ...check }] },
    ]
    await run(codeDir, tasks[0]!.nodes)
    await run(codeDir, tasks[4]!.nodes, { manifest, readTasks, task: { id: "dbt_on_run_end", group: "dbt" } })
    assert.deepEqual(await values("select text from said"), [
      "shop",
      "bad error division by zero None",
      "good success None None",
      "unique_good_x fail Got 2 results 2",
    ])
  })

  it("tests the code of a model before the model is built", async () => {
    const codeDir = version({
      "models/base.sql": "{{ config(materialized='table') }} select 1 as x",
      "models/twice.sql": "select x + 2 as x from {{ ref('base') }}",
      "models/twice.yml": `
unit_tests:
  - name: doubles
    model: twice
    given: [{ input: ref('base'), rows: [{ x: 3 }] }]
    expect: { rows: [{ x: 6 }] }
`,
    })
    const [base, unit, twice] = await expand(codeDir)
    assert.deepEqual([unit!.id, unit!.upstream, twice!.upstream], ["twice_unit_tests", ["base"], ["base", unit!.id]])
    await run(codeDir, base!.nodes)
    const lines: LogLines = []
    await assert.rejects(run(codeDir, unit!.nodes, { lines }), (error: AppError) => {
      assert.equal(error.code, "check.failed")
      assert.equal(error.where, "dbt/models/twice.yml")
      assert.match(error.message, /1 of 1 unit tests of twice failed: doubles/)
      return true
    })
    assert.match(
      lines.map(({ message }) => message).join("\n"),
      /Actual differs from expected[\s\S]*--- \| 6[\s\S]*\+\+\+ \| 5/,
    )
  })

  it("builds a microbatch model for all partitions of a run, and after a failure those alone that are missing", async () => {
    const model = (select: string) => ({
      "models/days.sql": `{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='at',
        batch_size='day', begin='2026-01-01') }} ${select}`,
      "models/events.yml":
        "sources: [{ name: raw, schema: raw_days, tables: [{ name: events, config: { event_time: at } }] }]",
    })
    await warehouse.query(`create schema raw_days;
      create table raw_days.events as
      select timestamptz '2026-03-01 12:00Z' + g * interval '1 day' as at, g as n from generate_series(0, 2) g`)
    const given = {
      executionKey: "days:1:0",
      run: {
        partitionKey: "2026-03-01",
        partitionKeys: ["2026-03-01", "2026-03-02", "2026-03-03"],
        intervalStart: "2026-03-01T00:00:00.000Z",
        intervalEnd: "2026-03-04T00:00:00.000Z",
      },
    }
    const failing = model("select at, n, 1 / (n - 1) as d from {{ source('raw', 'events') }}")
    await assert.rejects(
      run(version(failing), [MODEL("days")], given),
      /2 of 3 batches\. Batch 2026-03-02: division by zero/,
    )
    assert.deepEqual(await values("select n from shop.days order by n"), [0, 2])
    const mended = model("select at, n, 0 as d from {{ source('raw', 'events') }}")
    const built = await run(version(mended), [MODEL("days")], given)
    assert.deepEqual(
      built.materializations!.map(({ partitionKey, rowsInserted }) => [partitionKey, rowsInserted]),
      [
        ["2026-03-01", 1],
        ["2026-03-02", 1],
        ["2026-03-03", 1],
      ],
    )
    assert.deepEqual(await values("select d from shop.days order by n"), [-1, 0, 1])
  })

  it("does not let templates see the worker's environment", async () => {
    process.env.HEADRACE_TEST_SECRET = "hidden"
    const codeDir = version({ "models/t.sql": "select '{{ env_var(\"HEADRACE_TEST_SECRET\") }}' as x" })
    await assert.rejects(run(codeDir, [MODEL("t")]), { code: "model.invalid" })
  })

  it("is stopped with its attempt", async () => {
    const codeDir = version({
      "models/slow.sql": "{{ config(materialized='table') }} select count(*) from pg_sleep(60)",
    })
    const stop = new AbortController()
    const reason = new AppError("attempt.cancelled", "The run was cancelled.", { kind: "cancelled" })
    const stopped = run(codeDir, [MODEL("slow")], { signal: stop.signal })
    const running =
      "select from pg_stat_activity where datname = current_database() and query like '%pg_sleep(60)%' and pid <> pg_backend_pid() and state = 'active'"
    while ((await warehouse.query(running)).rowCount === 0);
    stop.abort(reason)
    await assert.rejects(stopped, { code: "attempt.cancelled" })
    // The thread is free again for others.
    assert.ok(await run(version({ "models/t.sql": "select 1 as x" }), [MODEL("t")]))
  })
})

async function expand(codeDir: string): Promise<ExpandedTask[]> {
  const { expandProject } = await import("#lib/models/command/expand-project.ts")
  const { dbtSelectionSchema } = await import("#lib/contracts/operators/dbt.ts")
  return expandProject({ workspaceDir: codeDir, env: process.env }, dbtSelectionSchema.parse({})).tasks
}

/** Generic tests have a hash behind their names. */
async function testIds(codeDir: string, names: string[]): Promise<string[]> {
  const ids = (await expand(codeDir)).flatMap(({ nodes }) => nodes)
  return names.map((name) => ids.find((id) => id.startsWith(`test.shop.${name}.`))!)
}
