import assert from "node:assert/strict"
import { createHmac } from "node:crypto"
import { after, afterEach, before, beforeEach, test } from "node:test"
import { pino } from "pino"
import { cancelRun } from "#lib/actions/cancel-run.ts"
import { consumeSignals } from "#lib/actions/consume-signals.ts"
import { createWebhook, removeWebhook, updateWebhook } from "#lib/actions/save-webhook.ts"
import { saveWorkspace } from "#lib/actions/save-workspace.ts"
import { redeliver, testWebhook } from "#lib/actions/send-again.ts"
import { wakeDeferrals } from "#lib/actions/wake-deferrals.ts"
import { makeSecret } from "#lib/connectors/webhook/sign-message.ts"
import { lineageEventSchema } from "#lib/contracts/openlineage.ts"
import { taskResultSchema } from "#lib/contracts/task-result.ts"
import { type WebhookMessage, webhookMessageSchema } from "#lib/contracts/webhook-message.ts"
import { decideDelivery } from "#lib/domain/delivery.ts"
import { type Config, readConfig } from "#lib/server/config.ts"
import { claimDeliveries } from "#lib/store/webhooks.ts"
import { makeManifest, makeManifestTask } from "#test/factories.ts"
import { type HttpReceiver, startReceiver } from "#test/http-receiver.ts"
import { RunDriver } from "#test/run-driver.ts"
import { waitFor } from "#test/spawn-worker.ts"
import { type Deliveries, startDeliveries } from "./start-deliveries.ts"

/** Deliveries over real HTTP and a real store: what is sent, when it is sent again, and what is refused. */
let driver: RunDriver
let receiver: HttpReceiver
const running: Deliveries[] = []
const secret = makeSecret()

before(async () => {
  driver = await RunDriver.open()
  const manifests = [
    makeManifest({
      id: "chain",
      tags: ["core"],
      tasks: [makeManifestTask({ id: "a" }), makeManifestTask({ id: "b", upstream: ["a"] })],
    }),
    makeManifest({ id: "other", tasks: [makeManifestTask({ id: "a" })] }),
    makeManifest({
      id: "lineage",
      tasks: [
        makeManifestTask({ id: "load", reads: ["shop.public.orders"] }),
        makeManifestTask({ id: "plain", upstream: ["load"] }),
        makeManifestTask({ id: "broken", upstream: ["plain"], reads: ["warehouse.mart.sales"] }),
      ],
    }),
  ]
  const pipelines = manifests.map((manifest) => ({ manifest, files: {}, hash: manifest.id }))
  await saveWorkspace(driver.store, { pipelines, problems: [] }, new Date())
})
beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(async () => {
  await Promise.all(running.splice(0).map((deliveries) => deliveries.stop()))
  await driver.store.pool.query("delete from webhook")
  await receiver.close()
})
after(() => driver.close())

function config(env: Record<string, string> = {}): Config {
  return readConfig({
    DATABASE_URL: driver.database.url,
    HEADRACE_WAREHOUSE_URL: "postgresql://someone:hush@db.example:6543/house",
    HEADRACE_ALLOW_PRIVATE_WEBHOOKS: "true",
    ...env,
  })
}

/** With the real rules, but tries follow each other at once. */
const atOnce: typeof decideDelivery = (tries, answer, random) => {
  const decision = decideDelivery(tries, answer, random)
  return decision.kind === "retry" ? { kind: "retry", delayMs: 1 } : decision
}

async function deliver(env: Record<string, string> = {}, timeoutMs = 5_000): Promise<Deliveries> {
  const log = pino({ level: "silent" })
  const deliveries = await startDeliveries({ store: driver.store, config: config(env), log, decide: atOnce, timeoutMs })
  running.push(deliveries)
  return deliveries
}

function subscribe(values: Partial<Parameters<typeof createWebhook>[1]> = {}): Promise<string> {
  return createWebhook(driver.store, {
    url: receiver.url,
    events: ["*"],
    pipelines: [],
    tags: [],
    description: "",
    secret,
    actor: "test",
    ...values,
  })
}

