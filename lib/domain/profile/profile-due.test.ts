import assert from "node:assert/strict"
import { test } from "node:test"
import { type ProfileStanding, profileDue } from "./profile-due.ts"

const now = new Date("2026-03-17T08:00:00Z")
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1_000)
const due = (standing: Partial<ProfileStanding>) =>
  profileDue({ everyMs: null, isAfterLoad: false, askedAt: null, loadedAt: null, ...standing }, now)

test("by the clock, a table is due at first and after each interval", () => {
  assert.equal(due({ everyMs: 3_600_000 }), "clock")
  assert.equal(due({ everyMs: 3_600_000, askedAt: ago(3_599) }), null)
  assert.equal(due({ everyMs: 3_600_000, askedAt: ago(3_600) }), "clock")
})

test("after loads, a table is due once for what came since, and once a minute at most", () => {
  assert.equal(due({ isAfterLoad: true }), null)
  assert.equal(due({ isAfterLoad: true, loadedAt: ago(5) }), "load")
  assert.equal(due({ isAfterLoad: true, loadedAt: ago(5), askedAt: ago(90) }), "load")
  assert.equal(due({ isAfterLoad: true, loadedAt: ago(5), askedAt: ago(30) }), null)
  assert.equal(due({ isAfterLoad: true, loadedAt: ago(90), askedAt: ago(80) }), null)
})

test("without a word in its policy, loads do not count", () => {
  assert.equal(due({ loadedAt: ago(5) }), null)
})
