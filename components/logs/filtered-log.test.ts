import assert from "node:assert/strict"
import { test } from "node:test"
import type { LogLine } from "#lib/contracts/api/runs.ts"
import { FilteredLog } from "./filtered-log.ts"

const line = (number: number): LogLine => ({
  line: number,
  at: "2026-03-16T05:00:00.000Z",
  level: "error",
  message: `line ${number}`,
})

test("asks for more when its end is shown, after the last line it has", () => {
  const log = new FilteredLog()
  log.expect(3)
  log.put([line(10), line(70)])
  assert.equal(log.rows, 3)
  assert.deepEqual(log.missing(1, 1), [])
  assert.deepEqual(
    log.missing(1, 3).map((window) => window.from),
    [71],
  )
  assert.deepEqual(log.missing(1, 3), [])
  log.put([line(90)])
  assert.equal(log.rows, 3)
  assert.equal(log.at(2)?.line, 90)
})

test("takes lines as they are written only when nothing before them is missing", () => {
  const log = new FilteredLog()
  log.expect(2)
  log.put([line(1)])
  log.append([line(9)])
  assert.equal(log.at(1), null)
  log.put([line(5), line(9)])
  log.append([line(10)])
  assert.equal(log.at(3)?.line, 10)
})

test("does not show a line twice", () => {
  const log = new FilteredLog()
  log.expect(2)
  log.put([line(1), line(2)])
  log.put([line(1), line(2)])
  assert.equal(log.rows, 2)
})

test("finds the row of a line or of the next that passes", () => {
  const log = new FilteredLog()
  log.expect(2)
  log.put([line(10), line(20)])
  assert.equal(log.rowOf(10), 0)
  assert.equal(log.rowOf(11), 1)
  assert.equal(log.rowOf(21), null)
})
