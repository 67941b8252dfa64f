import assert from "node:assert/strict"
import { test } from "node:test"
import { decideAdmission, type LimitState } from "./admission.ts"

const limits = (states: Record<string, LimitState>) => new Map(Object.entries(states))
const one = (id: string, queuePriority: number, ...shares: [id: string, slots: number][]) => ({
  id,
  queuePriority,
  limits: shares.map(([limit, slots]) => ({ id: limit, slots })),
})
const outcome = (decision: ReturnType<typeof decideAdmission>) => ({
  admitted: decision.admitted.map(({ candidate }) => candidate.id),
  waiting: Object.fromEntries(decision.waiting.map(({ candidate, waitingFor }) => [candidate.id, waitingFor])),
})

test("admits in the order of the queue until the limit is full", () => {
  const candidates = [one("10", 5, ["pool/a", 1]), one("9", 5, ["pool/a", 1]), one("3", 7, ["pool/a", 1])]
  assert.deepEqual(outcome(decideAdmission(candidates, limits({ "pool/a": { capacity: 3, used: 1 } }))), {
    admitted: ["3", "9"],
    waiting: { 10: "pool/a" },
  })
})

test("nobody passes one that needs more slots than are free", () => {
  const candidates = [one("1", 9, ["pool/a", 3]), one("2", 5, ["pool/a", 1])]
  assert.deepEqual(outcome(decideAdmission(candidates, limits({ "pool/a": { capacity: 4, used: 2 } }))), {
    admitted: [],
    waiting: { 1: "pool/a", 2: "pool/a" },
  })
})

test("one that waits elsewhere does not hold up the others", () => {
  const candidates = [one("1", 9, ["key/k", 1], ["pool/a", 1]), one("2", 5, ["pool/a", 1])]
  const state = limits({ "key/k": { capacity: 1, used: 1 }, "pool/a": { capacity: 1, used: 0 } })
  assert.deepEqual(outcome(decideAdmission(candidates, state)), { admitted: ["2"], waiting: { 1: "key/k" } })
})

test("a task that wants more than a limit has takes all of it", () => {
  const decision = decideAdmission([one("1", 0, ["pool/a", 50])], limits({ "pool/a": { capacity: 4, used: 0 } }))
  assert.deepEqual(decision.admitted[0]?.slots, [{ id: "pool/a", slots: 4 }])
})

test("capacity 0 pauses, no capacity and an unknown limit admit", () => {
  const candidates = [one("1", 0, ["pool/a", 1]), one("2", 0, ["pipeline/p", 1]), one("3", 0, ["pool/gone", 1])]
  const state = limits({ "pool/a": { capacity: 0, used: 0 }, "pipeline/p": { capacity: null, used: 7 } })
  assert.deepEqual(outcome(decideAdmission(candidates, state)), { admitted: ["2", "3"], waiting: { 1: "pool/a" } })
})
