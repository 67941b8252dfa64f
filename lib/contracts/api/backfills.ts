import { z } from "zod"
import { RUN_STATES } from "../../domain/run-state.ts"
import { jsonObjectSchema } from "../json.ts"
import { idSchema, instantSchema, pageQuerySchema } from "./common.ts"

export const BACKFILL_STATES = ["running", "paused", "success", "failed", "cancelled"] as const

export const createBackfillSchema = z.object({
  pipelineId: z.string(),
  /** First partition, inclusive: a date or an instant. */
  from: z.iso.date(),
  /** Last partition, inclusive. */
  to: z.iso.date(),
  selection: z.enum(["all", "missing", "missing_failed"]).default("all"),
  order: z.enum(["oldest", "newest"]).default("oldest"),
  concurrency: z.int().min(1).max(64).default(1),
  params: jsonObjectSchema.default({}),
  dryRun: z.boolean().default(false),
})
export type CreateBackfill = z.input<typeof createBackfillSchema>

export const backfillSlotSchema = z.object({
  partitionKey: z.string(),
  logicalAt: instantSchema,
  intervalEnd: instantSchema,
  action: z.enum(["create", "skip"]),
  reason: z.string(),
  runId: idSchema.nullable(),
  runState: z.enum(RUN_STATES).nullable(),
  /** In a preview: how the partition's newest run ended, `running` while it lives; null when it never ran. */
  lastState: z.enum(["success", "failed", "running", "cancelled"]).nullable().optional(),
})
export const backfillSchema = z.object({
  id: idSchema.nullable(),
  pipelineId: z.string(),
  state: z.enum(BACKFILL_STATES).nullable(),
  selection: z.string(),
  order: z.string(),
  concurrency: z.int(),
  createdBy: z.string(),
  createdAt: instantSchema.nullable(),
  finishedAt: instantSchema.nullable(),
  /** Empty in lists. */
  slots: z.array(backfillSlotSchema),
  /** Keys of the first and the last partition in time; left out of previews. */
  range: z.object({ from: z.string(), to: z.string() }).optional(),
  counts: z.object({
    total: z.int(),
    create: z.int(),
    skip: z.int(),
    done: z.int(),
    failed: z.int(),
    running: z.int(),
  }),
  /** From the median of past runs; null without history. */
  estimateMs: z.number().nullable(),
})
export type Backfill = z.infer<typeof backfillSchema>

/** A list leaves `slots` empty; one backfill has them all. */
export const backfillListQuerySchema = pageQuerySchema.extend({ pipelineId: z.string().optional() })
