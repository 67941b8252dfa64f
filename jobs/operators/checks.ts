import { checksOptionsSchema } from "#lib/contracts/operators/checks.ts"
import type { TaskResultInput } from "#lib/contracts/task-result.ts"
import { defineOperator } from "./operator.ts"
import { gateError, runChecks } from "./run-checks.ts"
import { withTaskSession } from "./task-session.ts"

/**
 * `checks`: expectations about one table of the warehouse, measured in one scan. Leaves an outcome for each check and the
 * scores; with `gate`, failed checks of severity `error` fail the task (`check.failed`), those of `warn` are only logged.
 */
export const checksOperator = defineOperator({
  name: "checks",
  options: checksOptionsSchema,
  async run(context): Promise<TaskResultInput> {
    const { table, expect, gate } = context.options
    const checked = await withTaskSession(context, "warehouse", (client) =>
      runChecks(client, table, expect, context.log, { isInTransaction: false }),
    )
    const failed = checked.checks.filter((check) => !check.passed)
    const numbers = {
      checks: checked.checks.length,
      failed: failed.filter((check) => check.severity === "error").length,
      warned: failed.filter((check) => check.severity === "warn").length,
      score: checked.scores.find((score) => score.dimension === "overall")?.score ?? 0,
    }
    const result = { outputs: numbers, metrics: numbers, ...checked }
    const error = gateError(table, checked, result, gate)
    if (error) throw error
    return result
  },
})
