import { type ExtractOptions, extractOptionsSchema } from "#lib/contracts/operators/extract.ts"
import type { TaskResult } from "#lib/contracts/task-result.ts"
import { parseDuration } from "#lib/domain/duration.ts"
import { AppError } from "#lib/domain/errors.ts"
import { type ExtractPlan, extractTable } from "#lib/engines/postgres/extract-table.ts"
import { defineOperator, type OperatorContext } from "./operator.ts"
import { withPolicyChecks } from "./policy-checks.ts"
import { executionOf, withTaskSession } from "./task-session.ts"

const WAREHOUSE = "warehouse"

/**
 * `extract`: rows of a Postgres table into a raw table of the warehouse, with explicit columns, in constant memory.
 *
 * A reading is one repeatable-read snapshot of the source, moved by binary COPY into a stage; then one warehouse
 * transaction compares it with what is there and publishes the difference together with the watermark. An incremental
 * reading starts at watermark − lookback; the watermark moves to the largest value read, but not past the oldest
 * transaction then in flight in the source, so that a row committed late is read next time; rows read before are
 * recognised by key and hash. Reading the same rows again changes nothing.
 */
export const extractOperator = defineOperator({
  name: "extract",
  options: extractOptionsSchema,
  async run(context) {
    const { options } = context
    const plan = planOf(context)
    return withTaskSession(context, options.source, (source) =>
      withTaskSession(context, WAREHOUSE, async (warehouse): Promise<TaskResult> => {
        const { kind, result } = await extractTable(
          { client: source, connection: options.source },
          { client: warehouse, connection: WAREHOUSE },
          { ...plan, check: (loaded) => withPolicyChecks(context, warehouse, loaded) },
        )
        if (kind === "already_published") context.log("info", "An earlier attempt had loaded this already.")
        return result
      }),
    )
  },
})

function planOf(context: OperatorContext<ExtractOptions>): Omit<ExtractPlan, "check"> {
  const { options } = context
  return {
    execution: executionOf(context, null),
    sourceName: `${options.source}.${options.table}`,
    dataset: `${WAREHOUSE}.${options.into}`,
    table: options.table,
    into: options.into,
    columns: options.columns,
    keys: options.keys,
    keeping: options.write,
    markDeleted: options.deletes === "mark",
    incremental: incrementalOf(options),
    log: (message) => context.log("info", message),
    warn: (message) => context.log("warn", message),
  }
}

function incrementalOf({ mode }: ExtractOptions): ExtractPlan["incremental"] {
  if (mode === "full") return null
  const lookbackMs = parseDuration(mode.incremental.lookback)
  if (lookbackMs === null) throw new AppError("internal", "The lookback was not checked.")
  return { column: mode.incremental.column, lookbackMs }
}
