import assert from "node:assert/strict"
import { test } from "node:test"
import { formatTable, measure, median } from "./harness.ts"

test("a figure is the median of its rounds, ratio included", async () => {
  const values = [9, 1, 5]
  const rows = await measure({
    name: "made up",
    rounds: 3,
    async run() {
      const value = values.shift() ?? 0
      return [{ name: "a", value, unit: "s", ratio: value / 10, of: "ten" }]
    },
  })
  assert.deepEqual(rows, [{ name: "a", value: 5, unit: "s", ratio: 0.5, of: "ten" }])
})

test("the median of an even number of values lies between the middle two", () => {
  assert.equal(median([4, 1, 3, 2]), 2.5)
  assert.throws(() => median([]), RangeError)
})

test("the table aligns figures and says what a ratio is of", () => {
  const table = formatTable([
    { name: "rows", value: 123456.7, unit: "rows/s", ratio: 0.6, of: "COPY" },
    { name: "one hop", value: 2.3456, unit: "ms" },
  ])
  assert.equal(table, "  rows     123,457 rows/s  0.60 × COPY\n  one hop     2.35 ms")
})
