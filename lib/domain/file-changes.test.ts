import assert from "node:assert/strict"
import { test } from "node:test"
import { fileChanges } from "./file-changes.ts"

test("lists changed files first", () => {
  assert.deepEqual(fileChanges({ a: "1", b: "1", d: "1" }, { a: "1", b: "2", c: "1" }), [
    { path: "b", change: "changed" },
    { path: "c", change: "added" },
    { path: "d", change: "removed" },
    { path: "a", change: "same" },
  ])
})
