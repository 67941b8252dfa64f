import type pg from "pg"
import type { Expectation } from "#lib/contracts/expectations/registry.ts"
import type { TaskResultInput } from "#lib/contracts/task-result.ts"
import { AppError } from "#lib/domain/errors.ts"
import { type CheckedTable, type CheckTableOptions, checkTable, isBlocking } from "#lib/quality/check-table.ts"
import type { TaskLog } from "./operator.ts"

/** Runs the checks of a table of the warehouse and logs each outcome. */
export async function runChecks(
  client: pg.ClientBase,
  table: string,
  checks: readonly Expectation[],
  log: TaskLog,
  options: CheckTableOptions,
): Promise<CheckedTable> {
  const checked = await checkTable(client, table, checks, options)
  for (const outcome of checked.checks) {
    const level = outcome.passed ? "info" : isBlocking(outcome) ? "error" : "warn"
    const word = outcome.state === "empty" ? "nothing to check" : outcome.passed ? "passed" : "FAILED"
    log(level, `${word}: ${outcome.name}. ${outcome.message}`)
  }
  return checked
}

/**
 * The error that stops a task whose blocking checks failed, or null. It carries the outcomes, so that they are recorded
 * although the task failed. Without a gate, only checks that cannot be computed stop it: a wrong column or a bound of another
 * type is a mistake in the check, not in the data.
 */
export function gateError(
  table: string,
  checked: Pick<CheckedTable, "checks">,
  result: TaskResultInput,
  hasGate = true,
): AppError | null {
  const failed = checked.checks.filter(isBlocking)
  const wrong = failed.filter(({ state }) => state === "error")
  if (wrong.length > 0) {
    const shown = wrong.slice(0, 5).map(({ name, message }) => `${name} (${reasonOf(message)})`)
    const message = `The checks of ${table} cannot be computed: ${shown.join("; ")}${more(wrong, shown)}; correct them or the table.`
    return new AppError("sql.failed", message, { kind: "config", details: { taskResult: result } })
  }
  if (failed.length === 0 || !hasGate) return null
  const shown = failed.slice(0, 5).map((check) => {
    const isCounted = check.rowsChecked > 0 && check.rowsFailed > 0
    return `${check.name} (${isCounted ? `${check.rowsFailed} of ${check.rowsChecked} rows` : check.message.replace(/\.$/, "")})`
  })
  const message = `${failed.length} of ${checked.checks.length} checks of ${table} failed: ${shown.join("; ")}${more(failed, shown)}.`
  return new AppError("check.failed", message, { kind: "data", details: { taskResult: result } })
}

function reasonOf(message: string): string {
  return message.replace(/^Cannot be computed: /, "").replace(/\.$/, "")
}

function more(all: readonly unknown[], shown: readonly unknown[]): string {
  return all.length > shown.length ? ` and ${all.length - shown.length} more` : ""
}
