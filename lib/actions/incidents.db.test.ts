import assert from "node:assert/strict"
import { after, before, beforeEach, test } from "node:test"
import type { Failure } from "#lib/domain/errors.ts"
import { readIncident } from "#lib/store/read/incidents.ts"
import { lockSignals, takeSignals } from "#lib/store/signals.ts"
import { inTransaction } from "#lib/store/transaction.ts"
import { outcomeOf, RunDriver } from "#test/run-driver.ts"
import { actOnIncidents } from "./act-on-incidents.ts"
import { clearRun } from "./clear-run.ts"
import { consumeSignals } from "./consume-signals.ts"

let driver: RunDriver
before(async () => {
  driver = await RunDriver.open()
})
after(() => driver.close())
beforeEach(() => driver.store.pool.query("truncate incident, signal, run restart identity cascade"))

const SQL_FAILED: Partial<Failure> = { code: "sql.failed", message: 'Column "tier" is gone.', where: "sql/a.sql:3" }

interface Row {
  id: string
  state: string
  occurrences: number
  followers: number
  reopened: number
  pipelineId: string
  taskId: string | null
}

async function incidents(): Promise<Row[]> {
  const { rows } = await driver.store.pool.query<Row>(
    `select id, state, occurrences, followers, reopened, pipeline_id as "pipelineId", task_id as "taskId"
     from incident order by id`,
  )
  return rows
}

/** Runs a pipeline; the tasks named fail so. */
async function run(pipelineId: string, failing: Record<string, Partial<Failure>> = {}): Promise<string> {
  const runId = await driver.trigger(pipelineId)
  await goOn(failing)
  return runId
}

async function goOn(failing: Record<string, Partial<Failure>>): Promise<void> {
  for (let claims = await driver.claim(); claims.length > 0; claims = await driver.claim()) {
    for (const claim of claims) {
      const failure = failing[claim.taskId]
      await driver.finish(claim, failure ? outcomeOf("fail", { retry: "never", ...failure }) : outcomeOf("success"))
    }
  }
  await consumeSignals(driver.store)
}

const retry = (runId: string) =>
  clearRun(driver.store, { runId: runId as never, taskIds: [], includeDownstream: true, dryRun: false, actor: "test" })
const act = (action: Parameters<typeof actOnIncidents>[1], actor = "Mira") =>
  actOnIncidents(driver.store, action, { actor, at: new Date() })

test("a failed task with all that did not run because of it is one incident", async () => {
  const blocked = Array.from({ length: 500 }, (_, index) => ({ id: `t${index}`, upstream: ["load"] }))
  await driver.define({ id: "wide", owner: "Data platform", tasks: [{ id: "load" }, ...blocked] })
  const runId = await run("wide", { load: SQL_FAILED })
  const [incident, ...others] = await incidents()
  assert.deepEqual(others, [])
  assert.deepEqual(incident, {
    id: incident!.id,
    state: "open",
    occurrences: 1,
    followers: 500,
    reopened: 0,
    pipelineId: "wide",
    taskId: "load",
  })
  const detail = await readIncident(driver.store.pool, incident!.id)
  assert.equal(detail.title, 'Column "tier" is gone')
  assert.equal(detail.owner, "Data platform")
  assert.deepEqual([detail.firstRunId, detail.lastRunId, detail.severity], [runId, runId, "critical"])
  assert.deepEqual(
    detail.timeline.map(({ type }) => type),
    ["opened"],
  )
  assert.deepEqual(detail.members[0], {
    pipelineId: "wide",
    taskId: "load",
    isRoot: true,
    isFailing: true,
    lastRunId: runId,
  })
})

test("the same cause again adds to its incident, and a success of the task resolves it", async () => {
  await driver.define({ id: "daily", tasks: [{ id: "load" }, { id: "send" }] })
  await run("daily", { load: SQL_FAILED })
  await run("daily", { load: { ...SQL_FAILED, message: 'Column "other" is gone.' } })
  assert.deepEqual(
    (await incidents()).map(({ state, occurrences }) => ({ state, occurrences })),
    [{ state: "open", occurrences: 2 }],
  )
  // The run fails elsewhere, yet what the incident is about works again.
  await run("daily", { send: { message: "No route.", code: "http.failed", kind: "external" } })
  const states = (await incidents()).map(({ taskId, state }) => `${taskId} ${state}`)
  assert.deepEqual(states, ["load resolved", "send open"])
})

