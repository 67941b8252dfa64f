import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { BACKFILL_SELECTIONS, countRuns, estimatePlan, type PartitionFacts, planBackfill } from "./backfill-plan.ts"
import { partitionsBetween } from "./partition.ts"

const DAYS = ["never", "good", "stale", "failed", "cancelled", "running"] as const
const partitions = partitionsBetween("day", "UTC", new Date("2026-01-01T00:00:00Z"), new Date("2026-01-07T00:00:00Z"))
const facts = (state: PartitionFacts["state"], values: Partial<PartitionFacts> = {}): PartitionFacts => ({
  state,
  stale: null,
  rows: null,
  durationMs: null,
  ...values,
})
const history = new Map([
  ["2026-01-02", facts("success", { rows: 100, durationMs: 2_000 })],
  ["2026-01-03", facts("success", { stale: "warehouse.raw.orders was loaded later", rows: 300, durationMs: 4_000 })],
  ["2026-01-04", facts("failed")],
  ["2026-01-05", facts("cancelled")],
  ["2026-01-06", facts("running")],
])

/** Which of the days each selection loads; the documentation shows this table. */
const LOADS: Record<(typeof BACKFILL_SELECTIONS)[number], readonly (typeof DAYS)[number][]> = {
  all: ["never", "good", "stale", "failed", "cancelled"],
  missing: ["never", "cancelled"],
  missing_failed: ["never", "failed", "cancelled"],
  failed: ["failed", "cancelled"],
  stale: ["stale"],
}

describe("a backfill's plan", () => {
  for (const selection of BACKFILL_SELECTIONS) {
    test(`loads with "${selection}": ${LOADS[selection].join(", ")}`, () => {
      const plan = planBackfill({ partitions, history, selection, order: "oldest" })
      assert.deepEqual(
        DAYS.filter((_, index) => plan[index]!.action === "create"),
        LOADS[selection],
      )
      assert(plan.every((slot) => slot.reason !== ""))
    })
  }

  test("says why a partition is out of date", () => {
    const plan = planBackfill({ partitions, history, selection: "stale", order: "oldest" })
    assert.equal(plan[2]!.reason, "warehouse.raw.orders was loaded later")
    assert.equal(plan[1]!.reason, "up to date")
  })

  test("runs the newest first when asked to", () => {
    const plan = planBackfill({ partitions, history, selection: "all", order: "newest" })
    assert.deepEqual(
      plan.map((slot) => slot.partition.key),
      partitions.map((partition) => partition.key).toReversed(),
    )
  })

  test("estimates each partition by its own history, others by the median, and shares the time", () => {
    const plan = planBackfill({ partitions, history, selection: "all", order: "oldest" })
    // 2 s and 4 s are known; three others take 3 s.
    assert.deepEqual(estimatePlan(plan, history, 1), { durationMs: 15_000, rows: 1_000 })
    assert.equal(estimatePlan(plan, history, 3).durationMs, 5_000)
    assert.deepEqual(estimatePlan(plan, new Map(), 1), { durationMs: null, rows: null })
  })

  const runs = (plan: ReturnType<typeof planBackfill>) =>
    Object.values(
      Object.groupBy(
        plan.filter((slot) => slot.action === "create"),
        (slot) => slot.group,
      ),
    ).map((slots) => slots!.map((slot) => slot.partition.key.slice(8)).join(" "))

  test("loads up to so many partitions with one run, as far as they follow each other", () => {
    const plan = planBackfill({ partitions, history, selection: "missing_failed", order: "oldest", perRun: 2 })
    assert.deepEqual(runs(plan), ["01", "04 05"])
    const newest = planBackfill({ partitions, history, selection: "all", order: "newest", perRun: 3 })
    assert.deepEqual(runs(newest), ["05 04 03", "02 01"])
    assert.equal(countRuns(newest), 2)
    assert.equal(estimatePlan(newest, history, 64).durationMs, 7_500)
  })

  test("keeps the keys of one time apart, and a run's slots side by side", () => {
    const keyed = partitions
      .slice(0, 3)
      .flatMap((one) => ["eu", "us"].map((key) => ({ ...one, key: `${one.key}|${key}` })))
    const plan = planBackfill({ partitions: keyed, history: new Map(), selection: "all", order: "oldest", perRun: 2 })
    assert.deepEqual(runs(plan), ["01|eu 02|eu", "01|us 02|us", "03|eu", "03|us"])
    assert.deepEqual(
      plan.map((slot) => slot.group),
      [0, 0, 2, 2, 4, 5],
    )
  })

  test("never joins partitions without a time", () => {
    const now = new Date()
    const fixed = ["eu", "us"].map((key) => ({ key, start: now, end: now }))
    assert.equal(
      countRuns(planBackfill({ partitions: fixed, history, selection: "all", order: "oldest", perRun: 9 })),
      2,
    )
  })
})
