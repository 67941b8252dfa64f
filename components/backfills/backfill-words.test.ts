import assert from "node:assert/strict"
import { test } from "node:test"
import type { Backfill } from "#lib/contracts/api/backfills.ts"
import {
  countSelections,
  daysOf,
  listOfKeys,
  mapCells,
  planWords,
  progressWords,
  rangeOf,
  remainingMs,
  slotState,
} from "./backfill-words.ts"

type Slot = Backfill["slots"][number]

function slot(day: number, fields: Partial<Slot> = {}): Slot {
  const date = `2026-01-0${day}`
  return {
    position: day - 1,
    group: day - 1,
    partitionKey: date,
    logicalAt: `${date}T00:00:00Z`,
    intervalEnd: `${date}T23:59:59Z`,
    action: "create",
    reason: "never loaded",
    runId: null,
    runState: null,
    ...fields,
  }
}
function backfill(fields: Partial<Backfill> = {}): Backfill {
  return {
    id: "1",
    pipelineId: "daily_etl",
    state: "running",
    selection: "missing",
    order: "oldest",
    concurrency: 1,
    perRun: 1,
    params: {},
    priority: 0,
    tasks: [],
    createdBy: "local owner",
    createdAt: "2026-03-17T06:00:00Z",
    finishedAt: null,
    pauseReason: null,
    rowsLoaded: null,
    rowsPerSecond: null,
    slots: [],
    counts: { total: 0, create: 0, skip: 0, done: 0, failed: 0, cancelled: 0, running: 0 },
    estimateMs: null,
    estimateRows: null,
    ...fields,
  }
}

test("counts what each choice would load; a partition that is being loaded counts for none", () => {
  const slots = [
    slot(1, { lastState: null }),
    slot(2, { lastState: "success", isStale: true }),
    slot(3, { lastState: "failed" }),
    slot(4, { lastState: "cancelled" }),
    slot(5, { lastState: "running" }),
  ]
  assert.deepEqual(countSelections(slots), {
    all: 4,
    missing: 2,
    missing_failed: 3,
    failed: 2,
    stale: 1,
  })
})

test("shows of a day the worst of its partitions", () => {
  const hour = (time: string, fields: Partial<Slot>) => slot(1, { ...fields, partitionKey: `2026-01-01T${time}Z` })
  const { states, planned } = daysOf([
    hour("01:00", { lastState: "success", action: "skip" }),
    hour("02:00", { lastState: "failed" }),
    slot(2, { lastState: "success", action: "skip" }),
    slot(3, { partitionKey: "2026-W10" }),
  ])
  assert.deepEqual(
    [...states],
    [
      ["2026-01-01", "failed"],
      ["2026-01-02", "success"],
    ],
  )
  assert.deepEqual([...planned], ["2026-01-01"])
})

test("says what a plan will do", () => {
  const plan = backfill({
    concurrency: 3,
    estimateMs: 720_000,
    counts: { total: 31, create: 14, skip: 17, done: 0, failed: 0, cancelled: 0, running: 0 },
  })
  assert.deepEqual(planWords(plan), {
    title: "Will run 14 of 31 partitions, about 12 min",
    note: "3 at a time, oldest first, below live runs. 17 stay as they are.",
  })
})

test("says that there is nothing to do", () => {
  const plan = backfill({ counts: { total: 7, create: 0, skip: 7, done: 0, failed: 0, cancelled: 0, running: 0 } })
  assert.deepEqual(planWords(plan), { title: "Nothing to load", note: "All 7 partitions stay as they are." })
})

test("says how far it is and, while it runs, how long it takes still", () => {
  const one = backfill({ counts: { total: 14, create: 10, skip: 4, done: 4, failed: 1, cancelled: 0, running: 2 } })
  assert.equal(progressWords(one), "4 of 10 partitions done, 1 failed, 2 running")
  assert.equal(remainingMs({ ...one, estimateMs: 600_000 }), 600_000)
  assert.equal(remainingMs({ ...one, estimateMs: 600_000, state: "success" }), null)
  assert.equal(remainingMs({ ...one, estimateMs: 600_000, state: "paused" }), null)
})

test("names partitions as a plan reads them", () => {
  const keys = [
    "2026-03-08T01:00-05:00",
    "2026-03-08T02:00-05:00",
    "2026-W01",
    "2026-W10",
    "2026-03",
    "2026-04-02|eu",
    "us",
  ]
  assert.equal(listOfKeys(keys), "2026-03-08, 2025-12-29, 2026-03-02, 2026-03-01, 2026-04-02|eu, us")
})

test("reads the map of a backfill", () => {
  assert.deepEqual(
    mapCells({ keys: ["a", "b", "c"], states: "sfk" }).map((cell) => cell.state),
    ["success", "failed", "skipped"],
  )
})

test("gives the range in time, whatever order the partitions run in", () => {
  assert.deepEqual(rangeOf(backfill({ slots: [slot(3), slot(2), slot(1)] })), { from: "2026-01-01", to: "2026-01-03" })
  assert.equal(rangeOf(backfill()), null)
})

test("shows a slot by its run, else by the plan", () => {
  assert.equal(slotState(slot(1, { runState: "failed" })), "failed")
  assert.equal(slotState(slot(1, { action: "skip" })), "skipped")
  assert.equal(slotState(slot(1)), "pending")
})
