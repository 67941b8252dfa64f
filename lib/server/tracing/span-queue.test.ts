import assert from "node:assert/strict"
import { test } from "node:test"
import { isSampled, runTraceOf, type Span, traceparentOf } from "./span.ts"
import { createSpanQueue } from "./span-queue.ts"

const span = (spanId: string): Span => ({
  traceId: "t",
  spanId,
  parentSpanId: null,
  name: "n",
  kind: "internal",
  startMs: 0,
  endMs: 1,
  attributes: {},
  error: null,
})

test("a collector that hangs holds up nobody: what does not fit is dropped and counted", async () => {
  const answer = Promise.withResolvers<void>()
  const sent: number[] = []
  const queue = createSpanQueue({
    send: async (spans) => {
      sent.push(spans.length)
      await answer.promise
    },
    capacity: 10,
    batch: 4,
    onTrouble: () => assert.fail(),
  })
  for (let n = 0; n < 20; n++) queue.push(span(String(n)))
  // 4 are under way, 10 wait.
  assert.deepEqual({ sent, counts: queue.counts() }, { sent: [4], counts: { exported: 0, dropped: 6 } })
  answer.resolve()
  await queue.close(1_000)
  assert.deepEqual({ sent, counts: queue.counts() }, { sent: [4, 4, 4, 2], counts: { exported: 14, dropped: 6 } })
  queue.push(span("late"))
  assert.equal(queue.counts().dropped, 7)
})

test("a batch that is refused is dropped, trouble is told once, and what comes later is sent", async () => {
  let isAway = true
  const troubles: unknown[] = []
  const queue = createSpanQueue({
    send: async () => {
      if (isAway) throw new Error("away")
    },
    batch: 2,
    onTrouble: (error) => troubles.push(error),
  })
  for (let n = 0; n < 6; n++) queue.push(span(String(n)))
  await queue.roomy()
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(
    { counts: queue.counts(), troubles: troubles.length },
    { counts: { exported: 0, dropped: 6 }, troubles: 1 },
  )
  isAway = false
  queue.push(span("a"))
  queue.push(span("b"))
  await queue.close(1_000)
  assert.deepEqual(queue.counts(), { exported: 2, dropped: 6 })
})

test("every worker makes the same ids, of the form that W3C asks for, and decides alike what is traced", () => {
  const ref = { runId: "42", createdAt: new Date("2026-01-01T00:00:00Z") }
  const [one, other] = [runTraceOf(ref), runTraceOf(ref)]
  assert.equal(one.traceId, other.traceId)
  assert.equal(one.attemptSpanId("7"), other.attemptSpanId("7"))
  assert.notEqual(one.traceId, runTraceOf({ ...ref, createdAt: new Date("2026-01-02T00:00:00Z") }).traceId)
  const ids = [one.runSpanId, one.taskSpanId("1", 0), one.taskSpanId("1", 1), one.attemptSpanId("1")]
  assert.equal(new Set(ids).size, 4)
  assert.match(traceparentOf(one.traceId, one.runSpanId), /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
  const part = Array.from({ length: 2_000 }, (_, n) => runTraceOf({ ...ref, runId: String(n) }).traceId)
  const kept = part.filter((traceId) => isSampled(traceId, 0.25)).length
  assert.ok(kept > 400 && kept < 600, `${kept}`)
  assert.ok(part.every((traceId) => isSampled(traceId, 1)) && !part.some((traceId) => isSampled(traceId, 0)))
})
