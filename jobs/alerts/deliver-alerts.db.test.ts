import assert from "node:assert/strict"
import { createHmac } from "node:crypto"
import { once } from "node:events"
import type { AddressInfo } from "node:net"
import { after, before, beforeEach, test } from "node:test"
import { pino } from "pino"
import { SMTPServer } from "smtp-server"
import { actOnIncidents } from "#lib/actions/act-on-incidents.ts"
import { consumeSignals } from "#lib/actions/consume-signals.ts"
import { noteTrouble } from "#lib/actions/note-trouble.ts"
import { resolveIncidents } from "#lib/actions/resolve-incidents.ts"
import { takeAlerts } from "#lib/actions/take-alerts.ts"
import { makeSecret } from "#lib/connectors/webhook/sign-message.ts"
import { openStore, type Store } from "#lib/store/client.ts"
import { inTransaction } from "#lib/store/transaction.ts"
import { createTestDatabase, type TestDatabase } from "#test/db.ts"
import { makeDataset, makePipeline, type PipelineRow } from "#test/factories.ts"
import { type HttpReceiver, startReceiver } from "#test/http-receiver.ts"
import { deliverAlerts } from "./deliver-alerts.ts"

let database: TestDatabase
let store: Store
let receiver: HttpReceiver
let mails: string[] = []
const smtp = new SMTPServer({
  disabledCommands: ["STARTTLS"],
  authOptional: true,
  onData: async (stream, _session, done) => {
    let text = ""
    for await (const chunk of stream) text += chunk
    mails.push(text)
    done()
  },
})
const secret = makeSecret()
const urls: Record<string, string> = {}
const log = pino({ level: "silent" })

before(async () => {
  database = await createTestDatabase()
  store = await openStore({ databaseUrl: database.url, applicationName: "test", onError: () => undefined })
  receiver = await startReceiver()
  await once(smtp.listen(0, "127.0.0.1"), "listening")
  const host = new URL(receiver.url).host
  Object.assign(urls, {
    chat: `slack+http://${host}/chat`,
    teams: `teams+http://${host}/teams`,
    pager: `pagerduty+http://0123456789abcdef@${host}/v2/enqueue`,
    genie: `opsgenie+http://0123-4567-abcd@${host}`,
    signed: `http://:${encodeURIComponent(secret)}@${host}/signed`,
    mail: `smtp://127.0.0.1:${(smtp.server.address() as AddressInfo).port}?from=h@example.org&to=a@example.org`,
  })
  await makePipeline(store.pool, { id: "daily_etl", owner: "Data platform", tags: ["finance"] })
  const kinds = {
    chat: "slack",
    teams: "teams",
    pager: "pagerduty",
    genie: "opsgenie",
    signed: "webhook",
    mail: "email",
  }
  for (const [id, kind] of Object.entries(kinds)) {
    await store.pool.query("insert into alert_channel (id, kind, variable, created_by) values ($1, $2, $1, 'test')", [
      id,
      kind,
    ])
  }
})
after(async () => {
  await store.close()
  await receiver.close()
  smtp.close()
  await database.drop()
})
beforeEach(async () => {
  mails = []
  receiver.received.length = 0
  clock = new Date()
  await store.pool.query("truncate incident, alert_route, maintenance_window restart identity cascade")
  await store.pool.query("update alert_channel set max_per_hour = null")
})

let clock: Date
const pass = (minutes: number) => {
  clock = new Date(clock.getTime() + minutes * 60_000)
}
const send = () =>
  deliverAlerts({
    store,
    connections: { notifyUrl: (name) => urls[name] ?? null },
    publicUrl: "https://headrace.example",
    log,
    clock: () => clock,
  })

/** A route that tells these channels at once. */
async function route(channels: string[], values: Record<string, unknown> = {}): Promise<void> {
  const row = { match: "{}", hours: null, groupWait: 0, groupInterval: 0, escalation: "[]", ...values }
  await store.pool.query(
    `insert into alert_route (position, name, match, hours, channels, group_wait_seconds, group_interval_seconds, escalation)
     values (1, 'R', $1, $2, $3, $4, $5, $6)`,
    [row.match, row.hours, channels, row.groupWait, row.groupInterval, row.escalation],
  )
}

