import { z } from "zod"
import { idSchema, instantSchema } from "./common.ts"
import { logLineSchema } from "./runs.ts"

export const logSearchQuerySchema = z.object({
  /** Part of a line or of a failure's message, whatever its case. */
  q: z.string().trim().min(2, "give at least two characters").max(200),
  /** This level and above. */
  level: z.enum(["debug", "info", "warn", "error"]).default("debug"),
  pipelineId: z.string().max(300).optional(),
  runId: idSchema.optional(),
  /** Attempts that ended in this time. */
  from: instantSchema.optional(),
  to: instantSchema.optional(),
  cursor: z.string().max(200).optional(),
  /** Attempts with hits. */
  limit: z.coerce.number().int().min(1).max(100).default(25),
})
export type LogSearchQuery = z.input<typeof logSearchQuerySchema>

export const logHitSchema = z.object({
  attemptId: idSchema,
  runId: idSchema,
  pipelineId: z.string(),
  taskId: z.string(),
  /** Null: the task is not mapped. */
  mapIndex: z.int().nullable(),
  /** Which try of the task. */
  attempt: z.int(),
  endedAt: instantSchema,
  /** The message of its failure, where that has the text. */
  failure: z.string().nullable(),
  /** Messages are cut at 500 characters. */
  lines: z.array(logLineSchema),
  /** More lines of this attempt have the text. */
  hasMore: z.boolean(),
})

export const logSearchPageSchema = z.object({
  items: z.array(logHitSchema),
  /** What this page looked at: newest attempts first, back to that instant. */
  searched: z.object({ attempts: z.int(), lines: z.int(), backTo: instantSchema.nullable() }),
  /** Null: all of the time was searched. */
  nextCursor: z.string().nullable(),
})
export type LogSearchPage = z.infer<typeof logSearchPageSchema>
