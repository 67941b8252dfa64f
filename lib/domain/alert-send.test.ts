import assert from "node:assert/strict"
import { test } from "node:test"
import { MATCH_ALL } from "./alert-match.ts"
import { type ChannelNow, type DueDelivery, planSend } from "./alert-send.ts"

const NOW = new Date("2026-03-18T10:00:00Z")
const at = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000)
const channel: ChannelNow = { canDigest: true, maxPerHour: null, sentAt: [], routes: new Map() }
type Incident = NonNullable<DueDelivery["incident"]>
const due = (id: string, values: Partial<DueDelivery> = {}, incident: Partial<Incident> = {}): DueDelivery => ({
  id,
  turn: "opened",
  routeId: "r",
  tries: 0,
  incident: {
    id,
    pipelineId: "daily_etl",
    datasetId: null,
    owner: null,
    tags: [],
    state: "open",
    snoozedUntil: null,
    ...incident,
  },
  ...values,
})
const ids = (plan: ReturnType<typeof planSend>) => plan.messages.map((message) => message.map(({ id }) => id).join("+"))

test("what comes together goes out as one message, where the channel has no object for each", () => {
  const three = [due("1"), due("2"), due("3", { turn: "resolved" }, { state: "resolved" })]
  assert.deepEqual(ids(planSend(three, channel, [], NOW)), ["1+2+3"])
  assert.deepEqual(ids(planSend(three, { ...channel, canDigest: false }, [], NOW)), ["1", "2", "3"])
})

test("a test stays by itself and is never held", () => {
  const test = due("9", { turn: "test", routeId: null, incident: null })
  const windows = [{ match: MATCH_ALL, startsAt: at(-1), endsAt: at(1) }]
  assert.deepEqual(ids(planSend([test, due("1")], channel, windows, NOW)), ["9"])
})

test("drops what nobody needs to know any more, unless it may have arrived", () => {
  const dropped = (delivery: DueDelivery) => planSend([delivery], channel, [], NOW).dropped.map(({ note }) => note)
  assert.deepEqual(dropped(due("1", {}, { state: "resolved" })), ["it was over before anybody was told"])
  assert.deepEqual(dropped(due("1", { tries: 1 }, { state: "resolved" })), [])
  assert.deepEqual(dropped(due("1", { turn: "escalated-1" }, { state: "acknowledged" })), [
    "it was acknowledged before",
  ])
  assert.deepEqual(dropped(due("1", { turn: "resolved" })), ["it was reopened before"])
})

test("holds what is snoozed or under maintenance", () => {
  const windows = [{ match: { ...MATCH_ALL, pipelines: ["daily_etl"] }, startsAt: at(-1), endsAt: at(30) }]
  assert.deepEqual(planSend([due("1")], channel, windows, NOW).held, [
    { id: "1", until: at(30), note: "held: maintenance" },
  ])
  assert.deepEqual(planSend([due("1", {}, { snoozedUntil: at(5) })], channel, [], NOW).held, [
    { id: "1", until: at(5), note: "held: snoozed" },
  ])
})

test("gathers news of a route for its interval, but tells at once that something is over", () => {
  const routes = new Map([["r", { lastAt: at(-2), groupIntervalSeconds: 300 }]])
  const both = [due("1"), due("2", { turn: "resolved" }, { state: "resolved" })]
  const plan = planSend(both, { ...channel, routes }, [], NOW)
  assert.deepEqual(ids(plan), ["2"])
  assert.deepEqual(plan.held, [{ id: "1", until: at(3), note: "held: gathered with others" }])
})

test("holds back what is beyond the channel's rate until there is room", () => {
  const full = { ...channel, maxPerHour: 2, sentAt: [at(-50), at(-10)] }
  const plan = planSend([due("1"), due("2")], full, [], NOW)
  assert.deepEqual(ids(plan), [])
  assert.deepEqual(
    plan.held.map(({ until }) => until),
    [at(10), at(10)],
  )
  assert.deepEqual(ids(planSend([due("1"), due("2")], { ...full, maxPerHour: 3 }, [], NOW)), ["1+2"])
})
