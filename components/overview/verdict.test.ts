import assert from "node:assert/strict"
import { test } from "node:test"
import type { Overview } from "#lib/contracts/api/system.ts"
import { type Phrase, verdictOf } from "./verdict.ts"

function overview(fields: Partial<Overview> = {}): Overview {
  return {
    generatedAt: "2026-03-17T06:34:00Z",
    failedRuns: [],
    running: 0,
    slots: { used: 0, total: 8, waiting: 0 },
    quality: { score: 98, datasets: 4, failingChecks: 0, warningChecks: 0, history: [] },
    freshness: { breaches: 0, policies: 0, items: [] },
    incidents: { open: 0, acknowledged: 0 },
    timeline: [],
    nextRuns: [],
    runsByDay: [],
    rowsByDay: [],
    problems: [],
    ...fields,
  }
}
const failure = (pipelineId: string, hour: number): Overview["failedRuns"][number] => ({
  runId: `${hour}`,
  pipelineId,
  failedTaskId: "stg_customers",
  errorMessage: 'column "loyalty_tier" does not exist. Look at line 14.',
  finishedAt: `2026-03-17T0${hour}:00:00Z`,
})
const text = (lead: Phrase[]) =>
  lead.map((one) => (typeof one === "string" ? one : "strong" in one ? one.strong : one.time)).join("")

test("says that everything is fine and what comes next", () => {
  const verdict = verdictOf(
    overview({ nextRuns: [{ pipelineId: "daily_etl", at: "2026-03-17T07:00:00Z", medianDurationMs: null }] }),
  )
  assert.equal(verdict.title, "Everything is fine.")
  assert.equal(verdict.action, null)
  assert.match(text(verdict.lead), /Next is daily_etl/)
})

test("names the failed pipeline, the task and the first sentence of what it said", () => {
  const verdict = verdictOf(overview({ failedRuns: [failure("daily_etl", 5)] }))
  assert.equal(verdict.title, "One pipeline needs you. The rest of the estate is fine.")
  assert.equal(
    text(verdict.lead),
    'daily_etl failed 2026-03-17T05:00:00Z at stg_customers: column "loyalty_tier" does not exist.',
  )
  assert.deepEqual(verdict.action, { label: "Open the failed run", href: "/runs/5" })
})

test("names the newest of several failures and leads to all of them", () => {
  const verdict = verdictOf(overview({ failedRuns: [failure("a", 3), failure("b", 5), failure("c", 4)] }))
  assert.match(verdict.title, /^Three pipelines need you\./)
  assert.match(text(verdict.lead), /^b failed/)
  assert.equal(verdict.action?.href, "/triage")
})

test("calls the rest fine only where it is", () => {
  const verdict = verdictOf(
    overview({
      failedRuns: [failure("a", 3)],
      freshness: {
        breaches: 2,
        policies: 9,
        items: [{ dataset: "d", message: "late", standing: "error", dueAt: null }],
      },
    }),
  )
  assert.equal(verdict.title, "One pipeline needs you.")
  assert.match(text(verdict.lead), /Also: 2 late datasets\.$/)
})

test("puts a missing worker before everything: nothing runs without one", () => {
  const verdict = verdictOf(overview({ slots: { used: 0, total: 0, waiting: 3 }, failedRuns: [failure("a", 3)] }))
  assert.equal(verdict.title, "No worker is running.")
})

test("gives a workspace problem with its place", () => {
  const verdict = verdictOf(
    overview({
      problems: [
        { file: "pipelines/a.ts", line: 3, column: 1, pipelineId: null, rule: "syntax", message: "Expected '}'" },
      ],
    }),
  )
  assert.equal(text(verdict.lead), "pipelines/a.ts:3: Expected '}'.")
})

test("a check of severity warn warns, and does not hide behind one that fails", () => {
  const quality = { score: 98, datasets: 4, failingChecks: 0, warningChecks: 1, history: [] }
  assert.match(verdictOf(overview({ quality })).title, /^One check warns\./)
  assert.match(verdictOf(overview({ quality: { ...quality, failingChecks: 2 } })).title, /^Two checks fail\./)
})
