import assert from "node:assert/strict"
import { test } from "node:test"
import { intervalsOf, usualOf } from "./arrival-stats.ts"
import { complianceOf, type StateInterval } from "./compliance.ts"
import { type ForecastFacts, forecastArrival, riskOf } from "./forecast-arrival.ts"
import { compareFreshness, standingOf } from "./rank-freshness.ts"

const at = (text: string) => new Date(`2026-03-${text}Z`)
const HOUR_MS = 3_600_000

test("what is usual is not moved by one odd value", () => {
  const days = ["01T05:00", "02T05:10", "03T04:55", "06T05:00", "07T05:05", "08T05:00"].map(at)
  const usual = usualOf(intervalsOf(days))!
  assert.ok(Math.abs(usual.medianMs - 24 * HOUR_MS) < HOUR_MS / 2)
  assert.ok(usual.spreadMs < HOUR_MS)
  assert.equal(usualOf([1, 2]), null)
  assert.deepEqual(usualOf([60, 100], 1), { medianMs: 80, spreadMs: 20 })
})

const FACTS: ForecastFacts = {
  arrivedAt: at("16T05:20"),
  interval: { medianMs: 24 * HOUR_MS, spreadMs: HOUR_MS / 4 },
  lag: { medianMs: HOUR_MS / 2, spreadMs: HOUR_MS / 12 },
  runStartedAt: null,
  nextRunAt: null,
}

test("a run under way is expected to load after its usual time, overdue ones now", () => {
  const running = { ...FACTS, runStartedAt: at("17T05:00") }
  const forecast = forecastArrival(running, at("17T05:10"))!
  assert.deepEqual(
    [forecast.basis, forecast.at, forecast.from, forecast.to],
    ["running", at("17T05:30"), at("17T05:20"), at("17T05:40")],
  )
  assert.deepEqual(forecastArrival(running, at("17T08:00"))!.at, at("17T08:00"))
  // It has loaded the dataset already: the next one is.
  const next = forecastArrival({ ...running, arrivedAt: at("17T05:28"), nextRunAt: at("18T05:00") }, at("17T05:29"))!
  assert.deepEqual([next.basis, next.at], ["schedule", at("18T05:30")])
})

test("without a pipeline the rhythm goes on, and without a past nothing is expected", () => {
  const rhythm = forecastArrival({ ...FACTS, lag: null, nextRunAt: at("17T05:00") }, at("16T12:00"))!
  assert.deepEqual([rhythm.basis, rhythm.at, rhythm.to], ["rhythm", at("17T05:20"), at("17T05:50")])
  assert.equal(forecastArrival({ ...FACTS, lag: null, interval: null }, at("16T12:00")), null)
})

test("a deadline is at risk when the expectation, or the end of its range, lies after it", () => {
  const forecast = forecastArrival({ ...FACTS, nextRunAt: at("17T05:00") }, at("16T12:00"))
  assert.equal(riskOf(forecast, at("17T06:00")), "none")
  assert.equal(riskOf(forecast, at("17T05:35")), "possible")
  assert.equal(riskOf(forecast, at("17T05:29")), "likely")
  assert.equal(riskOf(null, at("17T05:29")), "none")
  assert.equal(standingOf({ state: "fresh", forecast, dueAt: at("17T05:29") }), "at_risk")
  assert.equal(standingOf({ state: "error", forecast, dueAt: at("17T05:29") }), "error")
})

test("the worst stand first, then what is due first", () => {
  const row = (
    datasetId: string,
    standing: "error" | "at_risk" | "fresh",
    due: string | null,
    owner: string | null,
  ) => ({
    datasetId,
    owner,
    standing,
    state: "fresh" as const,
    dueAt: due === null ? null : at(due),
    forecast: null,
  })
  const rows = [
    row("a", "fresh", null, "Zoe"),
    row("b", "fresh", "17T05:00", null),
    row("c", "error", "17T09:00", "Ann"),
    row("d", "at_risk", "17T07:00", "Ann"),
    row("e", "error", "17T08:00", "Zoe"),
  ]
  const order = (sort: "worst" | "deadline" | "owner") =>
    rows
      .toSorted(compareFreshness(sort))
      .map(({ datasetId }) => datasetId)
      .join("")
  assert.equal(order("worst"), "ecdba")
  assert.equal(order("deadline"), "bdeca")
  assert.equal(order("owner"), "cdeab")
})

test("compliance is the share of known time that was fresh, and a day is as good as its worst state", () => {
  const intervals: StateInterval[] = [
    { state: "unknown", from: at("14T00:00"), to: at("15T00:00") },
    { state: "fresh", from: at("15T00:00"), to: at("16T12:00") },
    { state: "error", from: at("16T12:00"), to: at("16T18:00") },
    { state: "fresh", from: at("16T18:00"), to: null },
  ]
  const { days, share } = complianceOf(intervals, { now: at("17T12:00"), count: 5, zone: "UTC" })
  assert.deepEqual(
    days.map(({ day, state }) => `${day.slice(-2)} ${state}`),
    ["13 null", "14 unknown", "15 fresh", "16 error", "17 fresh"],
  )
  assert.equal(share, 54 / 60)
  assert.equal(complianceOf([], { now: at("17T12:00"), count: 30, zone: "UTC" }).share, null)
})

test("the days of compliance are those of the zone, also where the clock changes", () => {
  const intervals: StateInterval[] = [
    { state: "fresh", from: at("01T00:00"), to: at("28T22:59") },
    // The last minute of the 28th in Berlin.
    { state: "error", from: at("28T22:59"), to: at("28T23:00") },
    { state: "fresh", from: at("28T23:00"), to: null },
  ]
  const { days } = complianceOf(intervals, { now: at("29T23:30"), count: 3, zone: "Europe/Berlin" })
  assert.deepEqual(days, [
    { day: "2026-03-28", state: "error" },
    { day: "2026-03-29", state: "fresh" },
    { day: "2026-03-30", state: "fresh" },
  ])
})
