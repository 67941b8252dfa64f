import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { noop, type PipelineOptions, pipeline, type TaskOptions } from "headrace"
import { manifestSchema } from "../contracts/manifest.ts"
import { toManifest } from "./to-manifest.ts"

/** A declaration with one task, checked. Faults are given as "rule message". */
function check(options: Partial<PipelineOptions> = {}, task: TaskOptions = {}) {
  const definition = pipeline({ id: "p", ...options }, (builder) => void builder.task("load", noop(), task))
  const { manifest, faults } = toManifest(definition, {
    file: "pipelines/p.ts",
    connections: [],
    hasFile: () => true,
    relative: (file) => file,
  })
  return {
    manifest: manifestSchema.parse(manifest),
    task: manifest.tasks[0]!,
    faults: faults.map(({ rule, message }) => `${rule} ${message}`),
  }
}

describe("retry rules", () => {
  const own = { delayMs: 60_000, backoffFactor: 1, maxDelayMs: 3_600_000 }

  test("take what they leave out from the task's own policy", () => {
    const { task, faults } = check(
      { defaults: { retries: 1, retryDelay: "1m" } },
      { retry: { transient: 5, code: "never", "http.status": { retries: 3, delay: "2h" } } },
    )
    assert.deepEqual(faults, [])
    assert.deepEqual(task.retry, { ...own, retries: 1 })
    assert.deepEqual(task.retryRules, {
      transient: { ...own, retries: 5 },
      code: { ...own, retries: 0 },
      "http.status": { retries: 3, delayMs: 7_200_000, backoffFactor: 1, maxDelayMs: 7_200_000 },
    })
  })

  test("for a kind that does not exist, or in a form that does not, are refused with advice", () => {
    assert.match(check({}, { retry: { flaky: 3 } as never }).faults.join(), /retry.*flaky/s)
    assert.match(
      check({}, { retry: { data: "always" } as never }).faults.join(),
      /retry\.data: write a number of retries/,
    )
  })
})

describe("gates on the past", () => {
  test("are off unless asked for, and waiting for downstream includes the task itself", () => {
    const gates = (task: TaskOptions, options: Partial<PipelineOptions> = {}) => {
      const { dependsOnPast, waitForDownstream } = check(options, task).task
      return [dependsOnPast, waitForDownstream]
    }
    assert.deepEqual(gates({}), [false, false])
    assert.deepEqual(gates({ dependsOnPast: true }), [true, false])
    assert.deepEqual(gates({ waitForDownstream: true }), [true, true])
    assert.deepEqual(gates({ dependsOnPast: false }, { defaults: { dependsOnPast: true } }), [false, false])
  })
})

describe("deadlines", () => {
  test("have a key of their own, the schedule's zone and the pipeline's channel", () => {
    const { manifest, task, faults } = check(
      {
        schedule: { cron: "0 2 * * *", timezone: "Europe/Berlin" },
        notify: "oncall",
        timeout: "2h",
        deadlines: [{ within: "30m" }, { within: "5m", of: "queued", notify: "chat" }, { at: "07:00", daysAfter: 1 }],
      },
      { deadlines: [{ within: "1h", of: "interval_end" }] },
    )
    assert.deepEqual(faults, [])
    assert.equal(manifest.timeoutMs, 7_200_000)
    assert.deepEqual(manifest.deadlines, [
      {
        key: "within 1800000 of started",
        rule: { kind: "within", ms: 1_800_000, of: "started" },
        notify: "oncall",
      },
      { key: "within 300000 of queued", rule: { kind: "within", ms: 300_000, of: "queued" }, notify: "chat" },
      {
        key: "at 07:00 Europe/Berlin +1",
        rule: { kind: "at", time: "07:00", timezone: "Europe/Berlin", daysAfter: 1 },
        notify: "oncall",
      },
    ])
    assert.deepEqual(task.deadlines, [
      {
        key: "load: within 3600000 of interval_end",
        rule: { kind: "within", ms: 3_600_000, of: "interval_end" },
        notify: "oncall",
      },
    ])
  })

  test("that follow the schedule need one", () => {
    assert.match(check({ deadlines: [{ at: "07:00" }] }).faults.join(), /bad_option deadlines: at follows the schedule/)
    const late = check({}, { deadlines: [{ within: "1h", of: "interval_end" }] })
    assert.match(late.faults.join(), /bad_option Task "load": deadlines: of "interval_end" follows the schedule/)
  })

  test("that cannot be are refused with advice", () => {
    const schedule = "0 2 * * *"
    const faults = (deadlines: unknown) => check({ schedule, deadlines: deadlines as never }).faults.join()
    assert.match(faults([{ at: "7 o'clock" }]), /write a time of day/)
    assert.match(faults([{ at: "07:00", timezone: "Mars/Base" }]), /bad_timezone/)
    assert.match(faults([{ within: "1h" }, { within: "60m" }]), /two of them are the same/)
  })
})
