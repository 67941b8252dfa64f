import { z } from "zod"
import { checkOutcomeSchema, QUALITY_DIMENSIONS } from "../task-result.ts"
import { idSchema, instantSchema, pageQuerySchema } from "./common.ts"
import { materializationViewSchema } from "./runs.ts"

export const datasetSummarySchema = z.object({
  id: z.string(),
  description: z.string(),
  owner: z.string().nullable(),
  tags: z.array(z.string()),
  rowCount: z.int().nullable(),
  /** Null: no checks, which is no score and never 100. */
  score: z.number().nullable(),
  checksFailing: z.int(),
  updatedAt: instantSchema.nullable(),
  pipelineId: z.string().nullable(),
  taskId: z.string().nullable(),
})
export type DatasetSummary = z.infer<typeof datasetSummarySchema>

export const checkResultSchema = checkOutcomeSchema.extend({ id: idSchema, runId: idSchema, at: instantSchema })
export type CheckResult = z.infer<typeof checkResultSchema>

export const checkResultQuerySchema = pageQuerySchema.extend({
  dataset: z.string().max(300).optional(),
  runId: idSchema.optional(),
  passed: z.enum(["true", "false"]).optional(),
})

export const datasetDetailSchema = datasetSummarySchema.extend({
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  partitions: z.array(
    z.object({
      key: z.string(),
      state: z.enum(["missing", "running", "fresh", "failed", "stale"]),
      /** Why it is not fresh, in a sentence. */
      reason: z.string().nullish(),
      rows: z.int().nullable(),
      runId: idSchema.nullable(),
      updatedAt: instantSchema,
    }),
  ),
  watermarks: z.array(
    z.object({ source: z.string(), column: z.string(), value: z.string(), updatedAt: instantSchema }),
  ),
  /** Newest first, at most 100. */
  materializations: z.array(materializationViewSchema.extend({ runId: idSchema })),
  /** The newest result of each check. */
  checks: z.array(checkResultSchema),
  scores: z.array(
    z.object({ dimension: z.enum([...QUALITY_DIMENSIONS, "overall"]), score: z.number(), checks: z.int() }),
  ),
  /** Overall score over time, oldest first. */
  scoreHistory: z.array(z.object({ at: instantSchema, score: z.number(), runId: idSchema })),
})
export type DatasetDetail = z.infer<typeof datasetDetailSchema>
