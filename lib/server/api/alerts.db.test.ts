import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import type {
  AlertChannelView,
  AlertDeliveryView,
  AlertRouteView,
  AlertRuleView,
  MaintenanceView,
  RulePreview,
} from "#lib/contracts/api/alerts.ts"
import type { Page, Problem } from "#lib/contracts/api/common.ts"
import { BUILTIN_RULES } from "#lib/domain/alert-rule.ts"
import { keepEnvironmentChannels } from "#lib/store/alert-channels.ts"
import { saveAlertRules } from "#lib/store/alert-rules.ts"
import { inTransaction } from "#lib/store/transaction.ts"
import { TestApi } from "#test/api-client.ts"
import { makeDataset, makePipeline, makeRun, makeScore } from "#test/factories.ts"
import { log } from "../log.ts"

log.level = "silent"
let t: TestApi
before(async () => {
  t = await TestApi.open()
  await keepEnvironmentChannels(t.store.pool, [
    { name: "ops", kind: "slack" },
    { name: "pager", kind: "pagerduty" },
  ])
})
after(() => t.close())

const list = async <Item>(path: string) => (await t.get<Page<Item>>(path)).items
async function send(method: string, path: string, body?: object): Promise<{ status: number; body: unknown }> {
  const headers = { "content-type": "application/json" }
  const response = await t.request(path, { method, headers, ...(body && { body: JSON.stringify(body) }) })
  return { status: response.status, body: await response.json() }
}
const refusal = async (answer: Promise<{ status: number; body: unknown }>) => {
  const { status, body } = await answer
  return `${status} ${(body as Problem).detail}`
}

test("begins with rules that can be read, changed and switched off, and not be removed", async () => {
  const rules = await list<AlertRuleView>("/alerts/rules")
  assert.deepEqual(new Set(rules.map(({ id }) => id)), BUILTIN_RULES)
  for (const { condition, kind } of rules) assert.equal(condition.kind, kind)
  const changed = await send("PATCH", "/alerts/rules/quality-below-90", {
    condition: { kind: "quality_below", below: 80 },
    isActive: false,
    severity: "critical",
    runbook: "docs/runbooks/quality.md",
  })
  assert.equal(changed.status, 200)
  const rule = await t.get<AlertRuleView>("/alerts/rules/quality-below-90")
  assert.deepEqual(
    [rule.condition, rule.isActive, rule.severity, rule.runbook, rule.forSeconds, rule.updatedBy],
    [
      { kind: "quality_below", dimension: "overall", below: 80 },
      false,
      "critical",
      "docs/runbooks/quality.md",
      600,
      "local owner",
    ],
  )
  assert.match(await refusal(send("DELETE", "/alerts/rules/quality-below-90")), /^422 .*switch it off/)
  assert.match(
    await refusal(send("PATCH", "/alerts/rules/worker-lost", { condition: { kind: "deadline_missed" } })),
    /^422 .*worker_lost/,
  )
})

test("adds rules of its own; ids are taken once, and what they ask for is checked", async () => {
  const rule = { id: "late-finance", name: "Late", condition: { kind: "freshness_breach", level: "warn" } }
  const made = await t.post<AlertRuleView>("/alerts/rules", { ...rule, match: { tags: ["finance"] } })
  assert.deepEqual([made.origin, made.match.tags, made.match.pipelines, made.open], ["console", ["finance"], [], 0])
  assert.match(await refusal(send("POST", "/alerts/rules", rule)), /^422 .*already/)
  for (const bad of [
    { ...rule, id: "Über" },
    { ...rule, id: "x", condition: { kind: "metric", metric: "m", operator: "~", value: 1 } },
    { ...rule, id: "x", condition: { kind: "quality_below", below: 101 } },
    { ...rule, id: "x", runbook: "javascript:alert(1)" },
    { ...rule, id: "x", match: { tag: ["finance"] } },
  ]) {
    assert.equal((await send("POST", "/alerts/rules", bad)).status, 400)
  }
  assert.equal((await send("DELETE", "/alerts/rules/late-finance")).status, 200)
  assert.equal((await t.request("/alerts/rules/late-finance")).status, 404)
})

test("rules of the workspace stand in its file and are not changed here", async () => {
  const rule = {
    id: "declared",
    name: "D",
    condition: { kind: "deadline_missed" },
    forSeconds: 0,
    clearSeconds: 0,
    severity: "warning",
    match: { pipelines: [], datasets: [], owners: [], tags: [] },
    runbook: null,
    labels: {},
    isActive: true,
  }
  const save = (rules: object[], brokenFiles: string[] = []) =>
    inTransaction(t.store.pool, (transaction) => saveAlertRules(transaction, rules as never, brokenFiles))
  await save([{ ...rule, file: "alerts.yml", line: 3 }])
  const view = await t.get<AlertRuleView>("/alerts/rules/declared")
  assert.deepEqual([view.origin, view.file, view.line], ["workspace", "alerts.yml", 3])
  assert.match(await refusal(send("PATCH", "/alerts/rules/declared", { isActive: false })), /^422 .*alerts\.yml/)
  await save([{ ...rule, name: "Other", file: "alerts.yml", line: 3 }])
  assert.equal((await t.get<AlertRuleView>("/alerts/rules/declared")).name, "Other")
  await save([], ["alerts.yml"])
  assert.equal((await t.request("/alerts/rules/declared")).status, 200, "a broken file keeps its rules")
  await save([])
  assert.equal((await t.request("/alerts/rules/declared")).status, 404)
})

