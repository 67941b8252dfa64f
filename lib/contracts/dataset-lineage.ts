import { z } from "zod"

/** Column lineage of the query that made a dataset, as it is stored. Relations are datasets, by their ids. */

const columnIdSchema = z.object({ relation: z.string(), column: z.string() })

export const INFLUENCES = ["direct", "derived"] as const
export const influenceSchema = z.enum(INFLUENCES)

export const rowInfluenceKindSchema = z.enum(["filter", "join", "group", "order", "window"])

export const lineageGapSchema = z.object({
  kind: z.enum(["unknown_relation", "unknown_columns", "unknown_column", "ambiguous_column", "unsupported"]),
  name: z.string(),
  message: z.string(),
  line: z.int().optional(),
  column: z.int().optional(),
})

export const columnLineageSchema = z.object({
  kind: z.enum(["query", "create", "insert", "update", "delete", "merge", "other"]),
  target: z.string().nullable(),
  columns: z.array(
    z.object({
      name: z.string(),
      type: z.string().nullable(),
      sources: z.array(columnIdSchema.extend({ influence: influenceSchema, anonymisedBy: z.string().nullable() })),
      viaStar: z.array(columnIdSchema),
    }),
  ),
  rows: z.array(columnIdSchema.extend({ kind: rowInfluenceKindSchema })),
  mentions: z.array(columnIdSchema),
  relations: z.array(z.string()),
  gaps: z.array(lineageGapSchema),
  unknownStars: z.array(z.string()),
})

/** What a run showed of a dataset's lineage. */
export const tracedDatasetSchema = z.object({
  dataset: z.string(),
  /** The query as it ran. */
  compiledSql: z.string(),
  /** Null where the query could not be read; `problem` then says why. */
  lineage: columnLineageSchema.nullable(),
  problem: z.string().nullable(),
  /** Of the lineage: equal hash, equal lineage. Empty without one. */
  hash: z.string(),
})
export type TracedDataset = z.infer<typeof tracedDatasetSchema>
