import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { crossProduct, freePlaces, instanceReason, judgeInstances, planExpansion } from "./mapping.ts"

const OPTIONS = { limit: 3, labelOf: () => null }

describe("planExpansion", () => {
  test("makes one instance for each item, in their order, named by the item in one short line", () => {
    assert.deepEqual(planExpansion(["eu  west", { a: 1 }, "x".repeat(200)], OPTIONS), {
      kind: "expand",
      instances: [
        { item: "eu  west", label: "eu west" },
        { item: { a: 1 }, label: '{"a":1}' },
        { item: "x".repeat(200), label: `${"x".repeat(119)}…` },
      ],
    })
  })

  test("names them by the label where there is one", () => {
    const plan = planExpansion([{ name: "eu" }, {}], { limit: 3, labelOf: (item) => (item as { name?: string }).name })
    assert.ok(plan.kind === "expand")
    assert.deepEqual(
      plan.instances.map((instance) => instance.label),
      ["eu", "{}"],
    )
  })

  test("skips an empty list, and fails what is none or too long", () => {
    assert.equal(planExpansion([], OPTIONS).kind, "skip")
    for (const [list, reason] of [
      [null, /nothing \(the value is null\)/],
      [{ a: 1 }, /an object/],
      ["eu", /a string/],
      [[1, 2, 3, 4], /4 items, more than the 3 allowed/],
    ] as const) {
      const plan = planExpansion(list, OPTIONS)
      assert.ok(plan.kind === "fail")
      assert.match(plan.reason, reason)
    }
  })
})

test("crossProduct gives every pair, the first list's order outside", () => {
  assert.deepEqual(crossProduct(["a", "b"], [1, 2]), [
    ["a", 1],
    ["a", 2],
    ["b", 1],
    ["b", 2],
  ])
  assert.deepEqual(crossProduct(["a"], []), [])
})

describe("judgeInstances", () => {
  const of = (success: number, failed: number, skipped: number, total = success + failed + skipped) => ({
    total,
    success,
    failed,
    skipped,
  })

  test("waits for the last instance, also where the outcome is certain", () => {
    assert.equal(judgeInstances(of(0, 3, 0, 4), { count: 0 }), "wait")
  })

  test("fails beyond what is tolerated, is skipped when all were, else succeeds", () => {
    assert.equal(judgeInstances(of(9, 1, 0), { count: 0 }), "failed")
    assert.equal(judgeInstances(of(9, 1, 0), { count: 1 }), "success")
    assert.equal(judgeInstances(of(9, 1, 0), { percent: 10 }), "success")
    assert.equal(judgeInstances(of(9, 1, 0), { percent: 9.9 }), "failed")
    assert.equal(judgeInstances(of(0, 2, 0), { percent: 100 }), "success")
    assert.equal(judgeInstances(of(0, 0, 2), { count: 0 }), "skipped")
    assert.equal(judgeInstances(of(1, 0, 2), { count: 0 }), "success")
    assert.equal(judgeInstances(of(0, 1, 2), { count: 1 }), "success")
  })

  test("has its reason", () => {
    assert.equal(instanceReason(of(2, 0, 0), { count: 0 }), null)
    assert.equal(instanceReason(of(0, 0, 2), { count: 0 }), "All 2 instances were skipped.")
    assert.equal(instanceReason(of(1, 2, 0), { count: 0 }), "2 of 3 instances failed.")
    assert.equal(instanceReason(of(1, 2, 0), { count: 1 }), "2 of 3 instances failed; at most 1 may.")
    assert.equal(instanceReason(of(1, 2, 0), { count: 2 }), "2 of 3 instances failed, which is tolerated (at most 2).")
  })
})

test("freePlaces never lets more than the concurrency run", () => {
  assert.equal(freePlaces(null, 100, 7), 7)
  assert.equal(freePlaces(4, 1, 7), 3)
  assert.equal(freePlaces(4, 1, 2), 2)
  assert.equal(freePlaces(4, 6, 7), 0)
})
