import { z } from "zod"
import { DEADLINE_CLOCKS, type DeadlineRule } from "../domain/deadline.ts"

/** The channel's name in `HEADRACE_NOTIFY_<NAME>`. */
export const channelNameSchema = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,62}$/, "a channel is named by lower-case letters, digits and underscores")

export const deadlineRuleSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("within"), ms: z.number().positive(), of: z.enum(DEADLINE_CLOCKS) }),
  z.object({ kind: z.literal("at"), time: z.string(), timezone: z.string(), daysAfter: z.int().min(0) }),
]) satisfies z.ZodType<DeadlineRule>

/** A deadline of a pipeline's runs, or of one of its tasks in them. */
export const deadlineSchema = z.object({
  /** Names it within its pipeline: what was missed is remembered under this. */
  key: z.string(),
  rule: deadlineRuleSchema,
  /** Channel that is told; null: it is shown in Headrace alone. */
  notify: z.string().nullable(),
})
export type Deadline = z.infer<typeof deadlineSchema>
