import assert from "node:assert/strict"
import { test } from "node:test"
import { MAX_TASK_PRIORITY, queuePriority, RUN_PRIORITY } from "./priority.ts"

const at = (seconds: number) => new Date(Date.UTC(2027, 0, 1) + seconds * 1000)

test("a second of waiting is worth a point", () => {
  assert.equal(queuePriority(10, at(0)), queuePriority(11, at(1)))
  assert.ok(queuePriority(10, at(0)) > queuePriority(10, at(1)))
})

test("a backfill's task waits behind live ones of the next 1,500 s at most", () => {
  const backfill = queuePriority(RUN_PRIORITY.backfill + 1, at(0))
  const live = (seconds: number) => queuePriority(RUN_PRIORITY.schedule + MAX_TASK_PRIORITY, at(seconds))
  assert.ok(live(1_000) > backfill)
  assert.ok(live(1_500) < backfill)
})

test("fits an int32 for decades", () => {
  assert.ok(queuePriority(0, new Date("2090-01-01T00:00:00Z")) > -(2 ** 31))
})
