import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { branchSkips, type ChoiceTask, shortCircuitSkips } from "./branching.ts"
import { TEARDOWN_RULE } from "./trigger-rule.ts"

const task = (id: string, upstream: string[], values: Partial<ChoiceTask> = {}): ChoiceTask => ({
  id,
  upstream,
  group: null,
  triggerRule: "all_success",
  ...values,
})

/** start → a → join, start → join, start → b → c, start → drop (a tear-down), start → in.x, in.y */
const TASKS = [
  task("start", []),
  task("a", ["start"]),
  task("join", ["start", "a"]),
  task("b", ["start"]),
  task("c", ["b"]),
  task("drop", ["start"], { triggerRule: TEARDOWN_RULE }),
  task("x", ["start"], { group: "in" }),
  task("y", ["start"], { group: "in.deep" }),
]

describe("branchSkips", () => {
  const skips = (...follow: string[]) => {
    const choice = branchSkips(TASKS, "start", follow)
    assert.ok(choice.kind === "skips")
    return choice.skips
  }

  test("leaves aside the direct downstreams that were not named; trigger rules see to the rest", () => {
    assert.deepEqual(skips("b", "join"), ["a", "x", "y"])
  })

  test("does not leave aside what is also behind a way that was taken", () => {
    assert.deepEqual(skips("a"), ["b", "x", "y"])
  })

  test("leaves aside all but tear-downs when none is named", () => {
    assert.deepEqual(skips(), ["a", "join", "b", "x", "y"])
  })

  test("takes a group for the direct downstreams inside it", () => {
    assert.deepEqual(skips("in"), ["a", "join", "b"])
  })

  test("knows only what is directly behind it", () => {
    assert.deepEqual(branchSkips(TASKS, "start", ["c"]), {
      kind: "unknown",
      name: "c",
      choices: ["a", "join", "b", "drop", "x", "y"],
    })
  })
})

describe("shortCircuitSkips", () => {
  test("skips everything behind it but tear-downs, or only what is directly behind", () => {
    assert.deepEqual(shortCircuitSkips(TASKS, "start", true), ["a", "join", "b", "c", "x", "y"])
    assert.deepEqual(shortCircuitSkips(TASKS, "start", false), ["a", "join", "b", "x", "y"])
    assert.deepEqual(shortCircuitSkips(TASKS, "c", true), [])
  })
})
