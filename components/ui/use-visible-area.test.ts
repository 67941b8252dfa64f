import assert from "node:assert/strict"
import { test } from "node:test"
import { itemsIn } from "./use-visible-area.ts"

test("names the items in view and some beyond, within the list", () => {
  assert.deepEqual(itemsIn(0, 100, 20, 1_000, 2), [0, 7])
  assert.deepEqual(itemsIn(210, 100, 20, 1_000, 2), [8, 18])
  assert.deepEqual(itemsIn(19_950, 100, 20, 1_000, 2), [995, 1_000])
  assert.deepEqual(itemsIn(500, 100, 20, 3, 2), [3, 3])
})
