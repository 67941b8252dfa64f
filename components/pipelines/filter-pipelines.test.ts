import assert from "node:assert/strict"
import { test } from "node:test"
import type { PipelineSummary } from "#lib/contracts/api/pipelines.ts"
import { facetsOf, filterPipelines, type PipelineFilter } from "./filter-pipelines.ts"

const NONE: PipelineFilter = { q: "", owner: null, tag: null, state: null }

function pipeline(id: string, fields: Partial<PipelineSummary> = {}): PipelineSummary {
  return {
    id,
    description: "",
    owner: null,
    tags: [],
    isPaused: false,
    isDefined: true,
    schedule: null,
    nextRunAt: null,
    version: 1,
    tasksTotal: 1,
    recentRuns: [],
    problems: [],
    ...fields,
  }
}
const run = (state: PipelineSummary["recentRuns"][number]["state"]) => ({
  id: "1",
  state,
  logicalAt: "2026-03-17T00:00:00Z",
  startedAt: null,
  durationMs: null,
})
const ALL = [
  pipeline("daily_etl", { owner: "Data platform", tags: ["core"], recentRuns: [run("success"), run("failed")] }),
  pipeline("crm_sync", { owner: "Sales", tags: ["core", "sync"], recentRuns: [run("failed"), run("success")] }),
  pipeline("ledger", { description: "Books of the month", isPaused: true, recentRuns: [run("queued")] }),
]
const ids = (filter: Partial<PipelineFilter>) => filterPipelines(ALL, { ...NONE, ...filter }).map((one) => one.id)

test("finds every word somewhere in name, description, owner or tags", () => {
  assert.deepEqual(ids({ q: "sync SALES" }), ["crm_sync"])
  assert.deepEqual(ids({ q: "books" }), ["ledger"])
  assert.deepEqual(ids({ q: "books sales" }), [])
})

test("counts a pipeline as failed by its newest run only", () => {
  assert.deepEqual(ids({ state: "failed" }), ["daily_etl"])
})

test("narrows by owner, tag, running and paused", () => {
  assert.deepEqual(ids({ owner: "Sales" }), ["crm_sync"])
  assert.deepEqual(ids({ tag: "core" }), ["daily_etl", "crm_sync"])
  assert.deepEqual(ids({ state: "running" }), ["ledger"])
  assert.deepEqual(ids({ state: "paused" }), ["ledger"])
})

test("offers the owners and tags that occur", () => {
  assert.deepEqual(facetsOf(ALL), { owners: ["Data platform", "Sales"], tags: ["core", "sync"] })
})
