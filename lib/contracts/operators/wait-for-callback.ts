import { z } from "zod"
import { durationOptionSchema } from "./duration-option.ts"
import { httpOptionsSchema } from "./http.ts"
import { channelSchema, onTimeoutSchema } from "./wait-options.ts"

/**
 * Options of `waitForCallback`. `{{callback.url}}` in `request`, and `{{values.callbackUrl}}` in `notify`, stand for the
 * address that ends the wait.
 */
export const waitForCallbackOptionsSchema = z.strictObject({
  /** A request that tells another system where to call back. */
  request: httpOptionsSchema
    .pick({ url: true, method: true, headers: true, body: true, expectStatus: true })
    .optional(),
  /** A message that tells people. */
  notify: z
    .strictObject({
      channel: channelSchema,
      subject: z.string().min(1).max(500).default("{{pipelineId}} waits for a callback"),
      text: z.string().max(20_000).default("{{values.callbackUrl}}"),
    })
    .optional(),
  timeout: durationOptionSchema.default("1d"),
  onTimeout: onTimeoutSchema,
})
export type WaitForCallbackOptions = z.output<typeof waitForCallbackOptionsSchema>
