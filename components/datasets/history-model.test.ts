import assert from "node:assert/strict"
import { test } from "node:test"
import type { RowVersions } from "#lib/contracts/api/samples.ts"
import { axisTicks, changedColumns, segmentsOf, shareOf, spanOf } from "./history-model.ts"

type Version = RowVersions["versions"][number]

function version(from: string, to: string | null, values: (string | null)[], changed: number[] = []): Version {
  return { validFrom: `${from}T00:00:00Z`, validTo: to && `${to}T00:00:00Z`, isDeleted: false, values, changed }
}

const ROW = [
  version("2026-01-01", "2026-01-11", ["bronze", "Graz"]),
  version("2026-01-11", "2026-01-21", ["silver", "Graz"], [0]),
  version("2026-01-21", null, ["silver", "Linz"], [1]),
]
const NOW = Date.parse("2026-01-31T00:00:00Z")

test("the span goes from the first version to now, or to where the last one ended", () => {
  assert.deepEqual(spanOf(ROW, NOW), { from: Date.parse("2026-01-01T00:00:00Z"), to: NOW })
  assert.equal(spanOf(ROW.slice(0, 1), NOW).to, Date.parse("2026-01-11T00:00:00Z"))
})

test("versions that leave a column as it was are one segment of it", () => {
  const span = spanOf(ROW, NOW)
  const rounded = (column: number) =>
    segmentsOf(ROW, column, span).map(({ value, start, end, isChange, isCurrent }) => [
      value,
      Math.round(start * 3),
      Math.round(end * 3),
      isChange,
      isCurrent,
    ])
  assert.deepEqual(rounded(0), [
    ["bronze", 0, 1, false, false],
    ["silver", 1, 3, true, true],
  ])
  assert.deepEqual(rounded(1), [
    ["Graz", 0, 2, false, false],
    ["Linz", 2, 3, true, true],
  ])
  assert.deepEqual(changedColumns(ROW), [0, 1])
})

test("while a row was gone it has no value, and what comes back is a segment of its own", () => {
  const gone = { ...version("2026-01-11", "2026-01-21", ["bronze"]), isDeleted: true }
  const rows = [version("2026-01-01", "2026-01-11", ["bronze"]), gone, version("2026-01-21", null, ["bronze"])]
  assert.equal(segmentsOf(rows, 0, spanOf(rows, NOW)).length, 2)
})

test("what lies outside the span stands at its end", () => {
  const span = { from: 100, to: 200 }
  assert.deepEqual([shareOf(50, span), shareOf(150, span), shareOf(900, span)], [0, 0.5, 1])
})

test("the axis is marked by days, months or years, whatever gives few marks", () => {
  const ticks = (from: string, to: string) =>
    axisTicks({ from: Date.parse(from), to: Date.parse(to) }).map(({ label }) => label)
  assert.deepEqual(ticks("2026-01-30", "2026-02-01"), ["30 Jan", "31 Jan", "1 Feb"])
  assert.deepEqual(ticks("2026-01-15", "2026-04-02"), ["Feb 2026", "Mar 2026", "Apr 2026"])
  assert.deepEqual(ticks("2023-05-01", "2026-02-01"), ["2024", "2025", "2026"])
  assert.ok(ticks("1900-05-01", "2026-02-01").length <= 8)
})
