import assert from "node:assert/strict"
import { test } from "node:test"
import { diffRows } from "./diff-rows.ts"
import { splitRows } from "./split-rows.ts"

const split = (before: string, after: string) =>
  splitRows(diffRows(before, after)).map((row) => [row.left?.text ?? null, row.right?.text ?? null])

test("puts what replaced a line beside it, and leaves the other side empty where there is more on one", () => {
  assert.deepEqual(split("a\nb\nc\n", "a\nx\ny\nc\n"), [
    ["a", "a"],
    ["b", "x"],
    [null, "y"],
    ["c", "c"],
  ])
})

test("keeps gaps across both sides", () => {
  const lines = Array.from({ length: 30 }, (_, i) => `line ${i}`)
  const rows = splitRows(diffRows(lines.join("\n"), lines.with(25, "new").join("\n")))
  assert.equal(rows[0]?.isGap, true)
})
