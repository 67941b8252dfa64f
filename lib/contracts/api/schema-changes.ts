import { z } from "zod"
import { idSchema, instantSchema } from "./common.ts"

const columnShapeSchema = z.object({ name: z.string(), type: z.string() })

export const columnChangeSchema = z.object({
  kind: z.enum(["added", "removed", "renamed", "retyped", "moved"]),
  column: z.string(),
  from: z.string().nullable(),
  to: z.string().nullable(),
  isBreaking: z.boolean(),
})

/** What a breaking change means to a dataset behind. */
export const affectedSchema = z.object({
  dataset: z.string(),
  owner: z.string().nullable(),
  /** Of the columns that broke: those it depends on. */
  columns: z.array(z.string()),
  /**
   * `fails`: its query names a column that is gone. `values`: its values, or which rows it has, come from one that changed.
   * `stale`: it lies behind one that fails. `unknown`: its query could not be traced.
   */
  effect: z.enum(["fails", "values", "stale", "unknown"]),
})
export type Affected = z.infer<typeof affectedSchema>

export const schemaChangeSchema = z.object({
  id: idSchema,
  at: instantSchema,
  /** Null: a monitor saw it. */
  runId: idSchema.nullable(),
  isBreaking: z.boolean(),
  /** By what the policy says of changes. */
  severity: z.enum(["info", "warn", "error"]),
  changes: z.array(columnChangeSchema),
  affected: z.array(affectedSchema),
  before: z.array(columnShapeSchema),
  after: z.array(columnShapeSchema),
})
export type SchemaChange = z.infer<typeof schemaChangeSchema>

export const datasetSchemaSchema = z.object({
  datasetId: z.string(),
  /** Null: the policy says nothing of it, which is `evolve` without promised columns. */
  contract: z
    .object({
      onChange: z.enum(["evolve", "warn", "fail"]),
      allowExtra: z.boolean(),
      hasColumns: z.boolean(),
      file: z.string(),
      line: z.int().nullable(),
    })
    .nullable(),
  /** Every column with what is promised of it; without a contract, the columns as they are. */
  lines: z.array(
    z.object({
      column: z.string(),
      promised: z.string().nullable(),
      actual: z.string().nullable(),
      verdict: z.enum(["kept", "missing", "wrong_type", "extra"]),
      isBroken: z.boolean(),
    }),
  ),
  /** Newest first, at most 100. */
  changes: z.array(schemaChangeSchema),
})
export type DatasetSchema = z.infer<typeof datasetSchemaSchema>
