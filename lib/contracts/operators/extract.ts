import { z } from "zod"
import { durationOptionSchema } from "./duration-option.ts"
import { columnNameSchema, connectionNameSchema, datasetIds, tableNameSchema } from "./table-name.ts"

/**
 * Options of `extract`: rows of a Postgres table into a raw table of the warehouse.
 *
 * `append` keeps history: a row comes in as a new version only where it differs from its key's newest version. `upsert`
 * keeps the newest version alone. `deletes: "mark"` (full mode) records keys that are gone from the source: a tombstone
 * version in `append`, the flag `_headrace_deleted` in `upsert`.
 */
export const extractOptionsSchema = z
  .strictObject({
    /** Connection of the source database. */
    source: connectionNameSchema,
    table: tableNameSchema,
    columns: z.array(columnNameSchema).min(1, "name the columns to extract"),
    into: tableNameSchema,
    keys: z.array(columnNameSchema).min(1, "name the key columns"),
    mode: z
      .union([
        z.literal("full"),
        z.strictObject({
          incremental: z.strictObject({
            /** Timestamp or date that moves whenever a row changes. */
            column: columnNameSchema,
            /**
             * How far below the watermark each run reads again; must cover the longest transaction of the source,
             * because a row may be committed that much later than its timestamp says.
             */
            lookback: durationOptionSchema.default("10m"),
          }),
        }),
      ])
      .default("full"),
    write: z.enum(["append", "upsert"]).default("append"),
    deletes: z.enum(["ignore", "mark"]).default("ignore"),
  })
  .superRefine((options, context) => {
    const columns = new Set(options.columns)
    if (columns.size !== options.columns.length) {
      context.addIssue({ code: "custom", path: ["columns"], message: "a column is named twice" })
    }
    for (const key of options.keys) {
      if (!columns.has(key)) {
        context.addIssue({ code: "custom", path: ["keys"], message: `key "${key}" is not among the columns` })
      }
    }
    const reserved = options.columns.find((column) => column.startsWith("_headrace_"))
    if (reserved) {
      context.addIssue({ code: "custom", path: ["columns"], message: `"${reserved}": _headrace_… is reserved` })
    }
    if (options.mode !== "full" && !columns.has(options.mode.incremental.column)) {
      const message = `watermark column "${options.mode.incremental.column}" is not among the columns`
      context.addIssue({ code: "custom", path: ["mode", "incremental", "column"], message })
    }
    if (options.mode !== "full" && options.deletes === "mark") {
      const message = 'deletions are seen only by mode "full": an incremental read does not tell gone from unchanged'
      context.addIssue({ code: "custom", path: ["deletes"], message })
    }
  })
export type ExtractOptions = z.output<typeof extractOptionsSchema>

/** Datasets named in the options of `extract`. */
export function extractDatasets(options: Record<string, unknown>): { reads: string[]; writes: string[] } {
  return { reads: datasetIds(options.source, options.table), writes: datasetIds("warehouse", options.into) }
}