test("a retry of the run resolves it, and a recurrence reopens it", async () => {
  await driver.define({ id: "daily", tasks: [{ id: "load" }] })
  const runId = await run("daily", { load: SQL_FAILED })
  await act({ action: "acknowledge", ids: [(await incidents())[0]!.id] })
  await retry(runId)
  await goOn({})
  assert.equal((await incidents())[0]!.state, "resolved")
  await run("daily", { load: SQL_FAILED })
  const [incident, ...others] = await incidents()
  assert.deepEqual(others, [])
  assert.deepEqual([incident!.state, incident!.reopened, incident!.occurrences], ["open", 1, 2])
  const detail = await readIncident(driver.store.pool, incident!.id)
  assert.equal(detail.acknowledgedBy, null)
  assert.deepEqual(
    detail.timeline.map(({ type }) => type),
    ["opened", "acknowledged", "resolved", "reopened"],
  )
})

test("an older run that ends well later resolves nothing", async () => {
  await driver.define({ id: "twice", maxActiveRuns: 2, tasks: [{ id: "load" }] })
  const first = await driver.trigger("twice")
  const second = await driver.trigger("twice")
  const claims = await driver.claim()
  const of = (runId: string) => claims.find((claim) => claim.runId === runId)!
  await driver.finish(of(second), outcomeOf("fail", { retry: "never", ...SQL_FAILED }))
  await driver.finish(of(first))
  await consumeSignals(driver.store)
  assert.equal((await incidents())[0]!.state, "open")
})

test("one cause in many pipelines is one incident, resolved when it is over in all of them", async () => {
  const outage: Partial<Failure> = { code: "http.failed", kind: "external", message: "crm.example answered 503." }
  const ids = ["a", "b", "c"]
  await driver.defineAll(ids.map((id) => ({ id, tasks: [{ id: "fetch" }] })))
  for (const id of ids) await run(id, { fetch: outage })
  assert.deepEqual(
    (await incidents()).map(({ occurrences }) => occurrences),
    [3],
  )
  await run("a")
  await run("b")
  assert.equal((await incidents())[0]!.state, "open")
  await run("c")
  assert.equal((await incidents())[0]!.state, "resolved")
})

test("words that fit any cause stay with their own task", async () => {
  const exit: Partial<Failure> = { code: "task.exit_code", message: "The command exited with 1." }
  await driver.defineAll(["a", "b"].map((id) => ({ id, tasks: [{ id: "run" }] })))
  await run("a", { run: exit })
  await run("b", { run: exit })
  assert.equal((await incidents()).length, 2)
})

test("pipelines that fail because of what they read join the root's incident", async () => {
  const readers = Array.from({ length: 20 }, (_, index) => `reader_${index}`)
  await driver.defineAll([
    { id: "source", tasks: [{ id: "load", reads: ["w.raw.x"], writes: ["w.marts.orders"] }] },
    ...readers.map((id) => ({ id, tasks: [{ id: "check", reads: ["w.marts.orders"] }] })),
  ])
  await run("source", { load: SQL_FAILED })
  for (const id of readers) await run(id, { check: { code: "check.failed", message: `${id} has too few rows.` } })
  const [incident, ...others] = await incidents()
  assert.deepEqual(others, [])
  assert.deepEqual([incident!.pipelineId, incident!.occurrences, incident!.followers], ["source", 1, 20])
  const { timeline } = await readIncident(driver.store.pool, incident!.id)
  assert.deepEqual(timeline.filter(({ type }) => type === "spread").length, 20)
  // A cause of its own does not hide behind it.
  await run("reader_1", { check: { code: "connection.failed", kind: "external", message: "No way to db." } })
  assert.equal((await incidents()).length, 2)
  await run("source")
  assert.equal((await incidents())[0]!.state, "resolved")
})

