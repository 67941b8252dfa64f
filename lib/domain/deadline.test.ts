import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { type DeadlineRule, deadlineDueAt, deadlineMetAt, missedText } from "./deadline.ts"

const at = (time: string, timezone: string, daysAfter = 0): DeadlineRule => ({ kind: "at", time, timezone, daysAfter })
const within = (of: "queued" | "started" | "interval_end"): DeadlineRule => ({ kind: "within", ms: 1_800_000, of })
const date = (text: string) => new Date(text)

describe("deadlineDueAt", () => {
  const due = (rule: DeadlineRule, from: string) => deadlineDueAt(rule, date(from)).toISOString()

  test("adds a length of time", () => {
    assert.equal(due(within("started"), "2026-03-08T02:00:00Z"), "2026-03-08T02:30:00.000Z")
  })

  test("is the first such time on the zone's clock at or after the interval's end", () => {
    assert.equal(due(at("07:00", "Europe/Berlin"), "2026-02-03T23:00:00Z"), "2026-02-04T06:00:00.000Z")
    assert.equal(due(at("07:00", "Europe/Berlin"), "2026-02-04T06:00:00Z"), "2026-02-04T06:00:00.000Z")
    assert.equal(due(at("07:00", "Europe/Berlin"), "2026-02-04T06:00:01Z"), "2026-02-05T06:00:00.000Z")
  })

  test("counts days on the zone's clock, whatever it does in between", () => {
    assert.equal(due(at("07:00", "Europe/Berlin", 2), "2026-03-27T23:00:00Z"), "2026-03-30T05:00:00.000Z")
    // 02:30 does not exist on that day: the first instant after the gap.
    assert.equal(due(at("02:30", "Europe/Berlin"), "2026-03-28T23:00:00Z"), "2026-03-29T01:00:00.000Z")
  })
})

describe("deadlineMetAt", () => {
  const started = date("2026-03-08T02:00:00Z")
  const finished = date("2026-03-08T02:10:00Z")
  const subject = (state: string, hasStarted = true, hasFinished = true) => ({
    state,
    startedAt: hasStarted ? started : null,
    finishedAt: hasFinished ? finished : null,
  })

  test("of a start is the start, or the end of what never started", () => {
    assert.equal(deadlineMetAt(within("queued"), subject("running", true, false)), started)
    assert.equal(deadlineMetAt(within("queued"), subject("cancelled", false)), finished)
    assert.equal(deadlineMetAt(within("queued"), subject("queued", false, false)), null)
  })

  test("of an end is any end", () => {
    assert.equal(deadlineMetAt(within("started"), subject("failed")), finished)
    assert.equal(deadlineMetAt(within("started"), subject("running", true, false)), null)
  })

  test("of an interval takes a success", () => {
    for (const rule of [within("interval_end"), at("07:00", "UTC")]) {
      assert.equal(deadlineMetAt(rule, subject("success")), finished)
      assert.equal(deadlineMetAt(rule, subject("failed")), null)
      assert.equal(deadlineMetAt(rule, null), null)
    }
  })
})

describe("missedText", () => {
  const facts = { runId: "12", taskId: null, intervalEnd: null, subject: null, isPaused: false }
  const running = { state: "running", startedAt: new Date(0), finishedAt: null }

  test("says what has not happened", () => {
    assert.equal(missedText(within("queued"), facts), "Run 12 had not started 30m after the run was created.")
    assert.equal(missedText(within("started"), facts), "Run 12 has been running for more than 30m.")
    assert.equal(
      missedText(within("started"), { ...facts, taskId: "load" }),
      "Task load of run 12 had not ended 30m after the run's start.",
    )
  })

  test("names the interval and how it stands with its run, also where there is none", () => {
    const intervalEnd = date("2026-02-03T23:00:00Z")
    const rule = at("07:00", "Europe/Berlin")
    assert.equal(
      missedText(rule, { ...facts, intervalEnd, subject: running }),
      "Run 12 for the interval up to 2026-02-04 00:00 +01:00 had not succeeded by 07:00 Europe/Berlin: it is running.",
    )
    assert.match(missedText(rule, { ...facts, runId: null, intervalEnd }), /^The run for .*: it was never created\.$/)
    const paused = missedText(rule, { ...facts, runId: null, intervalEnd, isPaused: true })
    assert.match(paused, /never created, because the pipeline is paused\.$/)
  })
})