/** A cause that shows, once or again. */
async function trouble(name = "one", values: object = {}): Promise<string> {
  const incident = await inTransaction(store.pool, (transaction) =>
    noteTrouble(
      transaction,
      {
        key: `failure:${name}`,
        kind: "pipeline_failure",
        title: `Column ${name} is <gone>`,
        message: `Column ${name} is <gone>. Add it.`,
        severity: "critical",
        fingerprint: null,
        pipelineId: "daily_etl",
        taskId: "load",
        datasetId: null,
        runId: "412",
        owner: "Data platform",
        at: clock,
        details: { runbook: "https://wiki.example/columns" },
        ...values,
      },
      { occurrences: [], members: [] },
    ),
  )
  return incident.id
}
const resolve = (id: string) =>
  inTransaction(store.pool, (transaction) =>
    resolveIncidents(transaction, [id], { actor: "headrace", at: clock, why: "" }),
  )
const act = (action: Parameters<typeof actOnIncidents>[1]) =>
  actOnIncidents(store, action, { actor: "Mira", at: clock })

const bodies = () => receiver.received.map(({ body }) => JSON.parse(body))
const texts = () => bodies().map((body) => String(body.text).split("\n")[0])
async function deliveries(): Promise<string[]> {
  const { rows } = await store.pool.query("select channel_id, turn, state, tries, note from alert_delivery order by id")
  return rows.map((row) => `${row.channel_id} ${row.turn} ${row.state} ${row.tries}${row.note ? `: ${row.note}` : ""}`)
}

test("tells a chat what broke, where, whose it is and where to look, and that it is over", async () => {
  await route(["chat"])
  const id = await trouble()
  await send()
  assert.equal(
    bodies()[0].text,
    [
      "*Critical: Column one is &lt;gone&gt;*",
      "Column one is &lt;gone&gt;. Add it.",
      "Where: daily_etl › load (run 412)",
      "Owner: Data platform",
      "Runbook: https://wiki.example/columns",
      `https://headrace.example/triage/${id}`,
    ].join("\n"),
  )
  pass(12)
  await resolve(id)
  await send()
  await send()
  assert.match(bodies()[1].text, /^\*Back to normal: Column one is &lt;gone&gt;\*\n/)
  assert.match(bodies()[1].text, /It lasted 12 min\./)
  assert.equal(receiver.received.length, 2)
  const { rows } = await store.pool.query("select type, body from incident_event order by id")
  assert.deepEqual(
    rows.map((row) => `${row.type} ${row.body}`.trim()),
    ["opened", "told chat", "resolved", "told chat"],
  )
})

test("pages by Events API v2: trigger, acknowledge and resolve of one key", async () => {
  await route(["pager"])
  const id = await trouble()
  await send()
  await act({ action: "acknowledge", ids: [id] })
  await send()
  await resolve(id)
  await send()
  assert.deepEqual(
    bodies().map((body) => [body.routing_key, body.event_action, body.dedup_key]),
    ["trigger", "acknowledge", "resolve"].map((action) => ["0123456789abcdef", action, `headrace-incident-${id}`]),
  )
  const [first] = bodies()
  assert.equal(receiver.received[0]!.path, "/v2/enqueue")
  assert.deepEqual(
    [first.payload.summary, first.payload.severity, first.payload.source, first.client_url],
    ["Critical: Column one is <gone>", "critical", "daily_etl", `https://headrace.example/triage/${id}`],
  )
  assert.deepEqual(first.links[1], { href: "https://wiki.example/columns", text: "Runbook" })
})