test("a failure that was looked at before its cause had failed folds into the cause, unless somebody has seen it", async () => {
  await driver.defineAll([
    { id: "source", tasks: [{ id: "load", reads: ["w.raw.x"], writes: ["w.marts.orders"] }] },
    {
      id: "reader",
      tasks: [
        { id: "check", reads: ["w.marts.orders"] },
        { id: "send", upstream: ["check"] },
      ],
    },
    { id: "seen", tasks: [{ id: "check", reads: ["w.marts.orders"] }] },
    { id: "told", tasks: [{ id: "check", reads: ["w.marts.orders"] }] },
    { id: "apart", tasks: [{ id: "check", reads: ["w.raw.other"] }] },
  ])
  for (const id of ["reader", "seen", "told", "apart"]) {
    await run(id, { check: { code: "check.failed", message: `${id} has too few rows.` } })
  }
  const idOf = async (id: string) => (await incidents()).find(({ pipelineId }) => pipelineId === id)!.id
  await act({ action: "comment", ids: [await idOf("seen")], text: "I look at it." })
  await driver.store.pool.query(
    `with channel as (
       insert into alert_channel (id, kind, variable, created_by) values ('chat', 'slack', 'chat', 'test') returning id
     )
     insert into alert_delivery (channel_id, incident_id, turn, state, sent_at, next_try_at)
     select id, $1, 'opened', 'sent', now(), null from channel`,
    [await idOf("told")],
  )
  await run("source", { load: SQL_FAILED })
  const states = (await incidents()).map(({ pipelineId, state, occurrences, followers }) =>
    [pipelineId, state, occurrences, followers].join(" "),
  )
  assert.deepEqual(states.sort(), [
    "apart open 1 0",
    "reader resolved 1 1",
    "seen open 1 0",
    "source open 1 2",
    "told open 1 0",
  ])
  const detail = async (id: string) => readIncident(driver.store.pool, await idOf(id))
  const { id, members, found: occurrences, timeline } = await detail("source")
  assert.deepEqual(
    members.map((member) => `${member.pipelineId}/${member.taskId} ${member.isRoot} ${member.isFailing}`).sort(),
    ["reader/check false true", "reader/send false true", "source/load true true"],
  )
  assert.equal(occurrences.filter(({ isRoot, pipelineId }) => !isRoot && pipelineId === "reader").length, 2)
  assert.deepEqual(
    timeline.map(({ type, body }) => `${type} ${body}`.trim()),
    ["opened", "spread reader"],
  )
  assert.equal((await detail("reader")).timeline.at(-1)?.body, `It follows from incident ${id}.`)
})

test("of many who consume, each signal is used once", async () => {
  await driver.define({ id: "daily", tasks: [{ id: "load" }], maxActiveRuns: 20 })
  for (let index = 0; index < 10; index++) await driver.trigger("daily")
  for (const claim of await driver.claim()) {
    await driver.finish(claim, outcomeOf("fail", { retry: "never", ...SQL_FAILED }))
  }
  await Promise.all([1, 2, 3, 4].map(() => consumeSignals(driver.store)))
  await consumeSignals(driver.store)
  const [incident, ...others] = await incidents()
  assert.deepEqual(others, [])
  assert.equal(incident!.occurrences, 10)
  const { rows } = await driver.store.pool.query("select from signal")
  assert.equal(rows.length, 0)
})

test("a signal of which nothing can be made is set aside and holds up no other", async () => {
  await driver.define({ id: "daily", tasks: [{ id: "load" }] })
  const broken = await driver.trigger("daily")
  await driver.drive({ load: "fail" })
  await driver.store.pool.query(`update attempt set failure = '"text"' where run_id = $1`, [broken])
  const errors: unknown[] = []
  await driver.trigger("daily")
  const [claim] = await driver.claim()
  await driver.finish(claim!, outcomeOf("fail", { retry: "never", ...SQL_FAILED }))
  await consumeSignals(driver.store, (error) => errors.push(error))
  assert.equal(errors.length, 1)
  assert.equal((await incidents()).length, 1)
})

test("people acknowledge, assign, snooze, comment and resolve, and the timeline says so", async () => {
  await driver.define({ id: "daily", tasks: [{ id: "load" }] })
  await run("daily", { load: SQL_FAILED })
  const ids = [(await incidents())[0]!.id]
  assert.deepEqual(await act({ action: "acknowledge", ids }), ids)
  assert.deepEqual(await act({ action: "acknowledge", ids }), [], "it is already")
  await act({ action: "assign", ids, assignee: "Ines" })
  await act({ action: "comment", ids, text: "CRM release went out." })
  await assert.rejects(act({ action: "snooze", ids, until: "2020-01-01T00:00:00Z" }), /still to come/)
  await act({ action: "snooze", ids, until: new Date(Date.now() + 60_000).toISOString() })
  const detail = await readIncident(driver.store.pool, ids[0]!)
  assert.deepEqual([detail.state, detail.assignee, detail.acknowledgedBy], ["acknowledged", "Ines", "Mira"])
  assert.notEqual(detail.snoozedUntil, null)
  await act({ action: "resolve", ids, text: "Mapped the column." })
  await assert.rejects(act({ action: "snooze", ids, until: null }), /is resolved/)
  await assert.rejects(act({ action: "resolve", ids: ["999"] }), /There is no incident 999/)
  const { timeline } = await readIncident(driver.store.pool, ids[0]!)
  assert.deepEqual(
    timeline.map(({ type, body }) => (type === "snoozed" ? type : `${type} ${body}`.trim())),
    [
      "opened",
      "acknowledged",
      "assigned Ines",
      "commented CRM release went out.",
      "snoozed",
      "resolved Mapped the column.",
    ],
  )
})

