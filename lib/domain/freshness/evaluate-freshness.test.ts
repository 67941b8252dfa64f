import assert from "node:assert/strict"
import { test } from "node:test"
import { freshnessSectionSchema } from "../../contracts/quality/freshness-section.ts"
import { toFreshnessPolicy } from "../../contracts/quality/to-freshness-policy.ts"
import { evaluateFreshness, type FreshnessObservations } from "./evaluate-freshness.ts"

const WATCHED = "2026-01-01T00:00:00Z"

/** A policy as a file has it, what is known, and when it is judged. */
function judge(
  section: object,
  known: Partial<FreshnessObservations> & { loaded?: string; newest?: string },
  at: string,
) {
  const { loaded, newest, ...rest } = known
  const verdict = evaluateFreshness(
    toFreshnessPolicy(freshnessSectionSchema.parse(section)),
    {
      watchedSince: new Date(WATCHED),
      loadedAt: loaded ? new Date(loaded) : null,
      data: newest ? { kind: "measured", newest: new Date(newest), future: null } : { kind: "unmeasured" },
      presentKeys: new Set(),
      ...rest,
    },
    new Date(at),
  )
  const text = (date: Date | null) => date?.toISOString().replace(".000Z", "Z") ?? null
  return {
    ...verdict,
    since: text(verdict.since),
    dueAt: text(verdict.dueAt),
    nextChangeAt: text(verdict.nextChangeAt),
  }
}

test("a maximum age warns and then fails, strictly after its limits", () => {
  const age = { maxAge: { warn: "6h", error: "12h" } }
  const loaded = "2026-03-17T06:00:00Z"
  const states = [
    ["2026-03-17T06:00:00Z", "fresh"],
    ["2026-03-17T12:00:00.000Z", "fresh"],
    ["2026-03-17T12:00:00.001Z", "warn"],
    ["2026-03-17T18:00:00.000Z", "warn"],
    ["2026-03-17T18:00:00.001Z", "error"],
  ] as const
  for (const [at, state] of states) assert.equal(judge(age, { loaded }, at).state, state, at)
  assert.deepEqual(judge(age, { loaded }, "2026-03-17T12:30:00Z"), {
    state: "warn",
    since: "2026-03-17T12:00:00Z",
    dueAt: "2026-03-17T12:00:00Z",
    nextChangeAt: "2026-03-17T18:00:00.001Z",
    message: "No load since 2026-03-17 06:00 +00:00; it may be 6h old.",
  })
})

test("an age without an error limit never fails", () => {
  const verdict = judge({ maxAge: { warn: "1h" } }, { loaded: "2026-02-01T00:00:00Z" }, "2026-03-17T00:00:00Z")
  assert.equal(verdict.state, "warn")
  assert.equal(verdict.nextChangeAt, null)
})

test("what was never loaded is unknown until it is late, counted from when the policy was known", () => {
  assert.deepEqual(judge({ maxAge: "1d" }, {}, "2026-01-01T12:00:00Z"), {
    state: "unknown",
    since: null,
    dueAt: "2026-01-02T00:00:00Z",
    nextChangeAt: "2026-01-02T00:00:00.001Z",
    message: "Nothing has been loaded yet.",
  })
  assert.equal(judge({ maxAge: "1d" }, {}, "2026-01-02T00:00:01Z").state, "error")
})

test("a deadline is judged strictly after its instant, and an arrival at the instant keeps it", () => {
  const daily = { deadline: { by: "07:00", timezone: "Europe/Berlin" } }
  const yesterday = "2026-03-16T05:30:00Z"
  assert.equal(judge(daily, { loaded: yesterday }, "2026-03-17T06:00:00.000Z").state, "fresh")
  const late = judge(daily, { loaded: yesterday }, "2026-03-17T06:00:00.001Z")
  assert.equal(late.state, "error")
  assert.equal(late.since, "2026-03-17T06:00:00Z")
  assert.equal(late.message, "No load came by 2026-03-17 07:00 +01:00; the last was at 2026-03-16 06:30 +01:00.")
  const kept = judge(daily, { loaded: "2026-03-17T06:00:00Z" }, "2026-03-17T06:00:00.001Z")
  assert.deepEqual([kept.state, kept.dueAt], ["fresh", "2026-03-18T06:00:00Z"])
})

test("what comes late recovers today's deadline and does not count for tomorrow's", () => {
  const daily = { deadline: { by: "07:00", timezone: "UTC" } }
  const late = judge(daily, { loaded: "2026-03-17T09:00:00Z" }, "2026-03-17T09:00:01Z")
  assert.deepEqual([late.state, late.dueAt], ["fresh", "2026-03-18T07:00:00Z"])
  assert.equal(judge(daily, { loaded: "2026-03-17T09:00:00Z" }, "2026-03-18T07:00:01Z").state, "error")
  // The evening before does.
  assert.equal(judge(daily, { loaded: "2026-03-17T19:00:00Z" }, "2026-03-18T07:00:01Z").state, "fresh")
})

