import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { parsePartitionList } from "./partition-list.ts"

const keys = (text: string, unit: Parameters<typeof parsePartitionList>[1] = "day", timezone = "UTC") =>
  parsePartitionList(text, unit, timezone, 100).map((partition) => partition.key)

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
    assert.equal(
      parsePartitionList("2026-03-08", "day", "Pacific/Kiritimati", 10)[0]!.start.toISOString(),
      "2026-03-07T10:00:00.000Z",
    )
  })

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