test("what people did is taken back: an acknowledgement with its assignment, and that it is over", async () => {
  await driver.define({ id: "daily", tasks: [{ id: "load" }] })
  await run("daily", { load: SQL_FAILED })
  const ids = [(await incidents())[0]!.id]
  const read = async () => {
    const { state, assignee, acknowledgedBy, openedAt, reopened } = await readIncident(driver.store.pool, ids[0]!)
    return { state, assignee, acknowledgedBy, openedAt, reopened }
  }
  const before = await read()
  assert.deepEqual(await act({ action: "unacknowledge", ids }), [], "nobody has")
  await act({ action: "acknowledge", ids })
  assert.deepEqual(await act({ action: "unacknowledge", ids }, "Ines"), ids)
  assert.deepEqual(await read(), before)

  await act({ action: "assign", ids, assignee: "Mira" })
  await act({ action: "acknowledge", ids })
  const acknowledged = await read()
  await act({ action: "resolve", ids })
  assert.deepEqual(await act({ action: "reopen", ids }), ids)
  assert.deepEqual(await read(), acknowledged)
  await act({ action: "unacknowledge", ids })
  assert.equal((await read()).assignee, "Mira", "she was given it before")

  await run("daily")
  assert.equal((await read()).state, "resolved", "it still resolves by itself")
})

test("one whose cause has come back as another is not reopened", async () => {
  await driver.define({ id: "daily", tasks: [{ id: "load" }] })
  await run("daily", { load: SQL_FAILED })
  const { id } = (await incidents())[0]!
  await act({ action: "resolve", ids: [id] })
  await driver.store.pool.query("update incident set resolved_at = now() - interval '8 days'")
  await run("daily", { load: SQL_FAILED })
  await assert.rejects(act({ action: "reopen", ids: [id] }), /has come back as incident \d+/)
})

test("a rule that is switched off makes no incident", async () => {
  await driver.store.pool.query("update alert_rule set is_active = false where id = 'pipeline-failure'")
  await driver.define({ id: "quiet", tasks: [{ id: "load" }] })
  await run("quiet", { load: SQL_FAILED })
  assert.deepEqual(await incidents(), [])
  await driver.store.pool.query("update alert_rule set is_active = true where id = 'pipeline-failure'")
})

test("what is only about a pipeline that is gone is over", async () => {
  await driver.define({ id: "old", tasks: [{ id: "load" }] })
  await run("old", { load: SQL_FAILED })
  await driver.define({ id: "other" })
  const detail = await readIncident(driver.store.pool, (await incidents())[0]!.id)
  assert.deepEqual([detail.state, detail.timeline.at(-1)?.body], ["resolved", "Its pipeline is no longer defined."])
})

test("a worker that dies while it consumes leaves its signals to the next", async () => {
  await driver.define({ id: "daily", tasks: [{ id: "load" }] })
  await driver.trigger("daily")
  const [claim] = await driver.claim()
  await driver.finish(claim!, outcomeOf("fail", { retry: "never", ...SQL_FAILED }))
  // Its session ends in the middle, as a killed process's does.
  const dying = inTransaction(driver.store.pool, async (transaction) => {
    await lockSignals(transaction)
    assert.equal((await takeSignals(transaction, 10)).length, 1)
    await transaction.query("select pg_terminate_backend(pg_backend_pid())")
  })
  await assert.rejects(dying)
  await consumeSignals(driver.store)
  await consumeSignals(driver.store)
  assert.deepEqual(
    (await incidents()).map(({ occurrences }) => occurrences),
    [1],
  )
})
