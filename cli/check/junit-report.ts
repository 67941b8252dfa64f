import type { CheckOutcome } from "#lib/contracts/task-result.ts"
import { type CheckedTable, isBlocking } from "#lib/quality/check-table.ts"

/**
 * Checks as a JUnit report, which CI servers show as tests: a table is a suite, a dimension a class. A warning and a check that
 * found no rows count as skipped, so that they are seen and fail nothing. (JUnit XML as of the Jenkins plugin's schema.)
 */
export function junitReport(table: string, { checks }: CheckedTable, seconds: number): string {
  const failures = checks.filter((check) => isBlocking(check) && check.state !== "error").length
  const errors = checks.filter((check) => isBlocking(check) && check.state === "error").length
  const skipped = checks.filter(isSkipped).length
  const counts = `tests="${checks.length}" failures="${failures}" errors="${errors}" skipped="${skipped}" time="${seconds.toFixed(3)}"`
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="headrace check" ${counts}>`,
    `  <testsuite name="${escapeXml(table)}" ${counts}>`,
    ...checks.map((check) => `    ${testCase(table, check)}`),
    "  </testsuite>",
    "</testsuites>",
  ].join("\n")
}

function isSkipped(check: CheckOutcome): boolean {
  return check.state === "empty" || (!check.passed && !isBlocking(check))
}

function testCase(table: string, check: CheckOutcome): string {
  const opening = `<testcase classname="${escapeXml(`${table}.${check.dimension}`)}" name="${escapeXml(check.name)}"`
  const message = escapeXml(check.message)
  if (isSkipped(check)) return `${opening}><skipped message="${message}"/></testcase>`
  if (check.passed) return `${opening}/>`
  const tag = check.state === "error" ? "error" : "failure"
  return `${opening}><${tag} type="${escapeXml(check.kind)}" message="${message}">${message}</${tag}></testcase>`
}

function escapeXml(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 has no place for them
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd")
      .replaceAll("&", "&amp;")
      .replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;")
      .replaceAll('"', "&quot;")
      .replaceAll("\n", "&#10;")
  )
}
