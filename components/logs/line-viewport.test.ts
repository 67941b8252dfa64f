import assert from "node:assert/strict"
import { test } from "node:test"
import { contentHeight, scrollTopFor, visibleLines } from "./line-viewport.ts"

test("shows the first lines at the top", () => {
  const { top, offset, start, end } = visibleLines(0, 400, 10_000, false)
  assert.deepEqual([top, offset, start], [0, 0, 0])
  assert.ok(end >= 21 && end < 60)
})

test("shows the last line at the bottom of a short log", () => {
  assert.equal(visibleLines(contentHeight(100, 400, false) - 400, 400, 100, false).end, 100)
})

test("reaches every line of a million-line log although no browser draws an element so tall", () => {
  const lines = 1_000_000
  const height = contentHeight(lines, 400, false)
  assert.ok(height <= 15_000_000)
  const bottom = visibleLines(height - 400, 400, lines, false)
  assert.equal(bottom.top, lines - 20)
  assert.equal(bottom.end, lines)
})

test("brings a line to the middle", () => {
  for (const lines of [1_000, 1_000_000]) {
    const { top } = visibleLines(scrollTopFor(500, 400, lines, false), 400, lines, false)
    assert.ok(top >= 489 && top <= 492, `${lines}: ${top}`)
  }
})

test("never scrolls past the end", () => {
  assert.equal(scrollTopFor(99, 400, 100, false), 100 * 20 - 400)
})

test("can bring the last wrapped line to the top", () => {
  const scrollTop = contentHeight(100, 400, true) - 400
  assert.equal(visibleLines(scrollTop, 400, 100, true).top, 99)
})

test("draws nothing of an empty log", () => {
  assert.deepEqual(visibleLines(0, 400, 0, false), { top: 0, offset: 0, start: 0, end: 0 })
})
