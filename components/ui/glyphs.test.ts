import assert from "node:assert/strict"
import { test } from "node:test"
import { ACTION_GLYPHS, CELL_GLYPHS, GLYPH_SYMBOLS, STATE_GLYPHS } from "./glyphs.ts"

test("every glyph that can be named is drawn once", () => {
  const wanted = [
    ...STATE_GLYPHS.map((name) => `s-${name}`),
    ...CELL_GLYPHS.map((name) => `c-${name}`),
    ...ACTION_GLYPHS.map((name) => `i-${name}`),
  ]
  const drawn = [...GLYPH_SYMBOLS.matchAll(/<(?:symbol|g) id="([^"]+)"/g)].map((match) => match[1])
  assert.deepEqual(drawn.toSorted(), wanted.toSorted())
})
