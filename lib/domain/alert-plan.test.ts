import assert from "node:assert/strict"
import { test } from "node:test"
import { MATCH_ALL } from "./alert-match.ts"
import { type AlertRoute, heldUntil, isWithinHours, planDeliveries, type RoutedIncident } from "./alert-plan.ts"

const NOW = new Date("2026-03-18T10:00:00Z") // A Wednesday.
const at = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000)
const incident: RoutedIncident = {
  kind: "pipeline_failure",
  severity: "critical",
  pipelineId: "daily_etl",
  datasetId: null,
  owner: "Data platform",
  tags: ["finance"],
  snoozedUntil: null,
}
const all = { ...MATCH_ALL, kinds: [], severities: [] }
const route = (id: string, values: Partial<AlertRoute>): AlertRoute => ({
  id,
  match: all,
  hours: null,
  channels: ["chat"],
  groupWaitSeconds: 30,
  groupIntervalSeconds: 300,
  escalation: [],
  continues: false,
  ...values,
})
const plan = (routes: AlertRoute[], values: Partial<RoutedIncident> = {}, windows = [] as never[]) =>
  planDeliveries({ ...incident, ...values }, routes, windows, NOW).map(
    ({ channelId, routeId, step, dueAt }) =>
      `${channelId} ${routeId}.${step} +${(dueAt.getTime() - NOW.getTime()) / 1_000}`,
  )

test("the first route that fits decides, unless it continues", () => {
  const finance = route("1", { match: { ...all, tags: ["finance"] }, channels: ["pager"] })
  assert.deepEqual(plan([finance, route("2", {})]), ["pager 1.0 +30"])
  assert.deepEqual(plan([finance, route("2", {})], { tags: [] }), ["chat 2.0 +30"])
  assert.deepEqual(plan([{ ...finance, continues: true }, route("2", {})]), ["pager 1.0 +30", "chat 2.0 +30"])
  assert.deepEqual(plan([]), [])
})

test("routes look at severity and kind", () => {
  const page = route("1", { match: { ...all, severities: ["critical"], kinds: ["pipeline_failure"] } })
  assert.equal(plan([page]).length, 1)
  assert.equal(plan([page], { severity: "warning" }).length, 0)
  assert.equal(plan([page], { kind: "anomaly" }).length, 0)
})

test("a channel of several routes is told once, at its earliest", () => {
  const routes = [route("1", { continues: true }), route("2", { groupWaitSeconds: 5 })]
  assert.deepEqual(plan(routes), ["chat 2.0 +5"])
})

test("escalation tells the next ones after its minutes", () => {
  const escalation = [
    { afterMinutes: 15, channels: ["pager"] },
    { afterMinutes: 60, channels: ["boss", "chat"] },
  ]
  assert.deepEqual(plan([route("1", { escalation })]), [
    "chat 1.0 +30",
    "pager 1.1 +900",
    "boss 1.2 +3600",
    "chat 1.2 +3600",
  ])
})

test("nothing is due while it is snoozed or under maintenance, windows that follow each other counted as one", () => {
  const window = (from: number, to: number, pipelines: string[] = []) => ({
    match: { ...MATCH_ALL, pipelines },
    startsAt: at(from),
    endsAt: at(to),
  })
  const held = (windows: ReturnType<typeof window>[], snoozedUntil: Date | null = null) =>
    (heldUntil({ ...incident, snoozedUntil }, windows, NOW).getTime() - NOW.getTime()) / 60_000
  assert.equal(held([]), 0)
  assert.equal(held([window(-10, 20)]), 20)
  assert.equal(held([window(20, 40), window(-10, 20)]), 40)
  assert.equal(held([window(-10, 20, ["other"])]), 0)
  assert.equal(held([window(-20, 0)]), 0, "the end is not part of it")
  assert.equal(held([window(5, 20)], at(10)), 20)
})

test("business hours are those of their zone, over midnight too", () => {
  const berlin = { days: [1, 2, 3, 4, 5], from: "09:00", to: "18:00", timezone: "Europe/Berlin" }
  const within = (text: string, hours = berlin) => isWithinHours(hours, new Date(text))
  assert.equal(within("2026-03-18T08:00:00Z"), true)
  assert.equal(within("2026-03-18T07:59:00Z"), false)
  assert.equal(within("2026-03-18T17:00:00Z"), false, "the end is not part of it")
  assert.equal(within("2026-07-15T07:30:00Z"), true, "summer time")
  assert.equal(within("2026-03-21T10:00:00Z"), false, "a Saturday")
  const night = { ...berlin, days: [5], from: "22:00", to: "06:00" }
  assert.equal(within("2026-03-20T22:00:00Z", night), true, "Friday, 23:00")
  assert.equal(within("2026-03-21T04:30:00Z", night), true, "Saturday, 05:30, began on Friday")
  assert.equal(within("2026-03-20T04:30:00Z", night), false, "Friday, 05:30, began on Thursday")
})
