import { z } from "zod"

/**
 * Options of `notify`. `channel` is the name in `HEADRACE_NOTIFY_<NAME>`; where no such variable exists the message is
 * kept and shown in Headrace alone. `subject` and `text` are mustache templates over the run: `{{pipelineId}}`,
 * `{{runId}}`, `{{logicalAt}}`, `{{intervalStart}}`, `{{intervalEnd}}`, `{{partitionKey}}`, `{{taskId}}`, `{{params.day}}`,
 * `{{values.rows}}`.
 */
export const notifyOptionsSchema = z.strictObject({
  channel: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,62}$/, "a channel is named by lower-case letters, digits and underscores"),
  subject: z.string().min(1).max(500),
  text: z.string().max(20_000).default(""),
  /** More values for the templates, such as outputs of upstream tasks. */
  values: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).default({}),
})
export type NotifyOptions = z.output<typeof notifyOptionsSchema>

/** A notification names no datasets. */
export function notifyDatasets(_options: Record<string, unknown>): { reads: string[]; writes: string[] } {
  return { reads: [], writes: [] }
}
