import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { parsePartitionList } from "./partition-list.ts"
import { type DeclaredPartition, partitionScheme } from "./partition-scheme.ts"

const NOW = new Date("2026-06-01T00:00:00Z")
const keys = (text: string, declared: DeclaredPartition = "day", timezone = "UTC", only: string[] = []) =>
  parsePartitionList(text, { scheme: partitionScheme(declared), timezone, limit: 100, keys: only, now: NOW }).map(
    (partition) => partition.key,
  )

describe("a list of partitions", () => {
  test("names days and ranges, each partition once and in time's order", () => {
    assert.deepEqual(keys("2026-01-03, 2026-01-01..2026-01-02; 2026-01-02 to 2026-01-03\n2026-02-01"), [
      "2026-01-01",
      "2026-01-02",
      "2026-01-03",
      "2026-02-01",
    ])
  })

  test("means days on the zone's clock, with all partitions that they touch", () => {
    assert.equal(keys("2026-03-29", "hour", "Europe/Berlin").length, 23)
    assert.deepEqual(keys("2026-01-31..2026-02-01", "month"), ["2026-01", "2026-02"])
    assert.deepEqual(keys("2026-03-08", "week"), ["2026-W10"])
    const listed = { scheme: partitionScheme("day"), timezone: "Pacific/Kiritimati", limit: 10, now: NOW }
    assert.equal(parsePartitionList("2026-03-08", listed)[0]!.start.toISOString(), "2026-03-07T10:00:00.000Z")
  })

  const REGIONS = { by: null, keys: ["us", "eu", "apac"] }
  const DAILY = { by: "day" as const, keys: ["us", "eu"] }

  test("names fixed keys, in the order of their declaration, or all of them", () => {
    assert.deepEqual(keys("eu, us", REGIONS), ["us", "eu"])
    assert.deepEqual(keys("", REGIONS), ["us", "eu", "apac"])
    assert.deepEqual(keys("", REGIONS, "UTC", ["apac", "us"]), ["us", "apac"])
  })

  test("names days for all keys, for one, or for those chosen", () => {
    const all = ["2026-01-01|us", "2026-01-01|eu", "2026-01-02|us", "2026-01-02|eu"]
    assert.deepEqual(keys("2026-01-01..2026-01-02", DAILY), all)
    assert.deepEqual(keys("2026-01-02|eu, 2026-01-01", DAILY), [all[0], all[1], all[3]])
    assert.deepEqual(keys("2026-01-01..2026-01-02", DAILY, "UTC", ["eu"]), [all[1], all[3]])
  })

  for (const [text, declared, only, message] of [
    ["mars", REGIONS, [], /"mars" is not one of the pipeline's keys: us, eu, apac\./],
    ["2026-01-01", REGIONS, [], /"2026-01-01" cannot be one of/],
    ["2026-01-01|mars", DAILY, [], /"mars" is not one of/],
    ["2026-01-01|eu", "day", [], /names a key, but the pipeline has none/],
    ["2026-01-01", "day", ["eu"], /has no keys/],
  ] as const) {
    test(`refuses "${text}" where the pipeline's partitions are others`, () => {
      assert.throws(() => keys(text, declared, "UTC", [...only]), { code: "backfill.invalid", message })
    })
  }

  for (const [text, message] of [
    ["", /names no partition/],
    ["yesterday", /"yesterday" is no day and no range/],
    ["2026-02-30", /"2026-02-30" is no day/],
    ["2026-01-05..2026-01-01", /ends before it starts; write 2026-01-01\.\.2026-01-05/],
    ["2026-01-01..2026-12-31", /more than 100 partitions/],
  ] as const) {
    test(`refuses "${text}" in words that help`, () => {
      assert.throws(() => keys(text), { code: "backfill.invalid", message })
    })
  }
})
