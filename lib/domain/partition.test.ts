import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { AppError } from "./errors.ts"
import { partitionInterval, partitionKey, partitionsBetween } from "./partition.ts"

const utc = (text: string) => new Date(`${text}Z`)
const span = (unit: "hour" | "day" | "week" | "month", timezone: string, at: string) => {
  const { key, start, end } = partitionInterval(unit, timezone, utc(at))
  return [key, start.toISOString().slice(0, 16), end.toISOString().slice(0, 16)]
}

describe("partitionInterval", () => {
  test("a day runs from local midnight to local midnight", () => {
    assert.deepEqual(span("day", "UTC", "2026-03-08T12:00"), ["2026-03-08", "2026-03-08T00:00", "2026-03-09T00:00"])
    assert.deepEqual(span("day", "Europe/Berlin", "2026-07-08T22:30"), [
      "2026-07-09",
      "2026-07-08T22:00",
      "2026-07-09T22:00",
    ])
  })
  test("a day on which the clock changes has 23 or 25 hours", () => {
    assert.deepEqual(span("day", "America/New_York", "2026-03-08T12:00").slice(1), [
      "2026-03-08T05:00",
      "2026-03-09T04:00",
    ])
    assert.deepEqual(span("day", "America/New_York", "2026-11-01T12:00").slice(1), [
      "2026-11-01T04:00",
      "2026-11-02T05:00",
    ])
  })
  test("a day without midnight starts at its first instant", () => {
    assert.deepEqual(span("day", "America/Santiago", "2026-09-06T12:00"), [
      "2026-09-06",
      "2026-09-06T04:00",
      "2026-09-07T03:00",
    ])
  })
  test("a midnight that comes twice opens the day at its first pass", () => {
    // Havana goes from 01:00 back to 00:00, so 1 November starts twice.
    assert.deepEqual(span("day", "America/Havana", "2026-11-01T05:30"), [
      "2026-11-01",
      "2026-11-01T04:00",
      "2026-11-02T05:00",
    ])
  })
  test("weeks start on Monday and are named as in ISO 8601", () => {
    assert.deepEqual(span("week", "UTC", "2026-01-01T12:00"), ["2026-W01", "2025-12-29T00:00", "2026-01-05T00:00"])
    assert.deepEqual(span("week", "UTC", "2027-01-03T12:00"), ["2026-W53", "2026-12-28T00:00", "2027-01-04T00:00"])
  })
  test("months have their own lengths", () => {
    assert.deepEqual(span("month", "Europe/Berlin", "2028-02-29T23:30"), [
      "2028-03",
      "2028-02-29T23:00",
      "2028-03-31T22:00",
    ])
  })
  test("the two passes of a repeated hour are two partitions with their own names", () => {
    assert.deepEqual(span("hour", "America/New_York", "2026-11-01T05:30"), [
      "2026-11-01T01:00-04:00",
      "2026-11-01T05:00",
      "2026-11-01T06:00",
    ])
    assert.deepEqual(span("hour", "America/New_York", "2026-11-01T06:30"), [
      "2026-11-01T01:00-05:00",
      "2026-11-01T06:00",
      "2026-11-01T07:00",
    ])
  })
  test("a change by half an hour cuts the hour it falls into", () => {
    assert.deepEqual(span("hour", "Australia/Lord_Howe", "2026-10-03T15:45"), [
      "2026-10-04T02:30+11:00",
      "2026-10-03T15:30",
      "2026-10-03T16:00",
    ])
    assert.deepEqual(span("hour", "Australia/Lord_Howe", "2026-04-04T15:15"), [
      "2026-04-05T01:30+10:30",
      "2026-04-04T15:00",
      "2026-04-04T15:30",
    ])
  })

  for (const timezone of ["UTC", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "America/Santiago"]) {
    for (const unit of ["hour", "day", "week", "month"] as const) {
      test(`${unit}s tile a year in ${timezone}, each with a name of its own`, () => {
        const partitions = partitionsBetween(unit, timezone, utc("2026-01-01T00:00"), utc("2027-01-01T00:00"))
        partitions.slice(1).forEach((partition, index) => {
          assert.deepEqual(partition.start, partitions[index]!.end)
        })
        assert.equal(new Set(partitions.map((partition) => partition.key)).size, partitions.length)
        for (const partition of partitions) {
          const middle = new Date((partition.start.getTime() + partition.end.getTime()) / 2)
          assert.deepEqual(partitionInterval(unit, timezone, middle), partition)
          assert.equal(partitionKey(unit, timezone, partition.start), partition.key)
        }
      })
    }
  }
})

describe("partitionsBetween", () => {
  test("gives the partitions that the range touches", () => {
    const keys = partitionsBetween("day", "UTC", utc("2026-03-01T12:00"), utc("2026-03-03T00:00")).map(({ key }) => key)
    assert.deepEqual(keys, ["2026-03-01", "2026-03-02"])
  })
  test("gives none for an empty range", () => {
    assert.deepEqual(partitionsBetween("day", "UTC", utc("2026-03-01T00:00"), utc("2026-03-01T00:00")), [])
  })
  test("refuses a range with more partitions than the limit", () => {
    assert.throws(
      () => partitionsBetween("hour", "UTC", utc("2026-01-01T00:00"), utc("2027-01-01T00:00"), 100),
      (error) => error instanceof AppError && error.code === "backfill.invalid",
    )
  })
})
