import assert from "node:assert/strict"
import { test } from "node:test"
import { PARTITION_UNITS, partitionInterval } from "../partition.ts"
import { partitionPosition } from "./partition-position.ts"

test("finds the interval of each key that a partition can have", () => {
  for (const zone of ["UTC", "Europe/Berlin", "America/New_York"]) {
    for (const unit of PARTITION_UNITS) {
      for (let day = 0; day < 800; day += 13) {
        const { key, start, end } = partitionInterval(
          unit,
          zone,
          new Date(Date.UTC(2024, 11, 20, 5) + day * 86_400_000),
        )
        assert.deepEqual(partitionPosition(key, zone), { start, end, staticKey: null }, `${key} in ${zone}`)
      }
    }
  }
})

test("keeps a fixed key apart, and knows no time of keys without one, of ranges and of nonsense", () => {
  assert.equal(partitionPosition("2026-03-08|eu", "UTC")?.staticKey, "eu")
  for (const key of ["eu", "2026-03-01..2026-03-07", "2026-", "2026-99-99", ""]) {
    assert.equal(partitionPosition(key, "UTC"), null, key)
  }
})
