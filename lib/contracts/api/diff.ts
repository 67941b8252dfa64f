import { z } from "zod"
import { columnNameSchema } from "../operators/table-name.ts"
import { instantSchema } from "./common.ts"

/** One side of a comparison. */
export const diffSideSchema = z.object({
  /** `warehouse.schema.table`. */
  dataset: z.string().max(300),
  /** Only rows whose columns, as text, have these values: a partition. Not of masked columns. */
  where: z
    .array(z.object({ column: columnNameSchema, value: z.string().max(500) }))
    .max(10)
    .default([]),
  /** Of a dataset that keeps versions of its rows: those that held then. */
  asOf: instantSchema.optional(),
})

export const diffRequestSchema = z.object({
  left: diffSideSchema,
  right: diffSideSchema,
  /** Columns that tell rows apart; without them those of the project's snapshot or of the left table's primary key. */
  keys: z.array(columnNameSchema).max(10).default([]),
  /** What is compared; without them all columns that both sides have. */
  columns: z.array(columnNameSchema).max(500).default([]),
  /** Rows that are shown. */
  limit: z.int().min(0).max(200).default(50),
})
export type DiffRequest = z.input<typeof diffRequestSchema>

export const tableDiffSchema = z.object({
  keys: z.array(z.string()),
  rows: z.object({ left: z.number(), right: z.number() }),
  /** Rows with a key that the other side does not have. */
  onlyLeft: z.number(),
  onlyRight: z.number(),
  changed: z.number(),
  isEqual: z.boolean(),
  /** Keys that stand more than once, among the rows that were compared one by one. */
  repeatedKeys: z.object({ left: z.number(), right: z.number() }),
  /** Columns that were compared. */
  columns: z.array(
    z.object({
      name: z.string(),
      leftType: z.string(),
      rightType: z.string(),
      changed: z.number(),
      /** Why its values are not shown; null: they are. */
      maskedBy: z.string().nullable(),
    }),
  ),
  /** Columns that one side alone has. */
  columnsOnlyLeft: z.array(z.string()),
  columnsOnlyRight: z.array(z.string()),
  /** Some of the rows that differ, of each kind. */
  samples: z.array(
    z.object({
      kind: z.enum(["only_left", "only_right", "changed"]),
      key: z.array(z.string().nullable()),
      /** Its key stands more than once on a side, so that rows of it are paired by their values. */
      isRepeated: z.boolean(),
      values: z.array(z.object({ column: z.string(), left: z.string().nullable(), right: z.string().nullable() })),
    }),
  ),
  seconds: z.number(),
})
export type TableDiffView = z.infer<typeof tableDiffSchema>
