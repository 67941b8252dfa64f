import { z } from "zod"
import { datasetChangesSchema } from "../dataset-changes.ts"
import { instantSchema, pageQuerySchema } from "./common.ts"
import { compiledSqlSchema, datasetColumnSchema, datasetDefinitionSchema } from "./datasets.ts"
import { datasetKindSchema } from "./lineage.ts"

/** A version of a pipeline: what is asked for "as of" it is the whole estate as it stood when the version came. */
export const momentSchema = z.object({ pipelineId: z.string(), version: z.int() })
export type Moment = z.infer<typeof momentSchema>

export const datasetVersionsQuerySchema = pageQuerySchema.extend({
  // Each brings its documents to compare.
  limit: z.coerce.number().int().min(1).max(100).default(20),
})

export const datasetVersionSummarySchema = momentSchema.extend({
  /** When the version was saved. */
  at: instantSchema,
  /** What it says holds now. */
  isCurrent: z.boolean(),
  /** The last version with what was before; null for the first. */
  previous: momentSchema.nullable(),
  /** Null for the first. */
  changes: datasetChangesSchema.nullable(),
  /** The changes in a line. */
  summary: z.string(),
})
export type DatasetVersionSummary = z.infer<typeof datasetVersionSummarySchema>

/** A dataset as of a version. */
export const datasetVersionSchema = momentSchema.extend({
  id: z.string(),
  at: instantSchema,
  /** The last change up to this version: the version that brought it, and what it was. */
  change: datasetVersionSummarySchema,
  kind: datasetKindSchema,
  materialized: z.string().nullable(),
  description: z.string(),
  owner: z.string().nullable(),
  tags: z.array(z.string()),
  columns: z.array(datasetColumnSchema),
  /** Null for what no project described. */
  definition: datasetDefinitionSchema.nullable(),
  /** Of the newest run of this version, or of the last before it that one was compiled in. */
  compiled: compiledSqlSchema.nullable(),
  /** Datasets it is made from. */
  upstreams: z.array(z.string()),
})
export type DatasetVersion = z.infer<typeof datasetVersionSchema>
