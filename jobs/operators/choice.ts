import { taskCall } from "#jobs/author/task-call.ts"
import { unwrapAuthorOutcome } from "#jobs/author/unwrap-author-outcome.ts"
import { branchOptionsSchema, shortCircuitOptionsSchema } from "#lib/contracts/operators/choice.ts"
import type { FnOptions } from "#lib/contracts/operators/fn.ts"
import type { TaskResultInput } from "#lib/contracts/task-result.ts"
import { branchSkips, shortCircuitSkips } from "#lib/domain/branching.ts"
import { AppError } from "#lib/domain/errors.ts"
import { defineOperator, type OperatorContext } from "./operator.ts"

/** Calls the author's function, which names the tasks to follow, and says which of the others are to be skipped. */
export const branchOperator = defineOperator({
  name: "branch",
  options: branchOptionsSchema,
  async run(context) {
    const { skipped, output } = await callChoice(context)
    if (skipped !== null) return { skipped }
    const follow = output.follow as string[]
    const choice = branchSkips(context.manifest.tasks, context.task.id, follow)
    if (choice.kind === "unknown") {
      const ways = choice.choices.length > 0 ? choice.choices.join(", ") : "there is none"
      const message = `The branch names "${choice.name}", which is not directly after ${context.task.id}; return the ids of such tasks (${ways}), or null to follow none.`
      throw new AppError("task.failed", message)
    }
    const named = follow.length === 0 ? "no task" : follow.join(", ")
    context.log("info", `Follows ${named}; skips ${choice.skips.length === 0 ? "none" : choice.skips.join(", ")}.`)
    return resultOf({ follow }, choice.skips, `Branch ${context.task.id} followed ${named}.`)
  },
})

/** Calls the author's function; a falsy answer skips what is behind the task. */
export const shortCircuitOperator = defineOperator({
  name: "shortCircuit",
  options: shortCircuitOptionsSchema,
  async run(context) {
    const { skipped, output } = await callChoice(context)
    if (skipped !== null) return { skipped }
    const proceed = output.proceed === true
    const { tasks } = context.manifest
    const skips = proceed ? [] : shortCircuitSkips(tasks, context.task.id, context.options.ignoreDownstreamTriggerRules)
    if (!proceed) context.log("info", `Goes no further; skips ${skips.length === 0 ? "none" : skips.join(", ")}.`)
    return resultOf({ proceed }, skips, `Short-circuit ${context.task.id} went no further.`)
  },
})

async function callChoice(context: OperatorContext<FnOptions>) {
  const { inputs, connections } = context.options
  const outcome = await context.author.run({ ...taskCall(context, connections), hook: "choose", input: inputs })
  if (outcome.kind === "threw" && outcome.failure.stack) context.log("error", outcome.failure.stack)
  const { skipped, output } = unwrapAuthorOutcome(outcome, context.signal)
  return skipped === null
    ? { skipped, output: output as { follow?: unknown; proceed?: unknown } }
    : { skipped, output: {} }
}

function resultOf(outputs: { follow: string[] } | { proceed: boolean }, taskIds: string[], reason: string) {
  return { outputs, skips: taskIds.length > 0 ? { taskIds, reason } : null } satisfies TaskResultInput
}
