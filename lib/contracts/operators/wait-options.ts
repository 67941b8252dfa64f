import { z } from "zod"
import { TIMEOUT_ACTIONS } from "../../domain/wait.ts"
import { durationOptionSchema } from "./duration-option.ts"

export const onTimeoutSchema = z.enum(TIMEOUT_ACTIONS).default("fail")

/** What all sensors have in common: how often they look, for how long, and what then. */
export const sensorShape = {
  every: durationOptionSchema.default("30s"),
  /** Each further delay is `factor` times the one before, up to `maxDelay`; left out: it stays. */
  backoff: z
    .strictObject({ factor: z.number().min(1).max(100).default(2), maxDelay: durationOptionSchema.default("10m") })
    .optional(),
  timeout: durationOptionSchema.default("1d"),
  onTimeout: onTimeoutSchema,
}
export type SensorOptions = z.output<z.ZodObject<typeof sensorShape>>

/** Names the channel of `HEADRACE_NOTIFY_<NAME>`. */
export const channelSchema = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,62}$/, "a channel is named by lower-case letters, digits and underscores")

/** Waits name no datasets unless they say so. */
export function noDatasets(_options: Record<string, unknown>): { reads: string[]; writes: string[] } {
  return { reads: [], writes: [] }
}
