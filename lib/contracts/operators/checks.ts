import { z } from "zod"
import { durationOptionSchema } from "./duration-option.ts"
import { columnNameSchema, datasetIds, tableNameSchema } from "./table-name.ts"

const common = {
  /** Shown in lists; made from kind and column where left out. */
  name: z.string().min(1).max(200).optional(),
  severity: z.enum(["warn", "error"]).default("error"),
}
const rowCommon = {
  ...common,
  /** SQL condition that narrows the rows looked at: `status <> 'draft'`. */
  where: z.string().min(1).optional(),
  /** Share of rows, 0 to 1, that may fail before the check does. */
  tolerance: z.number().min(0).max(1).default(0),
}
const boundSchema = z.union([z.number(), z.string()])

/**
 * One expectation about a table. A null passes every row check but `not_null`, as in dbt: whether a value must be there
 * and what it must look like are two questions.
 */
export const checkSchema = z
  .discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("not_null"), column: columnNameSchema, ...rowCommon }),
    z.strictObject({ kind: z.literal("unique"), columns: z.array(columnNameSchema).min(1), ...rowCommon }),
    z.strictObject({
      kind: z.literal("accepted_values"),
      column: columnNameSchema,
      values: z.array(z.union([z.string(), z.number(), z.boolean()])).min(1),
      ...rowCommon,
    }),
    /** Both bounds belong to the range; one may be left out. */
    z.strictObject({
      kind: z.literal("between"),
      column: columnNameSchema,
      min: boundSchema.optional(),
      max: boundSchema.optional(),
      ...rowCommon,
    }),
    /** POSIX regular expression as Postgres' `~` reads it; unanchored. */
    z.strictObject({ kind: z.literal("matches"), column: columnNameSchema, pattern: z.string().min(1), ...rowCommon }),
    z.strictObject({
      kind: z.literal("row_count"),
      min: z.int().min(0).optional(),
      max: z.int().min(0).optional(),
      ...common,
    }),
    /** The newest value of a timestamp column is at most `maxAge` old. */
    z.strictObject({ kind: z.literal("freshness"), column: columnNameSchema, maxAge: durationOptionSchema, ...common }),
  ])
  .refine(
    (check) =>
      (check.kind !== "between" && check.kind !== "row_count") || check.min !== undefined || check.max !== undefined,
    "give min, max or both",
  )
export type Check = z.output<typeof checkSchema>
/** A check as authors write it, defaults left out. */
export type CheckInput = z.input<typeof checkSchema>

/**
 * Options of `checks`: all expectations about one table of the warehouse. With `gate`, a failed check of severity
 * `error` fails the task, and what waits for its success does not start.
 */
export const checksOptionsSchema = z.strictObject({
  table: tableNameSchema,
  expect: z.array(checkSchema).min(1, "name at least one check"),
  gate: z.boolean().default(true),
})
export type ChecksOptions = z.output<typeof checksOptionsSchema>

/** Datasets named in the options of `checks`. */
export function checksDatasets(options: Record<string, unknown>): { reads: string[]; writes: string[] } {
  return { reads: datasetIds("warehouse", options.table), writes: [] }
}

/** What an engine found about one check; `lib/quality` judges it. */
export interface CheckMeasure {
  /** Rows the check looked at: those that `where` lets through. */
  rowsChecked: number
  rowsFailed: number
  /** `freshness`: newest value and its age; `between`: the extremes. Null where there were no rows. */
  newest?: string | null
  ageMs?: number | null
  smallest?: string | null
  largest?: string | null
}
