import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { compareRows } from "./compare-rows.ts"

describe("compareRows", () => {
  it("finds equal rows equal in any order, and counts those that come twice", () => {
    assert.equal(compareRows(["a"], [["1"], ["2"], ["1"]], [["2"], ["1"], ["1"]]), null)
    assert.notEqual(compareRows(["a"], [["1"], ["1"]], [["1"]]), null)
    assert.notEqual(compareRows(["a"], [[null]], [["null"]]), null)
  })

  it("shows what is missing, what is too much, and what is nearly right", () => {
    const actual = [
      ["1", "Ann", "x"],
      ["3", "New", null],
    ]
    const expected = [
      ["1", "Anna", "x"],
      ["2", "Gone", "y"],
    ]
    assert.equal(
      compareRows(["id", "name", "kind"], actual, expected),
      [
        "| @@  | id | name     | kind |",
        "| --- | -- | -------- | ---- |",
        "| →   | 1  | Anna→Ann | x    |",
        "| --- | 2  | Gone     | y    |",
        "| +++ | 3  | New      | null |",
      ].join("\n"),
    )
  })

  it("shows the first of many", () => {
    const rows = Array.from({ length: 60 }, (_, index) => [String(index)])
    const lines = compareRows(["id"], rows, [])!.split("\n")
    assert.equal(lines.length, 53)
    assert.equal(lines.at(-1), "… and 10 more")
  })
})
