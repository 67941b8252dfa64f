import { z } from "zod"
import { jsonSchema } from "../json.ts"
import { durationOptionSchema } from "./duration-option.ts"
import { onTimeoutSchema } from "./wait-options.ts"

/** Options of `runPipeline`: starts a run of another pipeline and, unless told otherwise, waits for its end. */
export const runPipelineOptionsSchema = z.strictObject({
  pipeline: z.string().min(1),
  /** Its params. */
  params: z.record(z.string(), jsonSchema).default({}),
  wait: z.boolean().default(true),
  /** Which data the run is for: `"own"` lets the called pipeline choose, `"same"` gives it this run's times and partition. */
  interval: z.enum(["same", "own"]).default("same"),
  timeout: durationOptionSchema.optional(),
  onTimeout: onTimeoutSchema,
})
export type RunPipelineOptions = z.output<typeof runPipelineOptionsSchema>
