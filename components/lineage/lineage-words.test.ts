import assert from "node:assert/strict"
import { test } from "node:test"
import { counted, kindWords } from "./lineage-words.ts"

test("a kind says how it is built, unless that is the same word", () => {
  assert.equal(kindWords("model", "materialized_view"), "Model, materialized view")
  assert.equal(kindWords("seed", "seed"), "Seed")
  assert.equal(kindWords("source", null), "Source")
})

test("numbers come with the right form of their noun", () => {
  assert.deepEqual(
    [counted(1, "column"), counted(0, "column"), counted(2, "query", "queries")],
    ["1 column", "0 columns", "2 queries"],
  )
})
