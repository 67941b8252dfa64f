import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import type { Page, Problem } from "#lib/contracts/api/common.ts"
import type { WebhookDeliveryView, WebhookView } from "#lib/contracts/api/webhooks.ts"
import { TestApi } from "#test/api-client.ts"
import { log } from "../log.ts"

log.level = "silent"
let t: TestApi
before(async () => {
  t = await TestApi.open()
})
after(() => t.close())

const hook = { url: "https://ops.example/hook", events: ["run.failed"] }
const add = (values: object = {}) => t.post<WebhookView & { secret: string }>("/webhooks", { ...hook, ...values })

async function change(id: string, body: object): Promise<WebhookView> {
  const headers = { "content-type": "application/json" }
  const response = await t.request(`/webhooks/${id}`, { method: "PATCH", body: JSON.stringify(body), headers })
  assert.equal(response.status, 200)
  return (await response.json()) as WebhookView
}

test("shows the secret when a webhook is added and never again", async () => {
  const made = await add({ pipelines: ["daily_etl"], description: "pager" })
  assert.match(made.secret, /^whsec_[A-Za-z0-9+/]{43}=$/)
  for (const answer of [
    await t.get(`/webhooks/${made.id}`),
    await t.get("/webhooks"),
    await change(made.id, { description: "the pager" }),
  ]) {
    assert.ok(!JSON.stringify(answer).includes(made.secret))
    assert.ok(!JSON.stringify(answer).includes("secret"))
  }
  const shown = await t.get<WebhookView>(`/webhooks/${made.id}`)
  assert.equal(shown.description, "the pager")
  assert.deepEqual(shown.pipelines, ["daily_etl"])
})

test("refuses unknown events, addresses that are no web pages or carry a password, and weak secrets", async () => {
  for (const [body, path] of [
    [{ ...hook, events: ["run.exploded"] }, "body.events.0"],
    [{ ...hook, events: [] }, "body.events"],
    [{ ...hook, url: "ftp://ops.example" }, "body.url"],
    [{ ...hook, url: "https://me:hush@ops.example" }, "body.url"],
    [{ ...hook, secret: "whsec_aGk=" }, "body.secret"],
  ] as const) {
    const response = await t.send("/webhooks", body)
    assert.equal(response.status, 400)
    const problem = (await response.json()) as Problem
    assert.equal(problem.issues?.[0]?.path, path)
    assert.ok(!problem.detail.includes("hush"))
  }
})

test("tests a webhook, lists what is sent, and sends it again", async () => {
  const { id } = await add()
  const sent = await t.post<WebhookDeliveryView>(`/webhooks/${id}/test`)
  assert.equal(sent.state, "pending")
  assert.equal(sent.type, "webhook.test")
  assert.equal((await t.get<WebhookView>(`/webhooks/${id}`)).counts.pending, 1)
  await t.store.pool.query(
    "update webhook_delivery set state = 'dead', next_try_at = null, tries = 10, status = 500 where id = $1",
    [sent.id],
  )
  const dead = await t.get<Page<WebhookDeliveryView>>(`/webhooks/${id}/deliveries?state=dead`)
  assert.deepEqual(
    dead.items.map((delivery) => [delivery.id, delivery.tries, delivery.status]),
    [[sent.id, 10, 500]],
  )
  const again = await t.post<WebhookDeliveryView>(`/webhook-deliveries/${sent.id}/redeliver`)
  assert.equal(again.state, "pending")
  assert.equal(again.messageId, sent.messageId)
})

test("pages through deliveries", async () => {
  const { id } = await add()
  const made: string[] = []
  for (let count = 0; count < 5; count++) made.unshift((await t.post<WebhookDeliveryView>(`/webhooks/${id}/test`)).id)
  const first = await t.get<Page<WebhookDeliveryView>>(`/webhooks/${id}/deliveries?limit=3`)
  const second = await t.get<Page<WebhookDeliveryView>>(`/webhooks/${id}/deliveries?limit=3&cursor=${first.nextCursor}`)
  assert.deepEqual(
    [...first.items, ...second.items].map((delivery) => delivery.id),
    made,
  )
  assert.equal(second.nextCursor, null)
})

test("does not test what is switched off, and sends at once what waited when it is switched on", async () => {
  const { id } = await add()
  await t.post(`/webhooks/${id}/test`)
  await t.store.pool.query(
    "update webhook_delivery set next_try_at = now() + interval '1 hour' where webhook_id = $1",
    [id],
  )
  await change(id, { isActive: false })
  const refused = await t.send(`/webhooks/${id}/test`)
  assert.equal(((await refused.json()) as Problem).code, "webhook.invalid")
  await change(id, { isActive: true })
  const { items } = await t.get<Page<WebhookDeliveryView>>(`/webhooks/${id}/deliveries`)
  assert.ok(new Date(items[0]!.nextTryAt!).getTime() <= Date.now() + 1_000)
})

test("removes a webhook with its deliveries", async () => {
  const { id } = await add()
  await t.post(`/webhooks/${id}/test`)
  assert.equal((await t.request(`/webhooks/${id}`, { method: "DELETE" })).status, 200)
  for (const path of [`/webhooks/${id}`, `/webhooks/${id}/deliveries`]) {
    assert.equal((await t.request(path)).status, 404)
  }
  assert.equal((await t.send(`/webhooks/${id}/test`)).status, 404)
})

test("leaves the OpenLineage backend to the environment", async () => {
  const { rows } = await t.store.pool.query<{ id: string }>(
    `insert into webhook (kind, url, events, created_by) values ('openlineage', 'http://marquez/api', '{run.*}', 'environment')
     returning id`,
  )
  const id = rows[0]!.id
  assert.equal((await t.get<WebhookView>(`/webhooks/${id}`)).kind, "openlineage")
  const response = await t.request(`/webhooks/${id}`, { method: "DELETE" })
  assert.equal(((await response.json()) as Problem).code, "webhook.invalid")
})