test("says how often a rule would have found something", async () => {
  const pipeline = await makePipeline(t.store.pool, { owner: "Data platform" })
  const now = Date.now()
  for (const hours of [1, 2, 400]) {
    const at = new Date(now - hours * 3_600_000)
    await makeRun(t.store.pool, { pipeline, state: "failed", createdAt: at, startedAt: at, finishedAt: at })
  }
  const datasetId = await makeDataset(t.store.pool)
  const run = await makeRun(t.store.pool, { pipeline })
  for (const score of [95, 80, 70, 99, 60]) await makeScore(t.store.pool, { datasetId, runId: run.id, score })
  const preview = (condition: object, match = {}) => t.post<RulePreview>("/alerts/rules/preview", { condition, match })
  assert.equal((await preview({ kind: "pipeline_failure" })).times, 2)
  assert.equal((await preview({ kind: "pipeline_failure" }, { owners: ["Sales"] })).times, 0)
  assert.equal((await preview({ kind: "quality_below", below: 90 })).times, 2)
  assert.equal((await preview({ kind: "worker_lost" })).times, null)
  for (const kind of ["freshness_breach", "check_failure", "anomaly", "duration_anomaly", "deadline_missed"]) {
    assert.equal((await preview({ kind })).times, 0, kind)
  }
  assert.equal((await preview({ kind: "metric", metric: "m", operator: ">", value: 1 })).times, 0)
})

test("channels come from the environment or are made over it, and never say what is secret", async () => {
  const made = await t.post<AlertChannelView>("/alerts/channels", { id: "sales", variable: "OPS", maxPerHour: 10 })
  assert.deepEqual([made.kind, made.variable, made.maxPerHour, made.origin], ["slack", "ops", 10, "console"])
  assert.match(
    await refusal(send("POST", "/alerts/channels", { id: "x", variable: "NOWHERE" })),
    /^422 No worker has HEADRACE_NOTIFY_NOWHERE/,
  )
  assert.match(await refusal(send("DELETE", "/alerts/channels/ops")), /^422 .*environment/)
  const changed = await send("PATCH", "/alerts/channels/sales", { maxPerHour: null, settings: { to: ["a@b.example"] } })
  assert.equal((changed.body as AlertChannelView).maxPerHour, null)
  for (const settings of [{ to: ["a@b, c"] }, { templates: { text: "{{#open}}" } }]) {
    assert.equal((await send("PATCH", "/alerts/channels/sales", { settings })).status, 400)
  }
  assert.deepEqual(
    (await list<AlertChannelView>("/alerts/channels")).map(({ id }) => id),
    ["ops", "pager", "sales"],
  )
})

test("tests a channel, and lists what is sent", async () => {
  const sent = await t.post<AlertDeliveryView>("/alerts/channels/ops/test")
  assert.deepEqual([sent.channelId, sent.turn, sent.state, sent.incidentId], ["ops", "test", "pending", null])
  assert.deepEqual(
    (await list<AlertDeliveryView>("/alerts/deliveries?channelId=ops&state=pending")).map(({ id }) => id),
    [sent.id],
  )
  await send("PATCH", "/alerts/channels/pager", { isActive: false })
  assert.match(await refusal(send("POST", "/alerts/channels/pager/test")), /^422 .*switch it on/)
})

test("routes lead to channels that there are, in their order", async () => {
  const later = await t.post<AlertRouteView>("/alerts/routes", { name: "All", channels: ["ops"], position: 20 })
  const first = await t.post<AlertRouteView>("/alerts/routes", {
    name: "Critical",
    channels: ["pager"],
    position: 10,
    match: { severities: ["critical"] },
    hours: { days: [1, 2, 3, 4, 5], from: "09:00", to: "18:00", timezone: "Europe/Berlin" },
    escalation: [{ afterMinutes: 15, channels: ["ops"] }],
    continues: true,
  })
  assert.deepEqual(
    (await list<AlertRouteView>("/alerts/routes")).map(({ id }) => id),
    [first.id, later.id],
  )
  assert.match(
    await refusal(send("POST", "/alerts/routes", { name: "Lost", channels: ["gone"] })),
    /^422 There is no channel gone/,
  )
  assert.equal((await send("PATCH", `/alerts/routes/${first.id}`, { hours: { days: [8], from: "9" } })).status, 400)
  const changed = await send("PATCH", `/alerts/routes/${first.id}`, { hours: null, isActive: false })
  const { hours, isActive, escalation } = changed.body as AlertRouteView
  assert.deepEqual([hours, isActive, escalation], [null, false, [{ afterMinutes: 15, channels: ["ops"] }]])
  const channels = await list<AlertChannelView>("/alerts/channels")
  assert.deepEqual(channels.find(({ id }) => id === "ops")!.routes, ["All"])
  assert.equal((await send("DELETE", `/alerts/routes/${first.id}`)).status, 200)
})

test("maintenance windows are made and ended", async () => {
  const startsAt = new Date().toISOString()
  const endsAt = new Date(Date.now() + 3_600_000).toISOString()
  const made = await t.post<MaintenanceView>("/alerts/maintenance", {
    reason: "Move",
    match: { tags: ["finance"] },
    startsAt,
    endsAt,
  })
  assert.deepEqual([made.createdBy, made.match.tags], ["local owner", ["finance"]])
  assert.equal(
    (await send("POST", "/alerts/maintenance", { reason: "x", startsAt: endsAt, endsAt: startsAt })).status,
    400,
  )
  assert.equal((await list<MaintenanceView>("/alerts/maintenance")).length, 1)
  assert.equal((await send("DELETE", `/alerts/maintenance/${made.id}`)).status, 200)
  assert.equal((await send("DELETE", `/alerts/maintenance/${made.id}`)).status, 404)
})
