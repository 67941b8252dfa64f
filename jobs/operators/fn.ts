import { taskCall } from "#jobs/author/task-call.ts"
import { unwrapAuthorOutcome } from "#jobs/author/unwrap-author-outcome.ts"
import type { JsonObject } from "#lib/contracts/json.ts"
import { fnOptionsSchema } from "#lib/contracts/operators/fn.ts"
import { defineOperator } from "./operator.ts"

/**
 * Calls the author's function in a child process; the object it returns becomes the outputs. What it writes to outside
 * systems is its own to make repeatable: `ctx.attempt.id` grows with each attempt.
 */
export const fnOperator = defineOperator({
  name: "fn",
  options: fnOptionsSchema,
  async run(context) {
    const { inputs, connections } = context.options
    const call = taskCall(context, connections)
    const outcome = await context.author.run({ ...call, hook: "main", input: inputs })
    if (outcome.kind === "threw" && outcome.failure.stack) context.log("error", outcome.failure.stack)
    const { skipped, output } = unwrapAuthorOutcome(outcome, context.signal)
    return skipped === null ? { outputs: output as JsonObject } : { skipped }
  },
})
