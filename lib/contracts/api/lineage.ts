import { z } from "zod"
import { DATASET_KINDS, exposureDocumentSchema } from "../dataset-document.ts"
import { influenceSchema, lineageGapSchema, rowInfluenceKindSchema } from "../dataset-lineage.ts"

const datasetIdSchema = z.string().min(1).max(300)
const columnNameSchema = z.string().min(1).max(200)

/** `table`: a task writes it, and no project describes it. `outside`: something reads it, and nothing more is known. */
export const datasetKindSchema = z.enum([...DATASET_KINDS, "table", "outside"])
export type DatasetKind = z.infer<typeof datasetKindSchema>

/** `exposure`: no dataset, but something outside of the warehouse that reads one. */
export const lineageKindSchema = z.enum([...datasetKindSchema.options, "exposure"])
export type LineageKind = z.infer<typeof lineageKindSchema>

/** As of a version of a pipeline rather than now; without the pipeline, of the one that builds the dataset. */
const asOfShape = {
  version: z.coerce.number().int().min(1).max(2_147_483_647).optional(),
  pipeline: z.string().min(1).max(300).optional(),
}
export const asOfQuerySchema = z.object({ pipeline: asOfShape.pipeline })

export const lineageQuerySchema = z.object({
  ...asOfShape,
  /** Without it, everything. */
  dataset: datasetIdSchema.optional(),
  /** How many steps from the dataset. */
  depth: z.coerce.number().int().min(1).max(100).default(100),
  direction: z.enum(["up", "down", "both"]).default("both"),
})
export type LineageQuery = z.infer<typeof lineageQuerySchema>

export const lineageNodeSchema = z.object({
  id: z.string(),
  kind: lineageKindSchema,
  /** `table`, `view` …; of an exposure its type, as `dashboard`. */
  materialized: z.string().nullable(),
  description: z.string(),
  owner: z.string().nullable(),
  tags: z.array(z.string()),
  /** Columns that hold personal or sensitive data, by their own tag or by one that was inherited. */
  sensitiveColumns: z.int(),
  /** Whether the way of its columns is known. */
  isTraced: z.boolean(),
  pipelineId: z.string().nullable(),
  taskId: z.string().nullable(),
  /** Where an exposure is to be seen. */
  url: z.string().nullable(),
  /** Steps from the dataset that was asked for: below 0 upstream, above 0 downstream; 0 where none was. */
  distance: z.int(),
  /** Neighbours that are not part of the answer. */
  moreUpstream: z.int(),
  moreDownstream: z.int(),
})
export type LineageNode = z.infer<typeof lineageNodeSchema>

export const lineageGraphSchema = z.object({
  nodes: z.array(lineageNodeSchema),
  edges: z.array(z.object({ from: z.string(), to: z.string() })),
})
export type LineageGraph = z.infer<typeof lineageGraphSchema>

export const columnQuerySchema = z.object({ dataset: datasetIdSchema, column: columnNameSchema, ...asOfShape })
export type ColumnQuery = z.infer<typeof columnQuerySchema>
export const impactQuerySchema = z.object({ column: columnNameSchema })

export const columnRefSchema = z.object({ dataset: z.string(), column: z.string() })
export type ColumnRef = z.infer<typeof columnRefSchema>

export const reachedColumnSchema = columnRefSchema.extend({
  /** `direct` when some way is made of identical copies alone. */
  influence: influenceSchema,
  /** Datasets between, the shortest way: 1 for a neighbour. */
  distance: z.int(),
})
export type ReachedColumnView = z.infer<typeof reachedColumnSchema>

export const decidedDatasetSchema = z.object({ dataset: z.string(), kinds: z.array(rowInfluenceKindSchema) })

export const columnTrailSchema = z.object({
  /** Nearest first. */
  upstream: z.array(reachedColumnSchema),
  downstream: z.array(reachedColumnSchema),
  /** All steps of the ways up and down. */
  edges: z.array(
    z.object({
      from: columnRefSchema,
      to: columnRefSchema,
      influence: influenceSchema,
      /** The expression that keeps the value from being read back. */
      anonymisedBy: z.string().nullable(),
    }),
  ),
  /** Datasets whose rows the column decides by itself: it does not flow into their values thereby. */
  rows: z.array(decidedDatasetSchema),
  /** Columns that decide which rows the column's own dataset has. */
  decidedBy: z.array(columnRefSchema.extend({ kinds: z.array(rowInfluenceKindSchema) })),
  /** What could not be followed in the query of the column's dataset. */
  gaps: z.array(lineageGapSchema),
  /** Whether the query of the column's dataset was traced at all. */
  isTraced: z.boolean(),
})
export type ColumnTrail = z.infer<typeof columnTrailSchema>

export const columnImpactSchema = z.object({
  /** Datasets that fail when the column goes: their queries name it, or a column that goes with it. */
  breaks: z.array(z.string()),
  /** Columns that go with it without a failure, because `*` brings them. */
  vanishes: z.array(columnRefSchema),
  /** Datasets behind one that fails: they keep their old input. */
  stale: z.array(z.string()),
  /** Columns that its values flow into. */
  values: z.array(reachedColumnSchema),
  /** Datasets whose rows it decides, directly or through columns that its values reach. */
  rows: z.array(decidedDatasetSchema),
  /** Datasets that take over rows so decided. */
  rowsThrough: z.array(z.string()),
  /** Datasets behind this one whose queries could not be traced: what breaks there is not known. */
  unknown: z.array(z.string()),
  /**
   * What reads, outside of the warehouse, the column's dataset or one that fails or keeps old data. Whether it reads this column
   * nobody says.
   */
  exposures: z.array(exposureDocumentSchema.extend({ reads: z.array(z.string()) })),
})
export type ColumnImpact = z.infer<typeof columnImpactSchema>
