import assert from "node:assert/strict"
import { test } from "node:test"
import type { ColumnProfile, TableProfile } from "#lib/contracts/api/profiles.ts"
import { bucketWords, changeWords, distinctWords, percentWords, readWords } from "./profile-words.ts"

const column = (change: Partial<ColumnProfile>): ColumnProfile => ({
  name: "a",
  type: "bigint",
  kind: "number",
  isMasked: false,
  nulls: 0,
  distinct: 4,
  once: 4,
  distinctEstimate: null,
  empty: 0,
  unmeasured: 0,
  smallest: "1",
  largest: "4",
  measures: null,
  top: [],
  ...change,
})
const read = (change: Partial<TableProfile>) => readWords(change as TableProfile)

test("says how many rows were read of how many, and whether that is known", () => {
  assert.equal(read({ method: "all", rowsRead: 90 }), "all 90 rows")
  const sampled = { method: "random", rowsRead: 1_000, rowsTotal: 50_000 } as const
  assert.equal(read({ ...sampled, isTotalExact: false }), "1,000 of about 50,000 rows, blocks at random")
  assert.equal(read({ ...sampled, isTotalExact: true }), "1,000 of 50,000 rows, blocks at random")
})

test("never claims 0 or 100 per cent of what is only near, and marks an estimate", () => {
  assert.deepEqual([0, 0.0001, 0.004, 0.12, 0.9996, 1].map(percentWords), [
    "0 %",
    "<0.1 %",
    "0.4 %",
    "12 %",
    ">99.9 %",
    "100 %",
  ])
  assert.deepEqual([distinctWords(column({})), distinctWords(column({ distinctEstimate: 900 }))], ["4", "~900"])
})

test("tells what is another since the time before, and of masked columns no value", () => {
  const before = { column: column({}), rows: 10 }
  assert.deepEqual(changeWords({ column: column({}), rows: 10 }, before), [])
  assert.deepEqual(changeWords({ column: column({ nulls: 2, largest: "9" }), rows: 10 }, before), [
    "empty was 0 %",
    "to was 4",
  ])
  const masked = column({ isMasked: true, smallest: null, largest: null, distinct: 5 })
  assert.deepEqual(changeWords({ column: masked, rows: 10 }, before), ["distinct was 4"])
  assert.deepEqual(changeWords({ column: column({}), rows: 10 }, null), ["new column"])
})

test("labels ranges of numbers and times", () => {
  const measures = { min: 0, max: 20, mean: 10, stdev: 1, quantiles: [0, 5, 10, 15, 20], histogram: [3, 1] }
  assert.equal(bucketWords(column({ measures }), 1), "10 to 20")
  const day = { ...measures, max: 172_800 }
  assert.equal(bucketWords(column({ kind: "time", measures: day }), 0), "1970-01-01 00:00 to 1970-01-02 00:00")
})
