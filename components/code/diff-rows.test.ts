import assert from "node:assert/strict"
import { test } from "node:test"
import { diffRows } from "./diff-rows.ts"

const lines = (count: number) => Array.from({ length: count }, (_, i) => `line ${i + 1}`)

test("shows what was removed and added with its line numbers on each side", () => {
  assert.deepEqual(diffRows("a\nb\nc\n", "a\nB\nc\n"), [
    { kind: "same", text: "a", before: 1, after: 1 },
    { kind: "removed", text: "b", before: 2, after: null },
    { kind: "added", text: "B", before: null, after: 2 },
    { kind: "same", text: "c", before: 3, after: 3 },
  ])
})

test("leaves out what is far from a change and says so", () => {
  const after = lines(100)
  after[50] = "changed"
  const rows = diffRows(lines(100).join("\n"), after.join("\n"), 2)
  assert.deepEqual(
    rows.map((row) => row.kind),
    ["gap", "same", "same", "removed", "added", "same", "same"],
  )
})

test("has no rows where nothing changed", () => {
  assert.deepEqual(diffRows("a\n", "a\n"), [])
})

test("does not report a missing last newline as a line", () => {
  assert.deepEqual(
    diffRows("a", "b").map((row) => row.text),
    ["a", "b"],
  )
})
