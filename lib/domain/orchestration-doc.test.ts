import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { describe, test } from "node:test"
import { branchSkips, type ChoiceTask, shortCircuitSkips } from "./branching.ts"
import { planClear } from "./clear-plan.ts"
import { decideTrigger, TEARDOWN_RULE, TRIGGER_RULES, type TriggerRule, type UpstreamCounts } from "./trigger-rule.ts"

const page = readFileSync(new URL("../../docs/orchestration.md", import.meta.url), "utf8")

/** The first table of a section: its head and its rows, cells trimmed. */
function tableOf(section: string, nth = 0): { head: string[]; rows: string[][] } {
  const text = page.slice(page.indexOf(`## ${section}\n`)).split(/^## /m)[1]!
  const tables = text.split(/\n\n/).filter((block) => block.startsWith("|"))
  const [head, , ...rows] = tables[nth]!.split("\n").filter((line) => line.startsWith("|"))
  const cells = (line: string) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim())
  return { head: cells(head!), rows: rows.map(cells) }
}

const WORDS = { release: "run", skip: "skip", upstream_fail: "fail", wait: "wait" } as const

function countsOf(outcomes: string[]): UpstreamCounts {
  const count = (outcome: string) => outcomes.filter((one) => one === outcome).length
  return { total: outcomes.length, success: count("success"), failed: count("failed"), skipped: count("skipped") }
}

const listOf = (cell: string) => (cell === "–" ? [] : cell.split(", "))

describe("docs/orchestration.md", () => {
  const rules = tableOf("Trigger rules")

  test("has a row for each trigger rule that authors may name, and a column for each pair of outcomes", () => {
    assert.deepEqual(
      rules.rows.map(([rule]) => rule),
      [...TRIGGER_RULES],
    )
    assert.equal(new Set(rules.head.slice(1)).size, 9)
  })

  for (const [rule, ...cells] of rules.rows) {
    test(`says of ${rule} what the code decides`, () => {
      const decided = rules.head
        .slice(1)
        .map((column) => WORDS[decideTrigger(rule as TriggerRule, countsOf(column.split(", ")))])
      assert.deepEqual(cells, decided)
    })
  }

  const task = (id: string, upstream: string[]): ChoiceTask => ({
    id,
    upstream,
    group: null,
    triggerRule: "all_success",
  })
  const WAYS = [
    task("start", []),
    task("a", ["start"]),
    task("join", ["start", "a"]),
    task("b", ["start"]),
    task("c", ["b"]),
  ]

  for (const [decision, skipped, then] of tableOf("Branches").rows) {
    test(`says what is skipped when ${decision}`, () => {
      const skips = skipsOf(decision!)
      assert.deepEqual(listOf(skipped!), skips)
      assert.deepEqual(listOf(then!), skippedByRules(skips))
    })
  }

  function skipsOf(decision: string): string[] {
    if (decision.startsWith("short-circuit")) return shortCircuitSkips(WAYS, "start", !decision.includes("direct"))
    const named = decision.replace("branch follows ", "")
    const choice = branchSkips(WAYS, "start", named === "none" ? [] : named.split(", "))
    assert.ok(choice.kind === "skips")
    return choice.skips
  }

  /** The rest of the graph, in its order, where all that is not skipped succeeds. */
  function skippedByRules(skips: string[]): string[] {
    const outcome = new Map<string, string>([["start", "success"], ...skips.map((id) => [id, "skipped"] as const)])
    const more: string[] = []
    for (const { id, upstream, triggerRule } of WAYS) {
      if (outcome.has(id)) continue
      const decision = decideTrigger(triggerRule, countsOf(upstream.map((one) => outcome.get(one)!)))
      outcome.set(id, decision === "release" ? "success" : "skipped")
      if (decision !== "release") more.push(id)
    }
    return more
  }

  for (const [setup, between, teardown] of tableOf("Set-up and tear-down").rows) {
    test(`says what a tear-down does after a set-up that was ${setup} and ${between}`, () => {
      const outcomes: Record<string, string[]> = {
        "all success": ["success", "success"],
        "any failed": ["success", "failed"],
        "all skipped": ["skipped", "skipped"],
        "any running": ["success", "–"],
      }
      const setups = {
        success: Number(setup === "success"),
        failed: Number(setup === "failed"),
        skipped: Number(setup === "skipped"),
      }
      const counts = countsOf([setup!, ...outcomes[between!]!])
      assert.equal(teardown, WORDS[decideTrigger(TEARDOWN_RULE, { ...counts, setups })])
    })
  }

  const SCOPE = [
    { id: "create", upstream: [] },
    { id: "load", upstream: ["create"] },
    { id: "check", upstream: ["load"] },
    { id: "drop", upstream: ["create", "check"], teardownOf: ["create"] },
    { id: "after", upstream: ["drop"] },
  ]

  for (const [cleared, alone, follows] of tableOf("Clearing").rows) {
    test(`says what clearing ${cleared} takes along`, () => {
      const states = SCOPE.map(({ id }) => ({ taskId: id, state: "success" as const, failedInstances: null }))
      const plan = (includeDownstream: boolean) =>
        planClear(SCOPE, states, { taskIds: [cleared!], includeDownstream, onlyFailed: false, someInstances: false })
      assert.deepEqual(plan(false), { whole: listOf(alone!), partial: [] })
      assert.deepEqual(plan(true), { whole: listOf(follows!), partial: [] })
    })
  }
})
