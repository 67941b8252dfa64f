import { z } from "zod"
import { QUALITY_DIMENSIONS } from "../../domain/quality-dimensions.ts"
import { jsonObjectSchema, jsonSchema } from "../json.ts"
import { failingRowSchema } from "../task-result.ts"
import { instantSchema, pageOf, pageQuerySchema } from "./common.ts"
import { checkResultSchema } from "./datasets.ts"

/** How good a dataset is by its newest checks. */
export const datasetQualitySchema = z.object({
  id: z.string(),
  owner: z.string().nullable(),
  tags: z.array(z.string()),
  /** Null: no check said anything, which is no score and never 100. */
  score: z.number().nullable(),
  dimensions: z.partialRecord(z.enum(QUALITY_DIMENSIONS), z.number()),
  /** Newest results: all, those that failed by severity, and those that found no rows to look at. */
  checks: z.int(),
  failing: z.int(),
  warning: z.int(),
  empty: z.int(),
  /** Overall scores, oldest first, at most 30. */
  history: z.array(z.number()),
  checkedAt: instantSchema.nullable(),
})
export type DatasetQuality = z.infer<typeof datasetQualitySchema>

/** Datasets that were checked, or of which a policy expects something. */
export const datasetQualityPageSchema = pageOf(datasetQualitySchema)

export const currentCheckQuerySchema = pageQuerySchema.extend({
  dataset: z.string().max(300).optional(),
  /** Those that have not passed, or all. */
  state: z.enum(["failing", "all"]).default("failing"),
})
export const currentCheckPageSchema = pageOf(checkResultSchema)

export const scoreHistorySchema = z.object({
  items: z.array(
    z.object({
      at: instantSchema,
      overall: z.number().nullable(),
      dimensions: z.partialRecord(z.enum(QUALITY_DIMENSIONS), z.number()),
    }),
  ),
  /** By which the overall score weighs dimensions; 1 where left out. */
  weights: z.partialRecord(z.enum(QUALITY_DIMENSIONS), z.number()),
})
export type ScoreHistory = z.infer<typeof scoreHistorySchema>

export const failingRowsSchema = z.object({ rows: z.array(failingRowSchema) })
export type FailingRows = z.infer<typeof failingRowsSchema>

/** A kind of expectation, for people and for editors. */
export const expectationKindSchema = z.object({
  type: z.string(),
  aliases: z.array(z.string()),
  /** What is counted: rows one by one, a column, or the table. */
  scope: z.enum(["rows", "column", "table"]),
  dimension: z.enum(QUALITY_DIMENSIONS),
  doc: z.string(),
  /** Its own options with values, and what they say. */
  example: jsonObjectSchema,
  sentence: z.string(),
  options: z.array(
    z.object({ name: z.string(), isRequired: z.boolean(), default: jsonSchema.nullable(), isShared: z.boolean() }),
  ),
})
export type ExpectationKind = z.infer<typeof expectationKindSchema>
export const expectationKindsSchema = z.object({ items: z.array(expectationKindSchema) })
