import assert from "node:assert/strict"
import { test } from "node:test"
import { axisText, exactText, findSeries, seriesId, seriesWords } from "./metric-words.ts"

const SERIES = { metric: "row_count", column: "", kind: "table", key: "" } as const

test("names a series in words", () => {
  assert.equal(seriesWords(SERIES), "Rows in the table")
  assert.equal(seriesWords({ ...SERIES, metric: "rows", kind: "partitions", key: "eu" }), "Rows in each partition, eu")
  assert.equal(seriesWords({ ...SERIES, metric: "null_share", column: "email" }), "email: empty")
})

test("finds the series that an address names, else the first that people ask for", () => {
  const summary = { ...SERIES, unit: "count", points: 1, lastAt: "", isWatched: true, openAnomalies: 0 } as const
  const other = { ...summary, metric: "mean", column: "total" }
  assert.equal(findSeries([summary, other], seriesId(other)), other)
  assert.equal(findSeries([summary, other], "gone"), summary)
  assert.equal(findSeries([], null), undefined)
})

test("writes measurements as people read them", () => {
  assert.equal(axisText(1_234_567, "count"), "1.235M")
  assert.equal(exactText(1_234_567, "count"), "1,234,567")
  assert.equal(axisText(0.0412, "share"), "4.12 %")
  assert.equal(axisText(0, "share"), "0 %")
  assert.equal(axisText(1, "share"), "100 %")
  assert.equal(axisText(86_400, "instant"), "1970-01-02")
})
