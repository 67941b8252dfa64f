import assert from "node:assert/strict"
import { test } from "node:test"
import type { FreshnessPage } from "#lib/contracts/api/freshness.ts"
import { barPosition, forecastWords, keptWords, leftWords, stripWords, verdictWords } from "./freshness-words.ts"

const NOW = Date.parse("2026-03-17T06:34:00Z")
type Standings = FreshnessPage["summary"]["standings"]

function verdict(standings: Partial<Standings>, nextDueAt: string | null = null): string {
  const all = { error: 0, warn: 0, at_risk: 0, unknown: 0, loading: 0, fresh: 3, ...standings }
  return verdictWords({ standings: all, owners: [], tags: [], kept: null, nextDueAt }, NOW)
}

test("the title says the worst, and when more will be late", () => {
  assert.equal(verdict({}), "Everything is on time")
  assert.equal(verdict({ error: 1 }), "1 dataset is late")
  assert.equal(
    verdict({ error: 2, at_risk: 1 }, "2026-03-17T07:00:00Z"),
    "2 datasets are late, 1 more will be within 26 min",
  )
  assert.equal(verdict({ error: 2, at_risk: 3 }, "2026-03-17T07:00:00Z"), "2 datasets are late, 3 more will be soon")
  assert.equal(verdict({ warn: 1 }), "1 dataset warns, none is late")
  assert.equal(verdict({ at_risk: 1 }, "2026-03-17T07:00:00Z"), "1 dataset will be late within 26 min")
  assert.equal(verdict({ unknown: 2 }), "Nothing is late, 2 datasets are not known")
})

test("time left is counted in seconds near the deadline, and in minutes else", () => {
  assert.equal(leftWords("2026-03-17T07:00:00Z", NOW), "26 min left")
  assert.equal(leftWords("2026-03-17T06:34:48Z", NOW), "48 s left")
  assert.equal(leftWords("2026-03-17T06:22:00Z", NOW), "12 min late")
  assert.equal(leftWords(null, NOW), null)
})

test("the forecast says what it rests on, and when the end of its range would be late", () => {
  const forecast = { at: "2026-03-17T06:40:00Z", from: "2026-03-17T06:38:00Z", to: "2026-03-17T06:42:00Z" }
  const words = (basis: "running" | "rhythm", risk: "none" | "possible") =>
    forecastWords({ forecast: { ...forecast, basis }, risk }, "Europe/Berlin", NOW)
  assert.equal(words("running", "none"), "done about 07:40")
  assert.equal(words("rhythm", "possible"), "next load about 07:40, maybe late")
  assert.equal(forecastWords({ forecast: null, risk: "none" }, "UTC", NOW), "no forecast yet")
})

test("what was kept never rounds up to all of it", () => {
  assert.equal(keptWords(0.99999), "99.9 %")
  assert.equal(keptWords(1), "100 %")
  assert.equal(keptWords(null), "–")
  assert.equal(stripWords("--uffwefe"), "Last 9 days: late on 2, warning on 1, fresh on 3")
})

test("the bar keeps minutes apart and a week on it", () => {
  assert.equal(barPosition(0), 0)
  assert.equal(barPosition(365 * 86_400_000), 1)
  assert.equal(barPosition(-7 * 86_400_000), -1)
  assert.ok(barPosition(3_600_000) > barPosition(600_000))
})