const messages = () => receiver.received.map(({ body }) => webhookMessageSchema.parse(JSON.parse(body)))
const types = () => messages().map((message) => message.type)

function settled(): Promise<unknown> {
  return waitFor(driver.database.url, "an empty outbox", async () => {
    for (const deliveries of running) deliveries.wake()
    const { rows } = await driver.store.pool.query<{ waiting: number }>(
      "select count(*)::int as waiting from webhook_delivery where state = 'pending'",
    )
    return rows[0]!.waiting === 0
  })
}

async function deliveriesOf(webhookId: string) {
  const { rows } = await driver.store.pool.query<{
    type: string
    state: string
    tries: number
    status: number
    error: string
  }>("select type, state, tries, status, error from webhook_delivery where webhook_id = $1 order by id", [webhookId])
  return rows
}

test("tells of a run in order, in messages of the contract, signed so that the receiver can check it", async () => {
  await subscribe()
  await deliver()
  const runId = await driver.trigger("chain")
  await driver.drive()
  await settled()
  assert.deepEqual(types(), ["run.created", "run.started", "task_run.success", "task_run.success", "run.success"])
  const success = messages().at(-1)!
  assert.equal(success.data.run?.id, runId)
  assert.equal(success.data.run?.state, "success")
  assert.equal(success.data.pipelineId, "chain")
  assert.deepEqual(
    messages().flatMap(({ data }) => data.task?.taskId ?? []),
    ["a", "b"],
  )
  for (const { headers, body } of receiver.received) {
    const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`
    const key = Buffer.from(secret.slice("whsec_".length), "base64")
    assert.equal(headers["webhook-signature"], `v1,${createHmac("sha256", key).update(signed).digest("base64")}`)
    assert.equal(headers["webhook-id"], (JSON.parse(body) as WebhookMessage).id)
    assert.ok(Math.abs(Number(headers["webhook-timestamp"]) - Date.now() / 1_000) < 60)
  }
})

test("tells of a failure with its task and its cause, of what it blocked, and of a retry", async () => {
  await subscribe({ events: ["run.failed", "task_run.*"] })
  await deliver()
  await driver.trigger("chain")
  await driver.drive({ a: "fail" })
  await settled()
  assert.deepEqual(types(), ["task_run.failed", "task_run.upstream_failed", "run.failed"])
  const [task, , run] = messages()
  assert.deepEqual(task!.data.error, { taskId: "a", code: "task.failed", message: "boom" })
  assert.equal(run!.data.error?.taskId, "a")
})

test("tells of an incident, that it was opened and that it is over", async () => {
  await subscribe({ events: ["incident.*"], pipelines: ["chain"] })
  await deliver()
  const fail = async (outcomes: Parameters<typeof driver.drive>[0]) => {
    await driver.trigger("chain")
    await driver.drive(outcomes)
    await consumeSignals(driver.store)
  }
  await fail({ a: "fail" })
  await fail({})
  await settled()
  assert.deepEqual(types(), ["incident.opened", "incident.resolved"])
  const { incident, pipelineId } = messages()[1]!.data
  assert.deepEqual(
    [incident?.kind, incident?.title, incident?.state, pipelineId],
    ["pipeline_failure", "boom", "resolved", "chain"],
  )
})

test("tells of a run that was cancelled while it was queued, once", async () => {
  await subscribe({ events: ["run.*"] })
  await deliver()
  const first = await driver.trigger("other", { logicalAt: new Date(1) })
  const queued = await driver.trigger("other", { logicalAt: new Date(2) })
  const { rows } = await driver.store.pool.query("select state from run where id = $1", [queued])
  await cancelRun(driver.store, { runId: queued, actor: "ann" })
  await cancelRun(driver.store, { runId: first, actor: "ann" })
  await settled()
  const ofQueued = messages().filter(({ data }) => data.run?.id === queued)
  const started = rows[0].state === "queued" ? [] : ["run.started"]
  assert.deepEqual(
    ofQueued.map(({ type }) => type).sort(),
    ["run.cancel", "run.cancelled", "run.created", ...started].sort(),
  )
  assert.equal(ofQueued.find(({ type }) => type === "run.cancel")?.data.actor, "ann")
})

test("sends only what an endpoint asked for: by type, pipeline and tag", async () => {
  const byTag = await subscribe({ events: ["run.success"], tags: ["core"] })
  const byPipeline = await subscribe({ events: ["run.success"], pipelines: ["other"] })
  const nothing = await subscribe({ events: ["run.failed"] })
  await driver.trigger("chain")
  await driver.trigger("other")
  await driver.drive()
  const { rows } = await driver.store.pool.query(
    `select webhook_id as "webhookId", pipeline_id as "pipelineId" from webhook_delivery order by 1`,
  )
  assert.deepEqual(rows, [
    { webhookId: byTag, pipelineId: "chain" },
    { webhookId: byPipeline, pipelineId: "other" },
  ])
  assert.deepEqual(await deliveriesOf(nothing), [])
})

test("writes nothing into the outbox while no endpoint is active", async () => {
  const id = await subscribe()
  await updateWebhook(driver.store, { id, changes: { isActive: false }, actor: "test" })
  await driver.trigger("chain")
  await driver.drive()
  assert.deepEqual(
    await deliveriesOf(id),
    [{ type: "webhook.created", state: "pending", tries: 0, status: null, error: null }].slice(1),
  )
})

test("tries again after errors and silence, with one id, and keeps the order of a run", async () => {
  const id = await subscribe({ events: ["run.created", "run.started"] })
  receiver.answerWith(500, 0)
  await deliver({}, 200)
  await driver.trigger("chain")
  await driver.drive()
  await settled()
  assert.deepEqual(types(), ["run.created", "run.created", "run.created", "run.started"])
  assert.equal(new Set(messages().map((message) => message.id)).size, 2)
  const [first] = await deliveriesOf(id)
  assert.deepEqual(first, { type: "run.created", state: "delivered", tries: 3, status: 204, error: null })
})

test("tells of a wait and of its end, each once", async () => {
  await subscribe({ events: ["task_run.*"] })
  await deliver()
  await driver.trigger("other", { logicalAt: new Date(60) })
  const [claim] = await driver.claim()
  const [before, later] = [-60_000, 3_600_000].map((ms) => new Date(Date.now() + ms).toISOString())
  await driver.finish(claim!, {
    kind: "deferred",
    wait: {
      kind: "time",
      wakeAt: later!,
      timezone: "UTC",
      expiresAt: before!,
      onTimeout: "skip",
      text: "Waits for it.",
    },
    result: taskResultSchema.parse({}),
  })
  await wakeDeferrals(driver.store)
  await settled()
  assert.deepEqual(types(), ["task_run.deferred", "task_run.skipped"])
  assert.equal(messages()[0]!.data.error, null, "nothing is wrong with a wait")
})

test("gives up after the last try and lists it as dead; a person sends it again under its id", async () => {
  const id = await subscribe({ events: ["run.created"] })
  receiver.answerWith(...Array.from({ length: 10 }, () => 503))
  await deliver()
  await driver.trigger("other")
  await driver.drive()
  await settled()
  const { rows } = await driver.store.pool.query<{ id: string; state: string; tries: number; error: string }>(
    "select id, state, tries, error from webhook_delivery where webhook_id = $1",
    [id],
  )
  assert.equal(rows[0]!.state, "dead")
  assert.equal(rows[0]!.tries, 10)
  assert.equal(rows[0]!.error, "It answered 503.")
  await redeliver(driver.store, { deliveryId: rows[0]!.id })
  running[0]!.wake()
  await receiver.arrived(11)
  await settled()
  assert.equal((await deliveriesOf(id))[0]!.state, "delivered")
  assert.equal(new Set(messages().map((message) => message.id)).size, 1)
})

test("delivers what a worker had taken when it died, after its lease", async () => {
  const id = await subscribe({ events: ["run.created"] })
  await driver.trigger("other")
  await driver.drive()
  const claim = { kinds: ["webhook"] as const, limit: 10, perEndpoint: 10, busy: new Map<string, number>() }
  const taken = await claimDeliveries(driver.store.pool, { ...claim, leaseMs: 60_000 })
  assert.equal(taken.length, 1)
  assert.deepEqual(await claimDeliveries(driver.store.pool, { ...claim, leaseMs: 60_000 }), [], "it is taken once")
  await driver.store.pool.query("update webhook_delivery set next_try_at = now() where state = 'pending'")
  await deliver()
  await settled()
  assert.deepEqual(types(), ["run.created"])
  assert.equal((await deliveriesOf(id))[0]!.tries, 2)
})

test("two workers deliver each message once", async () => {
  await subscribe({ events: ["run.created"] })
  await Promise.all([deliver(), deliver()])
  for (let index = 0; index < 20; index++) await driver.trigger("chain", { logicalAt: new Date(1_000 + index) })
  for (const deliveries of running) deliveries.wake()
  await receiver.arrived(20)
  await settled()
  assert.equal(receiver.received.length, 20)
  assert.equal(new Set(messages().map((message) => message.id)).size, 20)
  await driver.drive()
})

test("a receiver that never answers does not hold up another", async () => {
  const slow = await startReceiver()
  slow.answerWith(...Array.from({ length: 100 }, () => 0))
  try {
    await subscribe({ url: slow.url, events: ["run.created"] })
    await subscribe({ events: ["run.created"] })
    await deliver()
    for (let index = 0; index < 30; index++) await driver.trigger("chain", { logicalAt: new Date(5_000 + index) })
    running[0]!.wake()
    await receiver.arrived(30)
  } finally {
    await Promise.all(running.splice(0).map((deliveries) => deliveries.stop()))
    await slow.close()
  }
  await driver.drive()
})

test("refuses loopback and private addresses, named or in figures, unless they are allowed", async () => {
  const id = await subscribe({ events: ["run.created"] })
  const addresses = [
    "http://localhost:1/",
    "http://10.1.2.3/",
    "http://[::1]:1/",
    "http://169.254.169.254/",
    "http://0x7f000001/",
  ]
  const ids = await Promise.all(addresses.map((url) => subscribe({ url, events: ["run.created"] })))
  await deliver({ HEADRACE_ALLOW_PRIVATE_WEBHOOKS: "false" })
  await driver.trigger("other", { logicalAt: new Date(77) })
  await settled()
  for (const each of [id, ...ids]) {
    const [delivery] = await deliveriesOf(each)
    assert.match(delivery!.error, /leads to an address that is not on the public internet/)
    assert.equal(delivery!.state, "dead")
    assert.equal(delivery!.tries, 1, "a second try would change nothing")
  }
  assert.equal(receiver.received.length, 0)
  await driver.drive()
})

test("follows no redirect", async () => {
  const id = await subscribe({ events: ["run.created"] })
  receiver.headers.location = receiver.url
  receiver.answerWith(...Array.from({ length: 10 }, () => 307))
  await deliver()
  await driver.trigger("other", { logicalAt: new Date(78) })
  await settled()
  const [delivery] = await deliveriesOf(id)
  assert.equal(delivery!.state, "dead")
  assert.match(delivery!.error, /redirects are not followed/)
  assert.equal(receiver.received.length, 10)
  await driver.drive()
})

test("switches an endpoint off that is gone or has failed for days, and tells the others", async () => {
  const gone = await subscribe({ events: ["run.created"] })
  const tired = await subscribe({ events: ["run.started"], url: `${receiver.url}/tired` })
  const other = await startReceiver()
  try {
    await subscribe({ url: other.url, events: ["webhook.disabled"] })
    await driver.store.pool.query("update webhook set failing_since = now() - interval '4 days' where id = $1", [tired])
    receiver.statusOf["/hook"] = 410
    receiver.statusOf["/hook/tired"] = 500
    await deliver()
    await driver.trigger("other", { logicalAt: new Date(79) })
    await other.arrived(2)
    const { rows } = await driver.store.pool.query(
      `select id, disabled_reason as reason from webhook where not is_active order by id`,
    )
    assert.deepEqual(
      rows.map((row) => row.id),
      [gone, tired],
    )
    assert.match(rows[0].reason, /410 Gone/)
    assert.match(rows[1].reason, /Every delivery has failed since/)
    assert.match(other.received[0]!.body, /410 Gone|has failed since/)
  } finally {
    await Promise.all(running.splice(0).map((deliveries) => deliveries.stop()))
    await other.close()
  }
  await driver.drive()
})

test("sends a test past the filters; a removed endpoint gets nothing more", async () => {
  const id = await subscribe({ events: ["run.failed"] })
  await deliver()
  await testWebhook(driver.store, { id, actor: "ann" })
  running[0]!.wake()
  await receiver.arrived(1)
  await settled()
  assert.deepEqual(types(), ["webhook.test"])
  assert.equal(messages()[0]!.data.run, null)
  await removeWebhook(driver.store, { id, actor: "ann" })
  await assert.rejects(() => testWebhook(driver.store, { id, actor: "ann" }), /There is no webhook/)
})

test("tells an OpenLineage backend of runs and of tasks with datasets, in the published shape", async () => {
  await deliver({
    HEADRACE_OPENLINEAGE_URL: new URL(receiver.url).origin,
    HEADRACE_OPENLINEAGE_API_KEY: "hush",
    HEADRACE_CONNECTION_SHOP: "postgresql://u:p@shop.example/shop",
  })
  await driver.trigger("lineage")
  const [load] = await driver.claim()
  const result = taskResultSchema.parse({
    materializations: [
      {
        dataset: "warehouse.mart.sales",
        rowsInserted: 3,
        rowsUpdated: 1,
        durationSeconds: 1,
        columns: [{ name: "id", type: "int8" }],
      },
    ],
  })
  await driver.finish(load!, { kind: "success", result })
  await driver.drive({ broken: "fail" })
  await settled()
  const events = receiver.received.map(({ body }) => lineageEventSchema.parse(JSON.parse(body)))
  assert.deepEqual(
    events.map(({ eventType, job }) => `${eventType} ${job.name}`),
    [
      "START lineage",
      "START lineage.load",
      "COMPLETE lineage.load",
      "START lineage.broken",
      "FAIL lineage.broken",
      "FAIL lineage",
    ],
  )
  const [started, , loaded, , broken, failed] = events
  assert.equal(failed!.run.runId, started!.run.runId)
  assert.equal(failed!.run.facets.errorMessage?.message, "boom")
  assert.equal(loaded!.run.facets.parent?.run.runId, started!.run.runId)
  assert.equal(broken!.run.facets.errorMessage?.message, "boom")
  assert.deepEqual(
    loaded!.inputs.map(({ namespace, name }) => `${namespace} ${name}`),
    ["postgres://shop.example:5432 shop.public.orders"],
  )
  const [output] = loaded!.outputs
  assert.equal(`${output!.namespace} ${output!.name}`, "postgres://db.example:6543 house.mart.sales")
  assert.equal(output!.outputFacets.outputStatistics?.rowCount, 4)
  assert.deepEqual(output!.facets.schema?.fields, [{ name: "id", type: "int8" }])
  for (const { path, headers, body } of receiver.received) {
    assert.equal(path, "/api/v1/lineage")
    assert.equal(headers.authorization, "Bearer hush")
    assert.ok(!body.includes("hush"))
  }
})
