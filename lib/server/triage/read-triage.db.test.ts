import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import { consumeSignals } from "#lib/actions/consume-signals.ts"
import { retryIncidents } from "#lib/actions/retry-incidents.ts"
import { taskResultSchema } from "#lib/contracts/task-result.ts"
import type { RunId } from "#lib/domain/ids.ts"
import { readIncidentFacts } from "#lib/store/read/incident-facts.ts"
import { searchLogs } from "#lib/store/read/search-logs.ts"
import { outcomeOf, RunDriver } from "#test/run-driver.ts"
import { readRunChanges } from "./read-run-changes.ts"
import { readTriage } from "./read-triage.ts"

const RAW = "warehouse.raw.orders"
const MART = "warehouse.marts.sales"
const REPORT = "warehouse.reports.daily"

let driver: RunDriver
let failed: RunId
let incidentId: string
before(async () => {
  driver = await RunDriver.open()
  await define("marts", "sql/sales.sql", "Ann")
  await run({ rows: 100, fails: false })
  await define("marts", "sql/sales_new.sql", "Ann")
  failed = await run({ rows: 0, fails: true })
  await consumeSignals(driver.store)
  const { rows } = await driver.store.pool.query<{ id: string }>("select id from incident")
  assert.equal(rows.length, 1)
  incidentId = rows[0]!.id
})
after(() => driver.close())

async function define(id: string, file: string, owner: string): Promise<void> {
  await driver.defineAll([
    {
      id,
      owner,
      tasks: [
        { id: "load", writes: [RAW] },
        { id: "build", upstream: ["load"], reads: [RAW], writes: [MART], options: { file } },
        { id: "tell", upstream: ["build"] },
      ],
    },
    { id: "reports", owner: "Bob", tasks: [{ id: "report", reads: [MART], writes: [REPORT] }] },
  ])
}

async function run(how: { rows: number; fails: boolean }): Promise<RunId> {
  const runId = await driver.trigger("marts")
  await finishAll(how)
  return runId
}

async function finishAll(how: { rows: number; fails: boolean }): Promise<void> {
  for (let claims = await driver.claim(); claims.length > 0; claims = await driver.claim()) {
    for (const claim of claims) {
      const load = { dataset: RAW, rowsInserted: how.rows, durationSeconds: 1 }
      if (claim.taskId === "load")
        await driver.finish(claim, { kind: "success", result: taskResultSchema.parse({ materializations: [load] }) })
      else if (claim.taskId === "build" && how.fails) {
        await log(claim.attemptId, 30)
        await driver.finish(
          claim,
          outcomeOf("fail", { code: "sql.failed", kind: "config", message: "No such column." }),
        )
      } else await driver.finish(claim)
    }
  }
}

/** Line 20 is the first error. */
async function log(attemptId: string, lines: number): Promise<void> {
  await driver.store.pool.query(
    `insert into log_line (attempt_id, line, at, level, message)
     select $1, n, now(), case when n in (20, 25) then 'error' else 'info' end, 'Line ' || n || ' of 100%'
     from generate_series(1, $2::int) n`,
    [attemptId, lines],
  )
  await driver.store.pool.query("update attempt set log_lines = $2 where id = $1", [attemptId, lines])
}

test("says what changed since the run that went well: code and rows", async () => {
  const { lastSuccess, changes } = await readRunChanges(driver.store.pool, failed)
  assert.equal(lastSuccess?.version, 1)
  assert.deepEqual(
    changes.map(({ kind, subject, isNear }) => [kind, subject, isNear]),
    [
      ["code", "build", true],
      ["input_rows", RAW, true],
    ],
  )
})

test("has nothing to compare with where no run went well before", async () => {
  const { rows } = await driver.store.pool.query<{ id: string }>("select min(id) as id from run")
  const { lastSuccess, changes } = await readRunChanges(driver.store.pool, rows[0]!.id)
  assert.deepEqual([lastSuccess, changes], [null, []])
})