test("creates, acknowledges and closes an Opsgenie alert by its alias", async () => {
  await route(["genie"])
  const id = await trouble("two", { severity: "warning" })
  await send()
  await act({ action: "acknowledge", ids: [id] })
  await send()
  await resolve(id)
  await send()
  const alias = `headrace-incident-${id}`
  assert.deepEqual(
    receiver.received.map(({ path }) => path),
    [
      "/v2/alerts",
      `/v2/alerts/${alias}/acknowledge?identifierType=alias`,
      `/v2/alerts/${alias}/close?identifierType=alias`,
    ],
  )
  assert.ok(receiver.received.every(({ headers }) => headers.authorization === "GenieKey 0123-4567-abcd"))
  const [first] = bodies()
  assert.deepEqual([first.alias, first.priority, first.tags, first.entity], [alias, "P3", ["finance"], "daily_etl"])
})

test("shows Teams a card whose texts are no markup", async () => {
  await route(["teams"])
  await trouble()
  await send()
  const [{ contentType, content }] = bodies()[0].attachments
  assert.equal(contentType, "application/vnd.microsoft.card.adaptive")
  assert.deepEqual(content.body[0].inlines[0], {
    type: "TextRun",
    text: "Critical: Column one is <gone>",
    weight: "Bolder",
    size: "Medium",
    color: "Attention",
  })
  assert.deepEqual(
    content.actions.map(({ title }: { title: string }) => title),
    ["Open in Headrace", "Runbook"],
  )
})