test("`within` says how early an arrival may be, and grace is a warning first", () => {
  const policy = { deadline: { by: "07:00", within: "2h", grace: "30m" } }
  assert.equal(judge(policy, { loaded: "2026-03-17T05:00:00Z" }, "2026-03-17T07:10:00Z").state, "fresh")
  assert.equal(judge(policy, { loaded: "2026-03-17T04:59:59Z" }, "2026-03-17T07:10:00Z").state, "warn")
  assert.equal(judge(policy, { loaded: "2026-03-17T04:59:59Z" }, "2026-03-17T07:30:01Z").state, "error")
  const soft = { deadline: { by: "07:00", severity: "warn" } }
  assert.equal(judge(soft, { loaded: "2026-03-16T05:00:00Z" }, "2026-03-18T07:10:00Z").state, "warn")
})

test("working days ask nothing on weekends and holidays", () => {
  const policy = {
    deadline: { by: "07:00", timezone: "Europe/Berlin", calendar: { holidays: ["2026-04-03", "2026-04-06"] } },
  }
  // Thursday before Easter to Tuesday after it.
  const { state, dueAt } = judge(policy, { loaded: "2026-04-02T04:00:00Z" }, "2026-04-06T12:00:00Z")
  assert.deepEqual([state, dueAt], ["fresh", "2026-04-07T05:00:00Z"])
  assert.equal(judge(policy, { loaded: "2026-04-02T04:00:00Z" }, "2026-04-07T05:00:01Z").state, "error")
})

test("deadlines follow the clock over its changes", () => {
  const due = (by: string, loaded: string, at: string) =>
    judge({ deadline: { by, timezone: "Europe/Berlin" } }, { loaded }, at).dueAt
  assert.equal(due("07:00", "2026-03-28T06:00:00Z", "2026-03-28T12:00:00Z"), "2026-03-29T05:00:00Z")
  assert.equal(due("07:00", "2026-10-24T05:00:00Z", "2026-10-24T12:00:00Z"), "2026-10-25T06:00:00Z")
  // A time that the clock skips falls due at the end of the gap; one that comes twice, the first time.
  assert.equal(due("02:30", "2026-03-28T01:30:00Z", "2026-03-28T12:00:00Z"), "2026-03-29T01:00:00Z")
  assert.equal(due("02:30", "2026-10-24T00:30:00Z", "2026-10-24T12:00:00Z"), "2026-10-25T00:30:00Z")
})

test("a deadline on the last day of the month knows the months", () => {
  const monthly = { deadline: { cron: "0 18 L * *" } }
  const dueAfter = (loaded: string) => judge(monthly, { loaded }, loaded).dueAt
  assert.equal(dueAfter("2026-01-31T17:00:00Z"), "2026-02-28T18:00:00Z")
  assert.equal(dueAfter("2026-02-28T17:59:00Z"), "2026-03-31T18:00:00Z")
  assert.equal(judge(monthly, { loaded: "2026-01-31T17:00:00Z" }, "2026-02-28T18:00:00.001Z").state, "error")
})

const DAILY = { partition: { unit: "day", by: "07:00", timezone: "Europe/Berlin" } }
const days = (...keys: string[]) => ({ presentKeys: new Set(keys), watchedSince: new Date("2026-03-16T00:00:00Z") })

test("the partition of a day has to be there by the next morning", () => {
  const present = days("2026-03-15")
  const before = judge(DAILY, present, "2026-03-17T06:00:00Z")
  assert.deepEqual(
    [before.state, before.dueAt, before.nextChangeAt],
    ["fresh", "2026-03-17T06:00:00Z", "2026-03-17T06:00:00.001Z"],
  )
  const after = judge(DAILY, present, "2026-03-17T06:00:01Z")
  assert.deepEqual([after.state, after.since], ["error", "2026-03-17T06:00:00Z"])
  assert.equal(after.message, "Partition 2026-03-16 was due at 2026-03-17 07:00 +01:00 and is missing.")
})

test("loading an old partition never makes it fresh", () => {
  const known = { ...days("2026-03-15"), loaded: "2026-03-17T08:00:00Z" }
  assert.equal(judge(DAILY, known, "2026-03-17T08:00:01Z").state, "error")
  const right = { ...days("2026-03-15", "2026-03-16"), loaded: "2026-03-17T08:00:00Z" }
  const verdict = judge(DAILY, right, "2026-03-17T08:00:01Z")
  assert.deepEqual([verdict.state, verdict.dueAt], ["fresh", "2026-03-18T06:00:00Z"])
})

test("a hole stays one when later partitions come, and says how many are missing", () => {
  const verdict = judge(DAILY, days("2026-03-15", "2026-03-18"), "2026-03-19T07:00:00Z")
  assert.equal(verdict.state, "error")
  assert.equal(
    verdict.message,
    "Partition 2026-03-16 was due at 2026-03-17 07:00 +01:00 and is missing, and 1 other is missing too.",
  )
})

