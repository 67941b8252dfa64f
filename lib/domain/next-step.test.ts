import assert from "node:assert/strict"
import { test } from "node:test"
import { ERROR_KINDS } from "./errors.ts"
import { nextSteps } from "./next-step.ts"

const quiet = { attempts: 1, changes: [], runbook: null, owner: null }

function stepsFor(kind: (typeof ERROR_KINDS)[number], retry: "never" | "later" = "never") {
  return nextSteps({ ...quiet, failure: { kind, retry, code: "task.failed" } }).map(({ step }) => step)
}

test("suggests another try only where that can help", () => {
  assert.deepEqual(
    ERROR_KINDS.map((kind) => [kind, ...stepsFor(kind)]),
    [
      ["transient", "retry"],
      ["data", "fix_data"],
      ["code", "fix_code"],
      ["config", "fix_config"],
      ["external", "fix_config"],
      ["cancelled", "retry"],
      ["infrastructure", "retry"],
    ],
  )
  assert.deepEqual(stepsFor("external", "later"), ["wait"])
})

test("points at a suspicious change, the runbook and the owner, and keeps quiet about harmless changes", () => {
  const change = { kind: "code", subject: "load", before: "", after: "", isNear: true } as const
  const steps = (suspicion: number) =>
    nextSteps({
      ...quiet,
      failure: null,
      changes: [{ ...change, text: "Task load changed.", suspicion }],
      runbook: "docs/runbooks/load.md",
      owner: "Ann",
    })
  assert.deepEqual(steps(90), [
    { step: "see_change", text: "Look at what changed: Task load changed." },
    { step: "runbook", text: "Follow the runbook: docs/runbooks/load.md." },
    { step: "ask_owner", text: "Ask Ann, who owns it." },
  ])
  assert.equal(steps(20).length, 2)
})