test("signs what it sends to a webhook", async () => {
  await route(["signed"])
  const id = await trouble()
  await send()
  const [{ headers, body, path }] = receiver.received as [(typeof receiver.received)[number]]
  const key = Buffer.from(secret.slice("whsec_".length), "base64")
  const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`
  assert.equal(headers["webhook-signature"], `v1,${createHmac("sha256", key).update(signed).digest("base64")}`)
  assert.equal(headers.authorization, undefined)
  assert.equal(path, "/signed")
  const { event, incident, pipelineId } = JSON.parse(body)
  assert.deepEqual(
    [event, incident.id, incident.severity, pipelineId],
    ["incident.opened", id, "critical", "daily_etl"],
  )
})

test("mails the turns of an incident as one thread", async () => {
  await route(["mail"])
  const id = await trouble()
  await send()
  await resolve(id)
  await send()
  assert.match(mails[0]!, /^Subject: Critical: Column one is <gone>\r$/m)
  assert.match(mails[1]!, /^Subject: Back to normal: /m)
  for (const mail of mails) assert.match(mail, new RegExp(`^References: <incident_${id}@headrace>`, "m"))
})

test("an outage is waited out, and nothing is told twice", async () => {
  await route(["chat"])
  receiver.answerWith(503, 503)
  await trouble()
  await send()
  assert.deepEqual(await deliveries(), [`chat opened pending 1: ${new URL(receiver.url).host} answered 503.`])
  await send()
  assert.equal(receiver.received.length, 1, "not before its time")
  pass(1)
  await send()
  pass(1)
  await Promise.all([send(), send(), send()])
  pass(60)
  await send()
  assert.equal(receiver.received.length, 3)
  assert.deepEqual(await deliveries(), ["chat opened sent 3"])
})

test("a refusal is given up at once and stands in the log and the timeline", async () => {
  await route(["chat"])
  receiver.answerWith(404)
  await trouble()
  await send()
  pass(300)
  await send()
  assert.equal(receiver.received.length, 1)
  assert.match((await deliveries())[0]!, /^chat opened failed 1: .* answered 404\.$/)
  const { rows } = await store.pool.query("select type from incident_event order by id desc limit 1")
  assert.equal(rows[0].type, "not_told")
})

test("a message whose sender died is sent by another after the lease, under the same id", async () => {
  await route(["signed"])
  await trouble()
  const taken = await takeAlerts(store, { now: clock, leaseMs: 90_000, besides: [] })
  assert.equal(taken!.messages.length, 1)
  await send()
  assert.equal(receiver.received.length, 0, "the lease holds")
  pass(2)
  await send()
  pass(2)
  await send()
  assert.equal(receiver.received.length, 1)
  assert.match(String(receiver.received[0]!.headers["webhook-id"]), new RegExp(`_${taken!.messages[0]![0]!.id}$`))
})

test("many pages go out one by one, each once, though several workers send", async () => {
  await route(["pager"])
  for (let index = 0; index < 12; index++) await trouble(`c${index}`)
  await Promise.all([send(), send(), send()])
  const keys = bodies().map((body) => body.dedup_key)
  assert.deepEqual([keys.length, new Set(keys).size], [12, 12])
})

test("what comes within the group's wait is one message, and what follows is gathered for its interval", async () => {
  await route(["chat"], { groupWait: 30, groupInterval: 300 })
  for (let index = 0; index < 30; index++) await trouble(`c${index}`)
  await send()
  assert.equal(receiver.received.length, 0)
  pass(1)
  await send()
  assert.deepEqual(texts(), ["*30 incidents*"])
  assert.match(bodies()[0].text, /and 10 more: /)
  await trouble("late")
  pass(2)
  await trouble("later")
  await send()
  assert.equal(receiver.received.length, 1)
  pass(4)
  await send()
  assert.deepEqual(texts(), ["*30 incidents*", "*2 incidents*"])
})

test("a channel gets no more than its rate, and then what was held back as one message", async () => {
  await store.pool.query("update alert_channel set max_per_hour = 2 where id = 'chat'")
  await route(["chat"])
  for (const name of ["a", "b", "c", "d"]) {
    await trouble(name)
    await send()
    pass(1)
  }
  assert.equal(receiver.received.length, 2)
  pass(60)
  await send()
  assert.deepEqual(texts().at(-1), "*2 incidents*")
})

test("escalates to the next ones while nobody acknowledges", async () => {
  const escalation = JSON.stringify([
    { afterMinutes: 15, channels: ["pager"] },
    { afterMinutes: 30, channels: ["genie"] },
  ])
  await route(["chat"], { escalation })
  const id = await trouble()
  await send()
  pass(14)
  await send()
  assert.equal(receiver.received.length, 1)
  pass(1)
  await send()
  assert.match(bodies()[1].payload.summary, /^Nobody has acknowledged \(critical\): /)
  await act({ action: "acknowledge", ids: [id] })
  pass(30)
  await send()
  assert.deepEqual(
    receiver.received.map(({ path }) => path),
    ["/chat", "/v2/enqueue", "/v2/enqueue"],
    "the pager hears that it was acknowledged, the next step is not taken",
  )
  assert.ok((await deliveries()).includes("genie escalated-2 dropped 0: it was acknowledged before"))
})

test("under maintenance incidents are recorded and nobody is told, unless it outlasts that", async () => {
  await route(["chat"])
  await store.pool.query(
    `insert into maintenance_window (reason, match, starts_at, ends_at, created_by)
     values ('Move', '{"tags":["finance"]}', $1::timestamptz - interval '1 minute', $1::timestamptz + interval '1 hour', 'Mira')`,
    [clock],
  )
  const passing = await trouble("passing")
  await trouble("lasting")
  await send()
  pass(30)
  await resolve(passing)
  await send()
  assert.equal(receiver.received.length, 0)
  pass(31)
  await send()
  assert.deepEqual(texts(), ["*Critical: Column lasting is &lt;gone&gt;*"])
  assert.ok((await deliveries()).includes("chat opened dropped 0: it was over before anybody was told"))
})

test("snoozing silences until its end, and then says that it is still open", async () => {
  const escalation = JSON.stringify([{ afterMinutes: 15, channels: ["pager"] }])
  await route(["chat"], { escalation })
  const id = await trouble()
  await send()
  await act({ action: "snooze", ids: [id], until: new Date(clock.getTime() + 3_600_000).toISOString() })
  pass(30)
  await send()
  assert.equal(receiver.received.length, 1)
  pass(31)
  await send()
  assert.deepEqual(receiver.received.map(({ path }) => path).sort(), ["/chat", "/chat", "/v2/enqueue"])
  assert.ok(texts().some((text) => text?.startsWith("*Still open (critical): ")))
})

test("an incident that is over before anybody was told is told of to nobody", async () => {
  await route(["chat"], { groupWait: 30 })
  await resolve(await trouble())
  pass(5)
  await send()
  assert.equal(receiver.received.length, 0)
})

test("one that comes back is told of again, once", async () => {
  await route(["chat"])
  const id = await trouble()
  await send()
  await resolve(id)
  await send()
  await trouble()
  await trouble()
  await send()
  assert.deepEqual(
    texts().map((text) => text?.split(":")[0]),
    ["*Critical", "*Back to normal", "*It is back (critical)"],
  )
})

test("500 downstream failures of one cause make one incident and one message", async () => {
  await route(["chat"], { groupWait: 30 })
  const source = await makePipeline(store.pool, { id: "source", tasks: [{ id: "load", writes: ["w.marts.orders"] }] })
  const reader = await makePipeline(store.pool, { id: "reader", tasks: [{ id: "check", reads: ["w.marts.orders"] }] })
  await makeDataset(store.pool, { id: "w.marts.orders", pipelineId: "source", taskId: "load" })
  await failRuns(source, "load", 1, "sql.failed")
  await failRuns(reader, "check", 500, "check.failed")
  // Consumed by several workers at once, as signals are.
  await Promise.all([1, 2, 3].map(() => consumeSignals(store)))
  await consumeSignals(store)
  const { rows } = await store.pool.query(
    `select pipeline_id as pipeline, occurrences, followers from incident where state <> 'resolved'`,
  )
  assert.deepEqual(rows, [{ pipeline: "source", occurrences: 1, followers: 500 }])
  pass(5)
  await Promise.all([send(), send(), send()])
  assert.equal(receiver.received.length, 1)
  assert.match(bodies()[0].text, /Also affected: 500/)
})

/** Runs that end as failed, each with a failure of its own words. */
async function failRuns(pipeline: PipelineRow, taskId: string, count: number, code: string): Promise<void> {
  await store.pool.query(
    `with made as (
       insert into run (pipeline_id, version_id, kind, state, logical_at, interval_start, interval_end, started_at,
                        tasks_total)
       select $1, $2, 'manual', 'running', t, t, t, now(), 1
       from generate_series(now(), now() + $4 * interval '1 second', interval '1 second') t
       limit $4
       returning id
     ), tasks as (
       insert into task_run (run_id, pipeline_id, task_id, position, state, trigger_rule, attempt_count, started_at,
                             finished_at, ready_at)
       select id, $1, $3, 0, 'failed', 'all_success', 1, now(), now(), now() from made
       returning id, run_id
     )
     insert into attempt (task_run_id, run_id, number, state, started_at, finished_at, failure)
     select id, run_id, 1, 'failed', now(), now(),
            jsonb_build_object('code', $5::text, 'kind', 'data', 'retry', 'never', 'fingerprint', '', 'where', null,
                               'stack', null, 'message', 'Table of run ' || run_id || ' is not as expected.')
     from tasks`,
    [pipeline.id, pipeline.versionId, taskId, count, code],
  )
  await store.pool.query(
    "update run set state = 'failed', finished_at = now(), error_message = 'x' where pipeline_id = $1",
    [pipeline.id],
  )
}

test("who heard that it was over hears that it is not, and nobody else; escalation begins anew", async () => {
  await route(["chat"], { escalation: JSON.stringify([{ afterMinutes: 15, channels: ["pager"] }]) })
  const ids = [await trouble()]
  await send()
  await act({ action: "resolve", ids })
  await act({ action: "reopen", ids })
  await send()
  assert.equal(receiver.received.length, 1, "neither was said")
  await act({ action: "acknowledge", ids })
  await act({ action: "unacknowledge", ids })
  pass(15)
  await send()
  assert.match(bodies()[1].payload.summary, /^Nobody has acknowledged/)
  await act({ action: "resolve", ids })
  await send()
  await act({ action: "reopen", ids })
  await send()
  assert.deepEqual(
    receiver.received.filter(({ path }) => path === "/chat").map(({ body }) => /"\*(.+?)[:(]/.exec(body)?.[1]?.trim()),
    ["Critical", "Back to normal", "It is back"],
  )
})
