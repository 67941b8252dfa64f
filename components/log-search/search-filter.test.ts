import assert from "node:assert/strict"
import { test } from "node:test"
import { type SearchFilter, toSearchQuery } from "./search-filter.ts"

const NOW = Date.parse("2026-03-17T10:20:30Z")
const FILTER: SearchFilter = { q: " gone ", level: "debug", pipeline: null, range: "24h", from: null, to: null }

test("searches back from now by the range, in full minutes", () => {
  assert.deepEqual(toSearchQuery(FILTER, NOW), { q: "gone", level: "debug", from: "2026-03-16T10:20:00.000Z" })
  assert.deepEqual(toSearchQuery({ ...FILTER, range: "all", pipeline: "etl" }, NOW), {
    q: "gone",
    level: "debug",
    pipelineId: "etl",
  })
})

test("a time that was picked wins over the range", () => {
  const to = new Date("2026-01-02T00:00:00Z")
  assert.deepEqual(toSearchQuery({ ...FILTER, to }, NOW), {
    q: "gone",
    level: "debug",
    to: "2026-01-02T00:00:00.000Z",
  })
})
