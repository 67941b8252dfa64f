import type { CheckResult } from "#lib/contracts/api/datasets.ts"
import { readExpectation } from "#lib/contracts/expectations/read-expectation.ts"
import { expectationType, sentenceOf } from "#lib/contracts/expectations/registry.ts"
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

/** What is expected, in a sentence of the registry; null where the result does not say, or its name says the same. */
export function expectationSentence(check: Pick<CheckResult, "name" | "kind" | "details">): string | null {
  const options = check.details?.options
  if (typeof options !== "object" || options === null) return null
  // What a test of dbt says stands with its result as an expectation of the registry.
  const read = readExpectation({ type: check.kind, ...options })
  if (!("expectation" in read)) return null
  const sentence = sentenceOf(read.expectation)
  return check.name === sentence || check.name.startsWith(`${sentence} (`) ? null : sentence
}

/** The full name of a kind, where the registry has one. */
export function kindName({ kind, details }: Pick<CheckResult, "kind" | "details">): string {
  const options = details?.options
  const named = typeof options === "object" && options !== null && "type" in options ? String(options.type) : kind
  return expectationType(named) ?? named
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
