import assert from "node:assert/strict"
import { test } from "node:test"
import type { LogLine } from "#lib/contracts/api/runs.ts"
import { type LineWindow, LogBuffer, PAGE_LINES } from "./log-buffer.ts"

const line = (number: number): LogLine => ({
  line: number,
  at: "2026-03-16T05:00:00.000Z",
  level: "info",
  message: `line ${number}`,
})
const linesOf = ({ from, limit }: LineWindow, total: number) =>
  Array.from({ length: Math.min(limit, total - from + 1) }, (_, i) => line(from + i))

function bufferOf(total: number) {
  const buffer = new LogBuffer()
  buffer.grow(total)
  return buffer
}
function fetch(buffer: LogBuffer, first: number, last: number, total: number) {
  for (const window of buffer.missing(first, last)) {
    buffer.put(linesOf(window, total), window)
    buffer.settle(window)
  }
}

test("asks for the pages that hold the lines shown, once", () => {
  const buffer = bufferOf(10_000)
  assert.deepEqual(buffer.missing(990, 1_010), [
    { from: 1, limit: 1_000 },
    { from: 1_001, limit: 1_000 },
  ])
  assert.deepEqual(buffer.missing(990, 1_010), [])
})

test("asks again for a window whose request failed", () => {
  const buffer = bufferOf(10)
  const [window] = buffer.missing(1, 10)
  buffer.settle(window!)
  assert.deepEqual(buffer.missing(1, 10), [window])
})

test("gives each line under its number, wherever the page lies", () => {
  const buffer = bufferOf(1_000_000)
  fetch(buffer, 500_000, 500_040, 1_000_000)
  assert.equal(buffer.at(500_019)?.message, "line 500020")
  assert.equal(buffer.at(0), null)
})

test("fetches only the new lines of a growing log's last page", () => {
  const buffer = bufferOf(30)
  fetch(buffer, 1, 30, 30)
  buffer.grow(50)
  assert.deepEqual(buffer.missing(1, 50), [{ from: 31, limit: PAGE_LINES - 30 }])
})

test("does not shrink when older news arrives late", () => {
  const buffer = bufferOf(50)
  buffer.grow(20)
  assert.equal(buffer.rows, 50)
})

test("keeps memory bounded while a million lines scroll by, and the newest page here", () => {
  const buffer = bufferOf(1_000_000)
  for (let first = 1; first < 1_000_000; first += 10_000) fetch(buffer, first, first + 40, 1_000_000)
  assert.ok(buffer.size <= 41_000, String(buffer.size))
  assert.ok(buffer.at(990_000))
  assert.equal(buffer.at(0), null)
})

test("keeps a page in use while others are dropped", () => {
  const buffer = bufferOf(1_000_000)
  for (let first = 1; first < 1_000_000; first += 10_000) {
    fetch(buffer, 5_001, 5_002, 1_000_000)
    fetch(buffer, first, first, 1_000_000)
  }
  assert.ok(buffer.at(5_000))
})

test("ignores lines it has", () => {
  const buffer = bufferOf(3)
  buffer.put([line(1), line(2)])
  buffer.put([line(1), line(2), line(3)])
  assert.deepEqual([buffer.at(0)?.line, buffer.at(1)?.line, buffer.at(2)?.line], [1, 2, 3])
})

test("does not ask again for a line that the log does not have", () => {
  const buffer = bufferOf(10)
  const [window] = buffer.missing(1, 10)
  buffer.put([line(1), line(2), line(9), line(10)], window)
  buffer.settle(window!)
  assert.deepEqual(buffer.missing(1, 10), [])
  assert.equal(buffer.at(2), null)
  assert.equal(buffer.at(8)?.line, 9)
})

test("fetches what lies between the known lines and news from the end", () => {
  const buffer = bufferOf(10)
  fetch(buffer, 1, 10, 10)
  buffer.put([line(20)])
  assert.deepEqual(buffer.missing(1, 20), [{ from: 11, limit: PAGE_LINES - 10 }])
})
