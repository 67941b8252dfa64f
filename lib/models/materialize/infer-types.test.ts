import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { inferSeedType, type SeedType, toNumberText } from "./infer-types.ts"

describe("inferSeedType", () => {
  const cases: [string, string[], SeedType][] = [
    ["whole numbers", ["1", "-2", "+3"], "integer"],
    ["numbers with gaps", ["1", "", "NULL", " null "], "integer"],
    ["nothing at all", ["", ""], "integer"],
    ["numbers beyond 32 bits", ["1", "3000000000"], "bigint"],
    ["fractions", ["1", "2.5"], "float8"],
    ["a fraction that is zero", ["1.0"], "float8"],
    ["amounts of money", ["$1,000", "€2"], "integer"],
    ["percentages", ["5%", "7.5%"], "float8"],
    ["days", ["2026-01-31", "2026-2-1"], "date"],
    ["days that do not exist", ["2026-02-30"], "text"],
    ["instants", ["2026-01-31 10:00:00", "2026-02-01T11:00:00Z"], "timestamp without time zone"],
    ["days among instants", ["2026-01-31 10:00:00", "2026-02-01"], "text"],
    ["truth", ["true", "False", ""], "boolean"],
    ["other words for truth", ["yes", "no"], "text"],
    ["numbers and words", ["1", "two"], "text"],
    ["codes with leading zeros", ["007"], "integer"],
  ]
  for (const [what, values, type] of cases) {
    it(`takes ${what} for ${type}`, () => assert.equal(inferSeedType(values), type))
  }
})

describe("toNumberText", () => {
  it("takes off what is written around a number", () => {
    assert.equal(toNumberText("$1,234.50"), "1234.50")
    assert.equal(toNumberText("12%"), "12")
    assert.equal(toNumberText("twelve"), null)
  })
})
