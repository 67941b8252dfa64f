import { z } from "zod"
import { checkSchema } from "./checks.ts"
import { bindNameSchema, bindValueSchema } from "./sql.ts"
import {
  columnNameSchema,
  connectionNameSchema,
  datasetIds,
  tableNameSchema,
  targetColumnsSchema,
} from "./table-name.ts"

/**
 * Options of `partitionLoad`: the rows of one data interval, extracted by a query, transformed and validated by the
 * author's functions, and published as one partition. Running it again for the same interval gives the same table.
 *
 * In the manifest the author's functions are flags; they are called by (file, pipeline, task) in an author process.
 */
export const partitionLoadOptionsSchema = z
  .strictObject({
    source: connectionNameSchema,
    /** One SELECT with binds `:interval_start` and `:interval_end`, and those of `sql`. */
    query: z.string().min(1),
    params: z.record(bindNameSchema, bindValueSchema).default({}),
    into: tableNameSchema,
    columns: targetColumnsSchema,
    keys: z.array(columnNameSchema).default([]),
    /** Timestamp or date column that says which partition a row belongs to; needed by `replace`. */
    partitionColumn: columnNameSchema.optional(),
    /** Column that holds the key of the pipeline's partitions; needed by `replace` where they have keys. */
    staticKeyColumn: columnNameSchema.optional(),
    /** `replace` swaps the interval's rows, `merge` updates and inserts by keys, `append` only adds. */
    write: z.enum(["replace", "merge", "append"]).default("replace"),
    /** What must hold for the published partition; a failed `error` rolls the load back. */
    expect: z.array(checkSchema).default([]),
    /** A row that fails validation: fail the task, or set it aside in `<table>__rejected` with its reason. */
    onInvalid: z.enum(["fail", "quarantine"]).default("fail"),
    batchRows: z.int().min(1).max(50_000).default(1_000),
    transform: z.boolean().default(false),
    validate: z.boolean().default(false),
  })
  .superRefine((options, context) => {
    const columns = new Set(Object.keys(options.columns))
    for (const key of options.keys) {
      if (!columns.has(key)) {
        context.addIssue({ code: "custom", path: ["keys"], message: `key "${key}" is not among the columns` })
      }
    }
    if (options.write === "merge" && options.keys.length === 0) {
      context.addIssue({ code: "custom", path: ["keys"], message: "merge needs keys" })
    }
    const { partitionColumn, staticKeyColumn } = options
    if (options.write === "replace" && partitionColumn === undefined && staticKeyColumn === undefined) {
      context.addIssue({ code: "custom", path: ["partitionColumn"], message: "replace needs a partitionColumn" })
    }
    for (const [name, column] of Object.entries({ partitionColumn, staticKeyColumn })) {
      if (column === undefined || columns.has(column)) continue
      const message = `partition column "${column}" is not among the columns`
      context.addIssue({ code: "custom", path: [name], message })
    }
  })
export type PartitionLoadOptions = z.output<typeof partitionLoadOptionsSchema>

/** Datasets named in the options of `partitionLoad`; what its query reads is not known without parsing it. */
export function partitionLoadDatasets(options: Record<string, unknown>): { reads: string[]; writes: string[] } {
  return { reads: [], writes: datasetIds("warehouse", options.into) }
}
