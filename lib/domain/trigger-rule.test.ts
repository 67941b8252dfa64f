import assert from "node:assert/strict"
import { describe, test } from "node:test"
import {
  type AuthorTriggerRule,
  decideTrigger,
  TRIGGER_RULES,
  type TriggerDecision,
  type UpstreamCounts,
} from "./trigger-rule.ts"

/** What a rule says once all upstreams are final, straight from its name; a failure that blocks is an upstream failure. */
const WHEN_DONE: Record<AuthorTriggerRule, (counts: UpstreamCounts) => TriggerDecision> = {
  all_success: ({ total, success, failed }) => (success === total ? "release" : failed > 0 ? "upstream_fail" : "skip"),
  all_done: () => "release",
  all_failed: ({ total, failed }) => (failed === total ? "release" : "skip"),
  one_success: ({ success, failed }) => (success > 0 ? "release" : failed > 0 ? "upstream_fail" : "skip"),
  one_failed: ({ failed }) => (failed > 0 ? "release" : "skip"),
  none_failed: ({ failed }) => (failed === 0 ? "release" : "upstream_fail"),
  none_failed_min_one_success: ({ success, failed }) =>
    failed > 0 ? "upstream_fail" : success > 0 ? "release" : "skip",
  none_skipped: ({ skipped }) => (skipped === 0 ? "release" : "skip"),
  all_skipped: ({ total, skipped, failed }) => (skipped === total ? "release" : failed > 0 ? "upstream_fail" : "skip"),
  always: () => "release",
}

/** All counts of up to five upstreams, finished or not. */
function* allCounts(): Generator<UpstreamCounts> {
  for (let total = 1; total <= 5; total++) {
    for (let success = 0; success <= total; success++) {
      for (let failed = 0; success + failed <= total; failed++) {
        for (let skipped = 0; success + failed + skipped <= total; skipped++) yield { total, success, failed, skipped }
      }
    }
  }
}

/** Every way in which the upstreams still open can end. */
function completions(counts: UpstreamCounts): UpstreamCounts[] {
  const open = counts.total - counts.success - counts.failed - counts.skipped
  const ways: UpstreamCounts[] = []
  for (let success = 0; success <= open; success++) {
    for (let failed = 0; success + failed <= open; failed++) {
      const skipped = open - success - failed
      ways.push({
        total: counts.total,
        success: counts.success + success,
        failed: counts.failed + failed,
        skipped: counts.skipped + skipped,
      })
    }
  }
  return ways
}

describe("trigger rules", () => {
  for (const rule of TRIGGER_RULES) {
    test(`${rule} decides as soon as the outcome is certain, and never earlier`, () => {
      for (const counts of allCounts()) {
        const possible = new Set(completions(counts).map(WHEN_DONE[rule]))
        const isOpen = counts.success + counts.failed + counts.skipped < counts.total
        // What all_done does is certain from the start; when, is its point.
        const expected = possible.size > 1 || (rule === "all_done" && isOpen) ? "wait" : [...possible][0]
        assert.equal(decideTrigger(rule, counts), expected, JSON.stringify(counts))
      }
    })

    test(`${rule} starts a task that waits for nothing`, () => {
      assert.equal(decideTrigger(rule, { total: 0, success: 0, failed: 0, skipped: 0 }), "release")
    })
  }
})
