import assert from "node:assert/strict"
import { test } from "node:test"
import { type ConditionLook, type ConditionState, stepCondition } from "./alert-condition.ts"

const at = (seconds: number) => new Date(seconds * 1_000)
const holds = (evidence = "1", since: Date | null = null): ConditionLook => ({ holds: true, since, evidence })
const over: ConditionLook = { holds: false, since: null, evidence: "" }

/** Looks at these instants; gives what each did. */
function walk(looks: [number, ConditionLook][], forSeconds: number, clearSeconds: number): string[] {
  let state: ConditionState | null = null
  return looks.map(([second, look]) => {
    const step = stepCondition(state, look, { forSeconds, clearSeconds }, at(second))
    state = step.state
    return step.nextAt ? `${step.effect} ${step.nextAt.getTime() / 1_000}` : step.effect
  })
}

test("fires at once without a duration, and tells new findings from known ones", () => {
  const looks: [number, ConditionLook][] = [
    [0, holds("1")],
    [1, holds("1")],
    [2, holds("2")],
    [3, over],
  ]
  assert.deepEqual(walk(looks, 0, 0), ["open", "none", "again", "close"])
})

test("fires when it has held for long enough, counted from since it is known to hold", () => {
  assert.deepEqual(
    walk(
      [
        [0, holds()],
        [599, holds()],
        [600, holds()],
      ],
      600,
      0,
    ),
    ["none 600", "none 600", "open"],
  )
  assert.deepEqual(walk([[700, holds("1", at(50))]], 600, 0), ["open"])
  assert.deepEqual(walk([[700, holds("1", at(900))]], 600, 0), ["none 1300"], "a clock that is ahead counts from now")
})

test("a break starts the duration anew", () => {
  assert.deepEqual(
    walk(
      [
        [0, holds()],
        [300, over],
        [400, holds()],
        [700, holds()],
      ],
      600,
      0,
    ),
    ["none 600", "none", "none 1000", "none 1000"],
  )
})

test("ends when it has been over for long enough, so that what flaps is one", () => {
  assert.deepEqual(
    walk(
      [
        [0, holds()],
        [10, over],
        [20, holds()],
        [30, over],
        [89, over],
        [90, over],
      ],
      0,
      60,
    ),
    ["open", "none 70", "none", "none 90", "none 90", "close"],
  )
})