test("shows the first error in context, who is affected, and what to do", async () => {
  const triage = await readTriage(driver.store.pool, incidentId)
  const { runId, taskId, mapIndex, attempt, line } = triage.firstError!
  assert.deepEqual([runId, taskId, mapIndex, attempt, line], [failed, "build", null, 1, 20])
  assert.deepEqual(
    triage.firstError?.lines.map(({ line }) => line),
    [12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24],
  )
  const { datasets, affected, owners } = triage.blastRadius
  assert.deepEqual([datasets, affected.map(({ id }) => id), owners], [[MART], [REPORT], ["Ann", "Bob"]])
  assert.deepEqual(
    triage.nextSteps.map(({ step }) => step),
    ["fix_config", "see_change", "ask_owner"],
  )
  assert.equal(triage.retryable, 1)
})

test("knows which runs a retry of all would run again", async () => {
  const { failedRuns, writes } = await readIncidentFacts(driver.store.pool, incidentId)
  assert.deepEqual([failedRuns, writes], [[failed], [MART]])
})

const search = (query: Partial<Parameters<typeof searchLogs>[1]>) =>
  searchLogs(driver.store.pool, { q: "line", level: "debug", limit: 25, ...query }, new Date())

test("finds lines and messages of failures, with wildcards taken as they are", async () => {
  const lines = (await search({ q: "LINE 2" })).items.map((item) => item.lines.map(({ line }) => line))
  assert.deepEqual(lines, [[2, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29]])
  assert.deepEqual((await search({ q: "no such" })).items[0]?.failure, "No such column.")
  assert.equal((await search({ q: "100%" })).items[0]?.hasMore, true)
  assert.deepEqual((await search({ q: "1_0" })).items, [])
})

test("narrows a search by level, pipeline, run and time", async () => {
  const found = async (query: Parameters<typeof search>[0]) =>
    (await search(query)).items.flatMap(({ lines }) => lines.map(({ line }) => line))
  assert.deepEqual(await found({ level: "error" }), [20, 25])
  assert.deepEqual(await found({ pipelineId: "reports" }), [])
  assert.equal((await found({ runId: failed, pipelineId: "marts" })).length, 20)
  assert.deepEqual(await found({ to: "2020-01-01T00:00:00Z" }), [])
})

test("goes on where a page ended, and says how far it looked", async () => {
  const first = await search({ q: "no such", limit: 1 })
  assert.equal(first.searched.attempts >= 1, true)
  assert.notEqual(first.nextCursor, null)
  const next = await search({ q: "no such", limit: 1, cursor: first.nextCursor! })
  assert.deepEqual([next.items, next.nextCursor], [[], null])
})

test("retries what failed of many incidents at once, and then still tells what had failed", async () => {
  const retry = (dryRun: boolean) =>
    retryIncidents(driver.store, { ids: [incidentId, "999"], version: "pinned", dryRun, actor: "Ann" })
  const told = ({ incidents }: Awaited<ReturnType<typeof retry>>) =>
    incidents.map(({ ok, text, runIds }) => [ok, text, runIds])
  const unknown = [false, "There is no incident 999.", []]
  assert.deepEqual(told(await retry(true)), [[true, "1 run would run again.", [failed]], unknown])
  const done = await retry(false)
  assert.deepEqual(told(done), [[true, "1 run runs again.", [failed]], unknown])
  assert.deepEqual(
    done.items.map(({ runId, ok }) => [runId, ok]),
    [[failed, true]],
  )
  assert.deepEqual(told(await retry(false))[0], [false, "No run of it is failed now.", []])

  await finishAll({ rows: 0, fails: false })
  const { run: after, failedBefore, changes } = await readRunChanges(driver.store.pool, failed)
  assert.deepEqual(
    [after.state, failedBefore],
    ["success", [{ taskId: "build", failures: 1, message: "No such column." }]],
  )
  assert.equal(changes.find(({ kind }) => kind === "code")?.isNear, true)
})
