import type { Failure } from "./errors.ts"
import type { RunChange } from "./run-difference.ts"

export const NEXT_STEPS = [
  "retry",
  "see_change",
  "runbook",
  "fix_data",
  "fix_config",
  "fix_code",
  "wait",
  "ask_owner",
] as const

/** What to do next, and why. */
export interface NextStep {
  step: (typeof NEXT_STEPS)[number]
  text: string
}

/**
 * What whoever is on call might do about a failure, the most promising first: another try only where that can help, the
 * change that most likely caused it, the runbook, and whom to ask.
 */
export function nextSteps(known: {
  failure: Pick<Failure, "kind" | "retry" | "code"> | null
  /** How often it was tried already. */
  attempts: number
  changes: readonly RunChange[]
  runbook: string | null
  owner: string | null
}): NextStep[] {
  const steps = [byKind(known.failure, known.attempts), byChange(known.changes)]
  if (known.runbook) steps.push({ step: "runbook", text: `Follow the runbook: ${known.runbook}.` })
  if (known.owner) steps.push({ step: "ask_owner", text: `Ask ${known.owner}, who owns it.` })
  return steps.filter((step) => step !== null)
}

function byKind(failure: Pick<Failure, "kind" | "retry" | "code"> | null, attempts: number): NextStep | null {
  if (failure === null) return null
  switch (failure.kind) {
    case "transient":
    case "infrastructure":
      return {
        step: "retry",
        text:
          attempts > 1
            ? `Retry: nothing of ours is wrong. It failed ${attempts} times in a row, so look first whether what it needs is back.`
            : "Retry: nothing of ours is wrong, and such failures pass.",
      }
    case "external":
      return failure.retry === "later"
        ? { step: "wait", text: "Retry once the other system answers again; it failed there." }
        : { step: "fix_config", text: "The other system refused it: check what is asked of it, then retry." }
    case "data":
      return {
        step: "fix_data",
        text: "A retry reads the same data: mend the rows or where they come from, let failing rows into quarantine, or correct the check.",
      }
    case "config":
      return {
        step: "fix_config",
        text: "A retry changes nothing: correct the setting that the message names, then retry with the newest version.",
      }
    case "code":
      return failure.retry === "later"
        ? {
            step: "fix_code",
            text: "Look at the first error below. If it names something that passes, retry; else mend the code and retry with the newest version.",
          }
        : { step: "fix_code", text: "A retry changes nothing: mend the code, then retry with the newest version." }
    case "cancelled":
      return { step: "retry", text: "Somebody stopped it; retry when it may run again." }
  }
}

/** Below this, what changed is more likely a consequence or chance. */
const SUSPICIOUS = 60

function byChange([first]: readonly RunChange[]): NextStep | null {
  if (!first || first.suspicion < SUSPICIOUS) return null
  return { step: "see_change", text: `Look at what changed: ${first.text}` }
}
