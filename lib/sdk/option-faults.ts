import type { z } from "zod"
import { didYouMean } from "../domain/closest.ts"
import type { CallSite } from "./call-site.ts"
import type { Fault } from "./definition.ts"

/** Durations have a rule of their own, so that their problems can be told apart. */
export function pushOptionFaults(
  faults: Fault[],
  schema: z.ZodObject,
  options: object,
  prefix: string,
  site: CallSite | null,
) {
  for (const issue of schema.safeParse(options).error?.issues ?? []) {
    const path = issue.path.join(".")
    if (path === "id") continue
    if (issue.code === "unrecognized_keys") {
      for (const key of issue.keys) {
        const advice = path === "" ? didYouMean(key, Object.keys(schema.shape)) : "."
        const name = path === "" ? key : `${path}.${key}`
        faults.push({ rule: "bad_option", message: `${prefix}there is no option "${name}"${advice}`, site })
      }
      continue
    }
    const rule = /(retryDelay|timeout|maxDelay|every|offset|delay)$/.test(path) ? "bad_duration" : "bad_option"
    const reason =
      rule === "bad_duration" ? 'a duration is written "90s", "5m", "1h30m" or in milliseconds' : issue.message
    faults.push({ rule, message: `${prefix}option ${path}: ${reason}.`, site })
  }
}
