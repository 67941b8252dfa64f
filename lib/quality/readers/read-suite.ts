import { readExpectation } from "#lib/contracts/expectations/read-expectation.ts"
import type { Expectation } from "#lib/contracts/expectations/registry.ts"
import { readPlaced } from "./placed-yaml.ts"

export interface ReadFile {
  expectations: Expectation[]
  problems: { line: number; message: string }[]
}

/**
 * Reads an expectation suite of Great Expectations: JSON with a list `expectations` of `{ expectation_type, kwargs, meta }` (before
 * 1.0) or `{ type, kwargs, meta, severity }` (since). What is not understood is one problem each, and the others are read.
 */
export function readSuite(text: string): ReadFile {
  const { value, lineOf, fault } = readPlaced(text)
  if (fault) return { expectations: [], problems: [{ line: fault.line, message: `not valid JSON: ${fault.message}` }] }
  const list = Array.isArray(value) ? value : (value as { expectations?: unknown } | null)?.expectations
  if (!Array.isArray(list)) {
    return { expectations: [], problems: [{ line: 1, message: 'a suite is a map with a list "expectations"' }] }
  }
  const found: ReadFile = { expectations: [], problems: [] }
  const prefix = Array.isArray(value) ? [] : ["expectations"]
  for (const [place, item] of list.entries()) {
    const read = readExpectation(item)
    if ("expectation" in read) found.expectations.push(read.expectation)
    else found.problems.push(problemOf(read.issues, (path) => lineOf([...prefix, place, ...path])))
  }
  return found
}

/** Several faults of one expectation make one problem. */
export function problemOf(
  issues: readonly { path: PropertyKey[]; message: string; keys?: string[] }[],
  lineOf: (path: readonly PropertyKey[]) => number,
): { line: number; message: string } {
  const told = issues.map(({ path, message, keys }) => {
    const text = keys ? `there is no option ${keys.map((key) => `"${key}"`).join(", ")}` : message
    return path.length > 0 ? `${path.join(".")}: ${text}` : text
  })
  return { line: lineOf(issues[0]?.path ?? []), message: told.join("; ") }
}
