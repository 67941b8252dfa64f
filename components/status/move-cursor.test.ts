import assert from "node:assert/strict"
import { test } from "node:test"
import { moveCursor } from "./move-cursor.ts"

test("arrow keys go from cell to cell and row to row, and stop at the edges", () => {
  const from = (at: number, key: string) => moveCursor(key, at, 25, 10)
  assert.equal(from(0, "ArrowRight"), 1)
  assert.equal(from(0, "ArrowLeft"), 0)
  assert.equal(from(24, "ArrowRight"), 24)
  assert.equal(from(3, "ArrowDown"), 13)
  assert.equal(from(18, "ArrowDown"), 18)
  assert.equal(from(13, "ArrowUp"), 3)
  assert.equal(from(3, "ArrowUp"), 3)
  assert.equal(from(3, "End"), 24)
  assert.equal(from(20, "Home"), 0)
  assert.equal(from(3, "PageDown"), 24)
  assert.equal(from(3, "x"), null)
  assert.equal(moveCursor("End", 0, 0, 10), null)
})
