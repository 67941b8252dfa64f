import { z } from "zod"
import { QUALITY_DIMENSIONS } from "../../domain/quality-dimensions.ts"
import { documentedTestSchema, exposureDocumentSchema, snapshotDocumentSchema } from "../dataset-document.ts"
import { jsonObjectSchema } from "../json.ts"
import { CHECK_STATES, checkOutcomeSchema } from "../task-result.ts"
import { idSchema, instantSchema, pageQuerySchema } from "./common.ts"
import { columnRefSchema, datasetKindSchema } from "./lineage.ts"
import { materializationViewSchema } from "./runs.ts"

export const datasetSummarySchema = z.object({
  id: z.string(),
  description: z.string(),
  owner: z.string().nullable(),
  tags: z.array(z.string()),
  kind: datasetKindSchema,
  /** `table`, `view`, `incremental` …, where a project says so. */
  materialized: z.string().nullable(),
  /** Columns that hold personal or sensitive data, by their own tag or by one that was inherited. */
  sensitiveColumns: z.int(),
  rowCount: z.int().nullable(),
  /** Null: no checks, which is no score and never 100. */
  score: z.number().nullable(),
  checksFailing: z.int(),
  updatedAt: instantSchema.nullable(),
  pipelineId: z.string().nullable(),
  taskId: z.string().nullable(),
})
export type DatasetSummary = z.infer<typeof datasetSummarySchema>

export const checkResultSchema = checkOutcomeSchema.omit({ samples: true }).extend({
  id: idSchema,
  /** Null: a monitor looked, without a run. */
  runId: idSchema.nullable(),
  at: instantSchema,
  state: z.enum(CHECK_STATES),
  /** Some of the rows that failed can be read. */
  hasSamples: z.boolean(),
  /** The full name of its kind among the expectations (`GET /expectations`); `kind` itself where it is none of them. */
  expectationType: z.string(),
  /** What is expected, in words: `email is not null`. Null where nobody can tell, or the name says so already. */
  sentence: z.string().nullable(),
})
export type CheckResult = z.infer<typeof checkResultSchema>

export const checkResultQuerySchema = pageQuerySchema.extend({
  dataset: z.string().max(300).optional(),
  runId: idSchema.optional(),
  passed: z.enum(["true", "false"]).optional(),
  /** One check's history. */
  name: z.string().max(300).optional(),
})

export const datasetColumnSchema = z.object({
  name: z.string(),
  /** As the database had it when the dataset was written last, else as the project says; null where neither does. */
  type: z.string().nullable(),
  description: z.string(),
  tags: z.array(z.string()),
  /** Sensitive tags of other columns whose values come here. */
  inheritedTags: z.array(
    z.object({
      tag: z.string(),
      /** On which it was set, and the neighbour it came through. */
      from: columnRefSchema,
      through: columnRefSchema,
    }),
  ),
  /** Sensitive tags that end here, because an expression anonymises the value. */
  stoppedTags: z.array(z.object({ tag: z.string(), through: columnRefSchema, by: z.string() })),
  /** False: the project describes it, and the table had no such column when it was written last. */
  exists: z.boolean(),
})
export type DatasetColumn = z.infer<typeof datasetColumnSchema>

/** What the dataset's project says of it, and what its query was compiled to. */
export const datasetDefinitionSchema = z.object({
  uniqueId: z.string(),
  package: z.string(),
  file: z.string().nullable(),
  meta: jsonObjectSchema,
  sql: z.string().nullable(),
  tests: z.array(documentedTestSchema),
  snapshot: snapshotDocumentSchema.nullable(),
  /** What reads it outside of the warehouse, as the project says. */
  exposures: z.array(exposureDocumentSchema),
})

export const compiledSqlSchema = z.object({
  sql: z.string(),
  at: instantSchema,
  runId: idSchema.nullable(),
  /** The version of the pipeline whose run compiled it. */
  version: z.int(),
  /** Why the lineage of its columns is not known. */
  problem: z.string().nullable(),
})

export const datasetDetailSchema = datasetSummarySchema.extend({
  columns: z.array(datasetColumnSchema),
  /** Null for what no project describes. */
  definition: datasetDefinitionSchema.nullable(),
  /** Of the newest run; null before the first. */
  compiled: compiledSqlSchema.nullable(),
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
  scoreHistory: z.array(z.object({ at: instantSchema, score: z.number(), runId: idSchema.nullable() })),
})
export type DatasetDetail = z.infer<typeof datasetDetailSchema>
