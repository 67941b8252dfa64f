import assert from "node:assert/strict"
import { test } from "node:test"
import { isFiltered, type RunFilterState, toRunQuery } from "./run-filter.ts"

const NONE: RunFilterState = {
  q: "",
  state: null,
  pipeline: null,
  kind: null,
  range: "all",
  from: null,
  to: null,
  backfill: null,
}
const NOW = Date.parse("2026-03-17T06:34:12Z")

test("asks for everything where nothing is set", () => {
  assert.deepEqual(toRunQuery(NONE, NOW), {})
  assert.equal(isFiltered(NONE), false)
})

test("translates the address into the API's words", () => {
  assert.deepEqual(toRunQuery({ ...NONE, q: " etl ", state: "failed,running", pipeline: "daily_etl" }, NOW), {
    q: "etl",
    state: "failed,running",
    pipelineId: "daily_etl",
  })
})

test("cuts a named range to full minutes, so that the list keeps its cache for a minute", () => {
  const early = toRunQuery({ ...NONE, range: "1h" }, NOW)
  assert.deepEqual(early, { from: "2026-03-17T05:34:00.000Z" })
  assert.deepEqual(toRunQuery({ ...NONE, range: "1h" }, NOW + 40_000), early)
})

test("lets chosen instants win over a named range", () => {
  const from = new Date("2026-03-01T00:00:00Z")
  const to = new Date("2026-03-02T00:00:00Z")
  assert.deepEqual(toRunQuery({ ...NONE, range: "1h", from, to }, NOW), {
    from: from.toISOString(),
    to: to.toISOString(),
  })
  assert.deepEqual(toRunQuery({ ...NONE, range: "1h", to }, NOW), { to: to.toISOString() })
})
