import assert from "node:assert/strict"
import { test } from "node:test"
import type { Overview } from "#lib/contracts/api/system.ts"
import { axisHours, groupTimeline, packRuns, timelineWindow } from "./timeline-model.ts"

const NOW = Date.parse("2026-03-17T06:34:00Z")
const WINDOW = timelineWindow(NOW)
const MINUTE = 60_000
type Run = Overview["timeline"][number]["runs"][number]

function run(id: string, startedMinutesAgo: number, minutes: number | null, state: Run["state"] = "success"): Run {
  const started = NOW - startedMinutesAgo * MINUTE
  return {
    id,
    state,
    createdAt: new Date(started).toISOString(),
    startedAt: new Date(started).toISOString(),
    finishedAt: minutes === null ? null : new Date(started + minutes * MINUTE).toISOString(),
  }
}
const row = (pipelineId: string, owner: string | null, tags: string[]): Overview["timeline"][number] => ({
  pipelineId,
  owner,
  tags,
  runs: [run("1", 60, 5)],
  nextRuns: [],
})

test("draws runs of one state that touch as one mark, newest first in its list", () => {
  const marks = packRuns([run("1", 30, 1), run("2", 28, 1), run("3", 26, 1)], WINDOW)
  assert.equal(marks.length, 1)
  assert.deepEqual(marks[0]?.runIds, ["3", "2", "1"])
})

test("keeps runs apart that stand apart or differ in state", () => {
  assert.equal(packRuns([run("1", 120, 1), run("2", 60, 1)], WINDOW).length, 2)
  assert.equal(packRuns([run("1", 30, 1), run("2", 29, 1, "cancelled")], WINDOW).length, 2)
})

test("never hides a failure in another mark", () => {
  assert.equal(packRuns([run("1", 30, 1, "failed"), run("2", 29, 1, "failed")], WINDOW).length, 2)
})

test("draws what runs up to now and what began before the window from its edge", () => {
  const [old, live] = packRuns([run("1", 25 * 60, 120), run("2", 10, null, "running")], WINDOW)
  assert.equal(old?.from, 0)
  assert.equal(live?.to, (NOW - WINDOW.start) / (WINDOW.end - WINDOW.start))
})

test("groups by owner, or by each tag", () => {
  const rows = [row("a", "Finance", ["core", "books"]), row("b", null, [])]
  assert.deepEqual(
    groupTimeline(rows, "owner", WINDOW).map((group) => group.name),
    ["Finance", "No owner"],
  )
  assert.deepEqual(
    groupTimeline(rows, "tag", WINDOW).map((group) => [group.name, group.rows.length]),
    [
      ["core", 1],
      ["books", 1],
      ["No tag", 1],
    ],
  )
})

test("marks every third hour of the person's clock", () => {
  const hours = axisHours(WINDOW, (at) => new Date(at).getUTCHours())
  assert.ok(hours.every((hour) => new Date(hour.at).getUTCHours() % 3 === 0))
  assert.equal(hours.length, 8)
})
