import { taskCall } from "#jobs/author/task-call.ts"
import { unwrapAuthorOutcome } from "#jobs/author/unwrap-author-outcome.ts"
import type { JsonObject } from "#lib/contracts/json.ts"
import { fnSensorOptionsSchema } from "#lib/contracts/operators/fn-sensor.ts"
import { lookAgain } from "./look-again.ts"
import { defineWaitingOperator } from "./operator.ts"

/**
 * `fnSensor`: asks the author's function whether what is waited for is there. The SDK wraps the function so that it answers
 * `{ done, outputs }`. What it throws fails the attempt.
 */
export const fnSensorOperator = defineWaitingOperator({
  name: "fnSensor",
  options: fnSensorOptionsSchema,
  async run(context) {
    const { inputs, connections } = context.options
    let skipReason: string | null = null
    const answer = await lookAgain(context, "its function says so", async () => {
      const outcome = await context.author.run({ ...taskCall(context, connections), hook: "main", input: inputs })
      if (outcome.kind === "threw" && outcome.failure.stack) context.log("error", outcome.failure.stack)
      const { skipped, output } = unwrapAuthorOutcome(outcome, context.signal)
      skipReason = skipped
      if (skipped !== null) return { kind: "there", result: {} }
      const { done, outputs } = output as { done?: boolean; outputs?: JsonObject }
      if (done) return { kind: "there", result: { outputs: outputs ?? {} } }
      return { kind: "not_yet", why: "the function says not yet" }
    })
    return skipReason === null ? answer : { skipped: skipReason }
  },
})
