import assert from "node:assert/strict"
import { test } from "node:test"
import { contentHeight, progressTo, rowsOf, visibleLines } from "./line-viewport.ts"

const pane = (lines: number, meanHeight = 20) => ({ height: 400, lines, meanHeight })

test("begins with the first line at the top edge", () => {
  const { anchor, within, at, start } = visibleLines(0, pane(10_000))
  assert.deepEqual([anchor, within, at, start], [0, 0, 0, 0])
})

test("ends with the end of the last line at the bottom edge", () => {
  const { anchor, within, at, end } = visibleLines(1, pane(10_000))
  assert.deepEqual([anchor, within, at, end], [9_999, 1, 400, 10_000])
})

test("draws enough lines to fill the pane above and below the anchor", () => {
  const { anchor, at, start, end } = visibleLines(0.5, pane(10_000))
  assert.ok((anchor - start) * 20 >= at)
  assert.ok((end - anchor) * 20 >= 400 - at)
  assert.ok(end - start < 60)
})

test("scrolls even lines pixel by pixel", () => {
  const view = pane(1_000)
  const hidden = contentHeight(view) - view.height
  for (const scrollTop of [0, 7, 4_321, hidden]) {
    const { anchor, within, at } = visibleLines(scrollTop / hidden, view)
    assert.ok(Math.abs((anchor + within) * 20 - at - scrollTop) < 1e-6)
  }
})

test("reaches every line of a million-line log although no browser draws an element so tall", () => {
  assert.ok(contentHeight(pane(1_000_000)) <= 15_000_000)
  assert.equal(visibleLines(1, pane(1_000_000)).end, 1_000_000)
})

test("brings a line to the middle, and one near an end into view", () => {
  for (const lines of [1_000, 1_000_000]) {
    const { anchor, within, at } = visibleLines(progressTo(500, pane(lines)), pane(lines))
    assert.ok(Math.abs((500.5 - anchor - within) * 20 + at - 200) < 1)
  }
  assert.equal(progressTo(0, pane(1_000)), 0)
  assert.equal(progressTo(999, pane(1_000)), 1)
  assert.equal(progressTo(3, pane(5)), 0)
})

test("draws nothing of an empty log", () => {
  assert.equal(visibleLines(0, pane(0)).end, 0)
})

test("counts the rows of wrapped and of many-line text", () => {
  assert.equal(rowsOf("", 80), 1)
  assert.equal(rowsOf("a".repeat(81), 80), 2)
  assert.equal(rowsOf("a\n\nb", 80), 3)
  assert.equal(rowsOf("a".repeat(500), Number.POSITIVE_INFINITY), 1)
})
