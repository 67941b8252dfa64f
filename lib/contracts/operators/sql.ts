import { z } from "zod"
import { connectionNameSchema, datasetIds, tableNameSchema } from "./table-name.ts"

const scalarSchema = z.union([z.string(), z.number(), z.boolean(), z.null()])

/** What a named bind `:name` may stand for; an array is bound as a Postgres array, for `= any(:ids)`. */
export const bindValueSchema = z.union([scalarSchema, z.array(scalarSchema)])
export type BindValue = z.output<typeof bindValueSchema>

/** A name usable after the colon of a bind. */
export const bindNameSchema = z
  .string()
  .regex(/^[a-z_][a-z0-9_]*$/i, "a bind is named by letters, digits and underscores")

/**
 * Options of `sql`: the statements of one file or text, run in one transaction. Binds `:name` take their values from
 * `params`, then from the run's params, then from the automatic ones: `interval_start`, `interval_end`, `logical_at`,
 * `partition_key`, `partition_keys`, `partition_time`, `partition_static_key` and `run_id`.
 */
export const sqlOptionsSchema = z
  .strictObject({
    connection: connectionNameSchema.default("warehouse"),
    /** Path of the SQL file, relative to the workspace. */
    file: z.string().min(1).optional(),
    text: z.string().min(1).optional(),
    params: z.record(bindNameSchema, bindValueSchema).default({}),
    /** Tables this statement fills; they are fenced, and recorded with columns and row counts. */
    writes: z.union([tableNameSchema, z.array(tableNameSchema)]).default([]),
    reads: z.union([tableNameSchema, z.array(tableNameSchema)]).default([]),
  })
  .refine((options) => (options.file === undefined) !== (options.text === undefined), {
    message: "give either file or text",
    path: ["file"],
  })
export type SqlOptions = z.output<typeof sqlOptionsSchema>

/** Datasets named in the options of `sql`, in the form the manifest holds. */
export function sqlDatasets(options: Record<string, unknown>): { reads: string[]; writes: string[] } {
  const connection = options.connection ?? "warehouse"
  return { reads: datasetIds(connection, options.reads ?? []), writes: datasetIds(connection, options.writes ?? []) }
}
