import assert from "node:assert/strict"
import { test } from "node:test"
import { DEFAULT_POLICY } from "../wall-rule.ts"
import { evaluateFreshness, type FreshnessObservations } from "./evaluate-freshness.ts"
import type { FreshnessPolicy, FreshnessState } from "./freshness-policy.ts"
import { duePartitions } from "./late-rules.ts"

/** Mulberry32: the same cases every time. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago"]
const HOUR_MS = 3_600_000

function anyPolicy(next: () => number): FreshnessPolicy {
  const pick = <T>(list: readonly T[]) => list[Math.floor(next() * list.length)]!
  const timezone = pick(ZONES)
  const cron = `${Math.floor(next() * 60)} ${Math.floor(next() * 24)} * * *`
  const ticks = {
    rule: { kind: "cron" as const, cron, calendar: null, onHoliday: "skip" as const },
    timezone,
    ...DEFAULT_POLICY,
  }
  const warnAfterMs = next() < 0.7 ? Math.floor(next() * 30) * HOUR_MS : null
  const errorAfterMs =
    warnAfterMs === null || next() < 0.7 ? (warnAfterMs ?? 0) + Math.floor(next() * 30) * HOUR_MS : null
  const limits = { warnAfterMs, errorAfterMs }
  const kind = pick(["age", "deadline", "partition"] as const)
  return {
    measure: "loads",
    probe: null,
    maxAge: kind === "age" ? limits : null,
    deadline: kind === "deadline" ? { ticks, withinMs: null, limits } : null,
    partitions: kind === "partition" ? { unit: "day", timezone, keys: null, afterMs: 0, ticks, limits } : null,
    everyMs: null,
  }
}

const RANK: Record<FreshnessState, number> = { fresh: 0, unknown: 0, warn: 1, error: 2 }

test("without an arrival a verdict stays until its next change, and only gets worse", () => {
  const next = random(5)
  for (let round = 0; round < 400; round++) {
    const policy = anyPolicy(next)
    // Around the days on which clocks change.
    const start = Date.UTC(2026, next() < 0.5 ? 2 : 9, Math.floor(next() * 40), Math.floor(next() * 24))
    const observations: FreshnessObservations = {
      watchedSince: new Date(start - 5 * 24 * HOUR_MS),
      loadedAt: next() < 0.1 ? null : new Date(start),
      data: { kind: "unmeasured" },
      presentKeys: new Set(),
    }
    let at = new Date(start)
    let verdict = evaluateFreshness(policy, observations, at)
    for (let step = 0; step < 4 && verdict.nextChangeAt; step++) {
      const change = verdict.nextChangeAt
      assert.ok(change > at, "a change lies ahead")
      const before = evaluateFreshness(policy, observations, new Date(change.getTime() - 1))
      assert.equal(before.state, verdict.state, JSON.stringify({ policy, at, change }))
      at = change
      const after = evaluateFreshness(policy, observations, at)
      assert.ok(RANK[after.state] >= RANK[verdict.state], JSON.stringify({ policy, at }))
      if (after.since) assert.ok(after.since < at)
      verdict = after
    }
  }
})

test("every day's partition falls due once, in order, in every zone", () => {
  for (const timezone of ZONES) {
    const due = duePartitions(
      {
        ...anyPolicy(random(1)).partitions!,
        unit: "day",
        timezone,
        keys: null,
        afterMs: 0,
        ticks: null,
        limits: { warnAfterMs: null, errorAfterMs: 0 },
      },
      new Date("2026-03-01T00:00:00Z"),
      new Date("2026-05-01T00:00:00Z"),
    )
    assert.equal(new Set(due.map(({ key }) => key)).size, due.length)
    for (const [index, { start, dueAt }] of due.entries()) {
      if (index > 0) assert.equal(start.getTime(), due[index - 1]!.dueAt.getTime())
      assert.ok(dueAt > start)
    }
    assert.ok(due.length >= 61 && due.length <= 65, `${timezone} ${due.length}`)
  }
})