test("what was loaded before its end does not hide the next partition", () => {
  const verdict = judge(DAILY, days("2026-03-15", "2026-03-16", "2026-03-17"), "2026-03-17T12:00:00Z")
  assert.deepEqual([verdict.state, verdict.dueAt], ["fresh", "2026-03-19T06:00:00Z"])
})

test("partitions of days off are due on the next working day", () => {
  const policy = { partition: { ...DAILY.partition, workingDays: true } }
  // Friday, Saturday and Sunday.
  const present = days(..."13 14 15 16 17 18 19".split(" ").map((day) => `2026-03-${day}`))
  assert.deepEqual(
    [judge(policy, present, "2026-03-22T12:00:00Z").state, judge(policy, present, "2026-03-22T12:00:00Z").dueAt],
    ["fresh", "2026-03-23T06:00:00Z"],
  )
  assert.match(judge(policy, present, "2026-03-23T06:00:01Z").message, /2026-03-20 .* 2 others are missing too/)
})

test("partitions with keys need each of them, and may be due some time after their end", () => {
  const policy = { partition: { unit: "hour", after: "15m", keys: ["eu", "us"] } }
  const watchedSince = new Date("2026-03-16T10:00:00Z")
  const present = (...keys: string[]) => ({ watchedSince, presentKeys: new Set(keys) })
  const both = ["2026-03-16T09:00Z|eu", "2026-03-16T09:00Z|us"]
  assert.equal(judge(policy, present(both[0]!), "2026-03-16T10:15:00.001Z").state, "error")
  assert.equal(judge(policy, present(...both), "2026-03-16T10:15:00.001Z").state, "fresh")
})

test("no partition that was due before the policy is asked for", () => {
  const verdict = judge(DAILY, { watchedSince: new Date("2026-03-17T06:00:00Z") }, "2026-03-17T12:00:00Z")
  assert.deepEqual([verdict.state, verdict.dueAt], ["unknown", "2026-03-18T06:00:00Z"])
})

const DATA = { maxAge: { warn: "1h", error: "2h" }, column: "updated_at" }

test("data that could not be asked is unknown, never fresh", () => {
  const { state, message } = judge(
    DATA,
    { data: { kind: "failed", message: "The warehouse does not answer." }, loaded: "2026-03-17T06:00:00Z" },
    "2026-03-17T06:10:00Z",
  )
  assert.deepEqual([state, message], ["unknown", "Not measured: The warehouse does not answer."])
  assert.equal(judge(DATA, {}, "2026-03-17T06:10:00Z").message, "Not measured yet.")
})

test("an empty table, or a column of nulls, is as old as can be", () => {
  const empty = { data: { kind: "measured", newest: null, future: null } } as const
  assert.equal(judge(DATA, empty, "2026-03-17T06:10:00Z").state, "error")
  assert.equal(judge({ maxAge: { warn: "1h" }, column: "c" }, empty, "2026-03-17T06:10:00Z").state, "warn")
})

test("a value from the future counts as one of now, and is named", () => {
  const future = new Date("2031-01-01T00:00:00Z")
  const both = { data: { kind: "measured", newest: new Date("2026-03-17T06:00:00Z"), future } } as const
  const verdict = judge(DATA, both, "2026-03-17T06:10:00Z")
  assert.equal(verdict.state, "fresh")
  assert.match(verdict.message, /2031-01-01 00:00 \+00:00, in the future, do not count/)
  assert.equal(judge(DATA, both, "2026-03-17T08:10:00Z").state, "error")
})

test("of a policy on loads and data both have to hold", () => {
  const both = { ...DATA, measure: "both" }
  const at = "2026-03-17T12:00:00Z"
  const [old, young] = ["2026-03-17T08:00:00Z", "2026-03-17T11:50:00Z"]
  assert.equal(judge(both, { loaded: young, newest: young }, at).state, "fresh")
  assert.equal(judge(both, { loaded: young, newest: old }, at).state, "error")
  assert.equal(judge(both, { loaded: old, newest: young }, at).state, "error")
  // What is late for sure is late, whether the rest can be asked or not.
  assert.equal(judge(both, { loaded: old, data: { kind: "failed", message: "away" } }, at).state, "error")
  assert.equal(judge(both, { loaded: young, data: { kind: "failed", message: "away" } }, at).state, "unknown")
})

test("several rules give the worst of their states and the first of their instants", () => {
  const policy = { maxAge: { warn: "2d" }, deadline: { by: "07:00" } }
  const verdict = judge(policy, { loaded: "2026-03-15T06:00:00Z" }, "2026-03-17T08:00:00Z")
  assert.deepEqual(
    [verdict.state, verdict.since, verdict.dueAt],
    ["error", "2026-03-16T07:00:00Z", "2026-03-16T07:00:00Z"],
  )
})
