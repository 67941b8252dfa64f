import type { JsonObject } from "#lib/contracts/json.ts"
import type { SensorOptions } from "#lib/contracts/operators/wait-options.ts"
import type { TaskResultInput } from "#lib/contracts/task-result.ts"
import { AppError, type ErrorCode } from "#lib/domain/errors.ts"
import { formatWait, pollDelayMs, pollPolicy } from "#lib/domain/wait.ts"
import type { Deferred, OperatorContext } from "./operator.ts"
import { timeoutAt } from "./timeout-at.ts"

/** What one look of a sensor saw: what it waited for, with outputs, or why not yet. */
export type Look = { kind: "there"; result: TaskResultInput } | { kind: "not_yet"; why: string }

/** The other side is away: that is a reason to look again later, not to give up. */
const AWAY: readonly ErrorCode[] = ["connection.failed", "engine.timeout", "http.failed"]

/**
 * One look of a sensor. What is there ends the task; else it is put off until the next look, by the sensor's interval and
 * backoff. A source that cannot be reached counts as not there yet; any other error fails the attempt.
 */
export async function lookAgain(
  context: OperatorContext<SensorOptions>,
  what: string,
  look: () => Promise<Look>,
): Promise<TaskResultInput | Deferred> {
  const { options, resume, log } = context
  const polls = (resume?.polls ?? 0) + 1
  const seen = await look().catch((error: unknown): Look => {
    const isAway = error instanceof AppError && error.retry === "later" && AWAY.includes(error.code)
    if (!isAway || context.signal.aborted) throw error
    log("warn", error.message)
    return { kind: "not_yet", why: "it cannot be reached" }
  })
  if (seen.kind === "there") {
    return {
      ...seen.result,
      outputs: { ...(seen.result.outputs as JsonObject | undefined), polls },
      metrics: { polls },
    }
  }
  const delayMs = pollDelayMs(pollPolicy(options), polls)
  log("info", `Look ${polls}: ${seen.why}; again in ${delayMs < 1_000 ? `${delayMs} ms` : formatWait(delayMs)}.`)
  return {
    wait: {
      kind: "poll",
      wakeAt: new Date(Date.now() + delayMs).toISOString(),
      expiresAt: timeoutAt(context, options.timeout),
      onTimeout: options.onTimeout,
      text: `Waits until ${what}.`,
    },
    result: { metrics: { polls } },
  }
}
