import type pg from "pg"
import { onFailOf } from "#lib/contracts/expectations/registry.ts"
import { type ChecksOptions, checksOptionsSchema } from "#lib/contracts/operators/checks.ts"
import type { TaskResultInput } from "#lib/contracts/task-result.ts"
import { inTransaction } from "#lib/engines/postgres/session.ts"
import type { CheckedTable, CheckTableOptions } from "#lib/quality/check-table.ts"
import { defineOperator, type OperatorContext } from "./operator.ts"
import { gateError, runChecks } from "./run-checks.ts"
import { withTaskSession } from "./task-session.ts"

/**
 * `checks`: expectations about one table of the warehouse, its policy's or both, measured in one scan. Leaves an outcome for each,
 * from which scores are made; with `gate`, failed ones of severity `error` fail the task (`check.failed`), those of `warn` are only logged.
 * Rows to be quarantined are moved in one transaction.
 */
export const checksOperator = defineOperator({
  name: "checks",
  options: checksOptionsSchema,
  async run(context): Promise<TaskResultInput> {
    const { table, gate } = context.options
    const checked = await withTaskSession(context, "warehouse", (client) => check(context, client))
    const failed = checked.checks.filter((outcome) => !outcome.passed)
    const score = checked.scores.find(({ dimension }) => dimension === "overall")?.score
    const numbers = {
      checks: checked.checks.length,
      failed: failed.filter((outcome) => outcome.severity === "error").length,
      warned: failed.filter((outcome) => outcome.severity === "warn").length,
      // No rows, no score: 0 would be a bad one.
      ...(score !== undefined && { score }),
    }
    const result = { outputs: numbers, metrics: numbers, checks: checked.checks }
    const error = gateError(table, checked, result, gate)
    if (error) throw error
    return result
  },
})

async function check(context: OperatorContext<ChecksOptions>, client: pg.ClientBase): Promise<CheckedTable> {
  const { table, expect, policy } = context.options
  const { section, masks } = await context.policies.of(`warehouse.${table}`)
  const expectations = [...expect, ...(policy ? (section?.expect ?? []) : [])]
  const options: CheckTableOptions = {
    isInTransaction: false,
    weights: section?.weights ?? {},
    keys: section?.keys ?? [],
    masks,
  }
  const moves = expectations.some((one) => onFailOf(one) === "quarantine")
  if (!moves) return runChecks(client, table, expectations, context.log, options)
  const quarantine = { runId: context.run.runId }
  return inTransaction(client, "begin", () =>
    runChecks(client, table, expectations, context.log, { ...options, isInTransaction: true, quarantine }),
  )
}
