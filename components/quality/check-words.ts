import type { CheckResult } from "#lib/contracts/api/datasets.ts"
import type { StateGlyph } from "../ui/glyphs.ts"

/** How the newest result of a check stands. */
export function checkLook(check: Pick<CheckResult, "state" | "severity" | "details">): {
  label: string
  glyph: StateGlyph
} {
  if (check.state === "empty") return { label: "No rows", glyph: "missing" }
  if (check.state === "passed") return { label: "Pass", glyph: "success" }
  if (check.details?.quarantined !== undefined) return { label: "Set aside", glyph: "at_risk" }
  if (check.severity === "warn" || check.details?.onFail === "warn") return { label: "Warn", glyph: "at_risk" }
  return check.state === "error" ? { label: "Error", glyph: "failed" } : { label: "Fail", glyph: "failed" }
}

/** Options of an expectation as label and value, without what is only bookkeeping. */
export function optionRows(check: Pick<CheckResult, "details">): [string, string][] {
  const options = check.details?.options
  if (typeof options !== "object" || options === null || Array.isArray(options)) return []
  return Object.entries(options)
    .filter(([name, value]) => name !== "type" && value !== null && !isPlain(name, value))
    .map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)])
}

/** Defaults that say nothing. */
function isPlain(name: string, value: unknown): boolean {
  return value === false || (name === "mostly" && value === 1) || (name === "max_failed" && value === 0)
}

/** Failures first, those that block before those that warn, then by name. */
export function worstFirst(checks: readonly CheckResult[]): CheckResult[] {
  const rank = (check: CheckResult) =>
    check.passed ? (check.state === "empty" ? 2 : 3) : check.severity === "warn" ? 1 : 0
  return checks.toSorted((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name))
}
