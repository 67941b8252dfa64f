import assert from "node:assert/strict"
import { test } from "node:test"
import { matchParts } from "./match-parts.ts"

const marked = (text: string, query: string) =>
  matchParts(text, query)
    .map((part) => (part.isMatch ? `[${part.text}]` : part.text))
    .join("")

test("marks each occurrence in any case and keeps the text as it is", () => {
  assert.equal(marked('column "Tier", tier', "TIER"), 'column "[Tier]", [tier]')
})

test("marks nothing without a query or an occurrence", () => {
  assert.equal(marked("abc", ""), "abc")
  assert.equal(marked("abc", "x"), "abc")
  assert.equal(marked("", "x"), "")
})

test("takes the query as plain text", () => {
  assert.equal(marked("a.c abc (x", "a.c"), "[a.c] abc (x")
  assert.equal(marked("a.c abc (x", "("), "a.c abc [(]x")
})
