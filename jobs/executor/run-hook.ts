import { taskCall } from "#jobs/author/task-call.ts"
import { unwrapAuthorOutcome } from "#jobs/author/unwrap-author-outcome.ts"
import type { OperatorContext } from "#jobs/operators/operator.ts"
import type { JsonObject } from "#lib/contracts/json.ts"

/**
 * Calls a task's `before` or `after` hook in an author process, where it may query the warehouse. A hook that throws fails
 * the attempt. Gives the reason where the hook skips the task, else null.
 */
export async function runHook(
  context: OperatorContext<unknown>,
  hook: "before" | "after",
  input: JsonObject | null,
): Promise<string | null> {
  const outcome = await context.author.run({ ...taskCall(context, ["warehouse"]), hook, input })
  if (outcome.kind === "threw" && outcome.failure.stack) context.log("error", outcome.failure.stack)
  return unwrapAuthorOutcome(outcome, context.signal).skipped
}
