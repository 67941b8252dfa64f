import { type WaitUntilOptions, waitUntilOptionsSchema } from "#lib/contracts/operators/wait-until.ts"
import { parseDuration } from "#lib/domain/duration.ts"
import { nextLocalTime } from "#lib/domain/wait.ts"
import { defineWaitingOperator } from "./operator.ts"

/** `waitUntil`: succeeds at once when the time has come, else puts the task off. The instant is the output `until`. */
export const waitUntilOperator = defineWaitingOperator({
  name: "waitUntil",
  options: waitUntilOptionsSchema,
  async run({ options, run, log }) {
    const until = instantOf(options, new Date(run.intervalEnd))
    const outputs = { until: until.toISOString() }
    if (until.getTime() <= Date.now()) {
      log("info", `${outputs.until} has come.`)
      return { outputs }
    }
    const instant = until.toISOString().replace(".000Z", "Z")
    const local = options.at ? `${options.at} ${options.timezone} (${instant})` : instant
    return {
      wait: {
        kind: "time",
        wakeAt: until.toISOString(),
        timezone: options.timezone,
        expiresAt: null,
        onTimeout: "fail",
        text: `Waits until ${local}.`,
      },
    }
  },
})

function instantOf({ time, offset, at, timezone }: WaitUntilOptions, intervalEnd: Date): Date {
  if (time !== undefined) return new Date(time)
  if (at !== undefined) return nextLocalTime(at, timezone, intervalEnd)
  return new Date(intervalEnd.getTime() + (parseDuration(offset ?? 0) ?? 0))
}
