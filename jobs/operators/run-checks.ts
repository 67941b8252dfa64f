import pg from "pg"
import type { Check } from "#lib/contracts/operators/checks.ts"
import type { CheckOutcome, Score, TaskResultInput } from "#lib/contracts/task-result.ts"
import { AppError } from "#lib/domain/errors.ts"
import { measureChecks, type RowScope } from "#lib/engines/postgres/measure-checks.ts"
import { isTransientState } from "#lib/engines/postgres/translate-error.ts"
import { judgeCheck } from "#lib/quality/judge-check.ts"
import { scoreChecks } from "#lib/quality/score.ts"
import type { TaskLog } from "./operator.ts"

export interface CheckedTable {
  checks: CheckOutcome[]
  scores: Score[]
}

/** Runs the checks of a table of the warehouse and logs each outcome. */
export async function runChecks(
  client: pg.ClientBase,
  table: string,
  checks: readonly Check[],
  log: TaskLog,
  scope: RowScope | null = null,
): Promise<CheckedTable> {
  const measures = await measureChecks(client, table, checks, scope).catch((error: unknown) => {
    throw describeFailure(error, table)
  })
  const outcomes = distinctNames(
    checks.map((check, index) => judgeCheck(`warehouse.${table}`, check, measures[index]!)),
  )
  for (const outcome of outcomes) {
    const level = outcome.passed ? "info" : outcome.severity === "error" ? "error" : "warn"
    log(level, `${outcome.passed ? "passed" : "FAILED"}: ${outcome.name}. ${outcome.message}`)
  }
  return { checks: outcomes, scores: scoreChecks(outcomes) }
}

/**
 * The error that stops a task whose checks of severity `error` failed, or null. It carries the outcomes, so that they are
 * recorded although the task failed.
 */
export function gateError(table: string, checked: CheckedTable, result: TaskResultInput): AppError | null {
  const failed = checked.checks.filter((check) => !check.passed && check.severity === "error")
  if (failed.length === 0) return null
  const shown = failed.slice(0, 5).map((check) => {
    const found =
      check.rowsChecked === 0 ? check.message.replace(/\.$/, "") : `${check.rowsFailed} of ${check.rowsChecked} rows`
    return `${check.name} (${found})`
  })
  const more = failed.length > shown.length ? ` and ${failed.length - shown.length} more` : ""
  const message = `${failed.length} of ${checked.checks.length} checks of ${table} failed: ${shown.join("; ")}${more}.`
  return new AppError("check.failed", message, { kind: "data", details: { taskResult: result } })
}

/** A check's history goes by its name: a second one of the same name in one list gets a number. */
function distinctNames(outcomes: readonly CheckOutcome[]): CheckOutcome[] {
  const seen = new Map<string, number>()
  return outcomes.map((outcome) => {
    const count = (seen.get(outcome.name) ?? 0) + 1
    seen.set(outcome.name, count)
    return count === 1 ? outcome : { ...outcome, name: `${outcome.name} (${count})` }
  })
}

/** A wrong column or a bound of another type is a mistake in the check, not in the data. */
function describeFailure(error: unknown, table: string): unknown {
  if (!(error instanceof pg.DatabaseError) || isTransientState(error.code ?? "")) return error
  const message = `The checks of ${table} cannot be computed: ${error.message}; correct them or the table.`
  return new AppError("sql.failed", message, { kind: "config", cause: error })
}
