import { z } from "zod"
import { DEADLINE_STATES } from "../../domain/deadline.ts"
import { idSchema, instantSchema, listOf, pageQuerySchema } from "./common.ts"

/** A deadline of a run, or of a tick of a schedule that may never have got one. */
export const deadlineViewSchema = z.object({
  id: idSchema,
  pipelineId: z.string(),
  /** Null: it is about the run. */
  taskId: z.string().nullable(),
  runId: idSchema.nullable(),
  /** What it asks for, in words. */
  text: z.string(),
  dueAt: instantSchema,
  /** `late`: it was missed, and done after all. `dropped`: its definition was gone when it was due. */
  state: z.enum(DEADLINE_STATES),
  /** What was missed, in a sentence. */
  message: z.string().nullable(),
  missedAt: instantSchema.nullable(),
  completedAt: instantSchema.nullable(),
  intervalEnd: instantSchema.nullable(),
  channel: z.string().nullable(),
  /** What became of the alert. */
  delivery: z.enum(["none", "waiting", "sent", "failed"]),
  deliveryError: z.string().nullable(),
})
export type DeadlineView = z.infer<typeof deadlineViewSchema>

export const deadlineListQuerySchema = pageQuerySchema.extend({
  pipelineId: z.string().optional(),
  runId: idSchema.optional(),
  /** Comma-separated. Default: missed and late, and all of a run. */
  state: listOf(DEADLINE_STATES).optional(),
})
