import assert from "node:assert/strict"
import { test } from "node:test"
import { highlight } from "./highlight.ts"

const colorOf = (lines: Awaited<ReturnType<typeof highlight>>, text: string) =>
  lines.flat().find((token) => token.text.trim() === text)?.color

test("colours SQL and TypeScript through CSS variables", async () => {
  assert.match(colorOf(await highlight("select 1 as one", "sql/a.sql"), "select") ?? "", /^var\(--code-token-keyword\)/)
  assert.match(colorOf(await highlight("const a = 1", "a.ts"), "const") ?? "", /^var\(--code-token/)
})

test("keeps each line's text as it is", async () => {
  const text = "select a,\n       b\n\nfrom t -- <b>x</b>\n"
  const lines = await highlight(text, "a.sql")
  assert.equal(lines.map((line) => line.map((token) => token.text).join("")).join("\n"), text)
})

test("shows a language that it does not know plain", async () => {
  assert.deepEqual(await highlight("x\ny", "a.unknown"), [[{ text: "x", color: "" }], [{ text: "y", color: "" }]])
})
