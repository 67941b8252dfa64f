import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { type BatchSize, batchId, gapBefore, type MicrobatchSettings, parseInstant, planBatches } from "./microbatch.ts"

const settings = (batchSize: BatchSize, begin = "2024-01-01", lookback = 1): MicrobatchSettings => ({
  eventTime: "at",
  batchSize,
  begin: new Date(begin),
  lookback,
  isConcurrent: false,
})
const starts = (of: MicrobatchSettings, request: { now: string; isThere: boolean; start?: string; end?: string }) =>
  planBatches(of, {
    now: new Date(request.now),
    isThere: request.isThere,
    ...(request.start && { start: new Date(request.start) }),
    ...(request.end && { end: new Date(request.end) }),
  }).map(({ start }) => start.replace(/:00.000Z$/, ""))

describe("planBatches", () => {
  it("begins at the begin where nothing is there, and ends with the batch of now", () => {
    assert.deepEqual(starts(settings("day", "2024-01-01T15:00Z"), { now: "2024-01-03T10:00Z", isThere: false }), [
      "2024-01-01T00:00",
      "2024-01-02T00:00",
      "2024-01-03T00:00",
    ])
  })

  it("builds the batch of now and those of the lookback where there is a table", () => {
    assert.deepEqual(starts(settings("day"), { now: "2024-02-03T10:00Z", isThere: true }), [
      "2024-02-02T00:00",
      "2024-02-03T00:00",
    ])
    assert.deepEqual(starts(settings("hour", "2024-01-01", 0), { now: "2024-02-03T10:30Z", isThere: true }), [
      "2024-02-03T10:00",
    ])
    assert.deepEqual(starts(settings("month", "2024-01-01", 2), { now: "2024-02-03T10:30Z", isThere: true }), [
      "2023-12-01T00:00",
      "2024-01-01T00:00",
      "2024-02-01T00:00",
    ])
  })

  it("takes the batch that ends now for the newest at its very end", () => {
    assert.deepEqual(starts(settings("day", "2024-01-01", 0), { now: "2024-02-03T00:00Z", isThere: true }), [
      "2024-02-02T00:00",
    ])
  })

  it("builds whole batches of a range from outside, whatever is there", () => {
    for (const isThere of [true, false]) {
      assert.deepEqual(
        starts(settings("year"), { now: "2030-01-01", isThere, start: "2024-05-01", end: "2025-01-02" }),
        ["2024-01-01T00:00", "2025-01-01T00:00"],
      )
    }
  })

  it("has none where it begins in the future", () => {
    assert.deepEqual(starts(settings("day", "2025-01-01"), { now: "2024-02-03", isThere: false }), [])
  })
})

describe("gapBefore", () => {
  it("is what lies between the newest row and the first batch", () => {
    assert.deepEqual(gapBefore(settings("day"), new Date("2024-01-02T23:00Z"), new Date("2024-01-05")), {
      start: "2024-01-03T00:00:00.000Z",
      end: "2024-01-05T00:00:00.000Z",
    })
    assert.equal(gapBefore(settings("day"), new Date("2024-01-04T01:00Z"), new Date("2024-01-05")), null)
    assert.equal(gapBefore(settings("day"), null, new Date("2024-01-03"))?.start, "2024-01-01T00:00:00.000Z")
    assert.equal(gapBefore(settings("day"), null, new Date("2023-01-03")), null)
  })
})

describe("parseInstant", () => {
  it("takes a time without a zone for UTC", () => {
    for (const [text, iso] of [
      ["2024-01-01", "2024-01-01T00:00:00.000Z"],
      ["2024-01-01 05:00", "2024-01-01T05:00:00.000Z"],
      ["2024-01-01T05:00:00", "2024-01-01T05:00:00.000Z"],
      ["2024-01-01T05:00:00Z", "2024-01-01T05:00:00.000Z"],
      ["2024-01-01 05:00:00+02:00", "2024-01-01T03:00:00.000Z"],
    ]) {
      assert.equal(parseInstant(text!)?.toISOString(), iso, text)
    }
    assert.equal(parseInstant("yesterday"), null)
  })
})

describe("batchId", () => {
  it("is the day, with the hour where batches are hours", () => {
    const range = { start: "2024-01-31T05:00:00.000Z", end: "" }
    assert.deepEqual([batchId(range, "day"), batchId(range, "hour")], ["20240131", "20240131T05"])
  })
})
