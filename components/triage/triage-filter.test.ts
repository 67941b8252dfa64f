import assert from "node:assert/strict"
import { test } from "node:test"
import { isNarrowed, type TriageFilter, toIncidentFilter } from "./triage-filter.ts"

const FILTER: TriageFilter = { state: "open", severity: null, kind: null, owner: null, q: "" }

test("snoozed incidents lie in a box of their own, whatever their state", () => {
  assert.deepEqual(toIncidentFilter(FILTER), { state: "open", snoozed: "hide" })
  assert.deepEqual(toIncidentFilter({ ...FILTER, state: "snoozed" }), { state: "open,acknowledged", snoozed: "only" })
  assert.deepEqual(toIncidentFilter({ ...FILTER, state: "resolved" }), { state: "resolved", snoozed: "show" })
})

test("a box alone does not narrow the inbox, a search and filters do", () => {
  assert.equal(isNarrowed({ ...FILTER, state: "resolved", q: " " }), false)
  assert.equal(isNarrowed({ ...FILTER, q: "orders" }), true)
  assert.deepEqual(toIncidentFilter({ ...FILTER, owner: "Ann", severity: "critical", q: " orders " }), {
    state: "open",
    snoozed: "hide",
    severity: "critical",
    owner: "Ann",
    q: "orders",
  })
})
