import { z } from "zod"
import type { QualityDimension } from "../../domain/quality-dimensions.ts"
import { columnNameSchema, tableNameSchema } from "../operators/table-name.ts"

/** What an expectation is about, which decides how it is counted: row by row, or as a whole. */
export type ExpectationScope = "rows" | "column" | "table"

/** One kind of expectation: what may be said of it, and how it is told to people. */
export interface ExpectationEntry<Options extends z.ZodObject = z.ZodObject> {
  /** Short ways of writing it. */
  aliases: readonly string[]
  scope: ExpectationScope
  dimension: QualityDimension
  /** Its own options; those that all expectations share stand in {@link sharedOptions}. */
  options: Options
  /** What it means, in a paragraph: what it looks at, what it leaves out, what fails it. */
  doc: string
  /** Values of its own options. */
  example: z.input<Options>
  /** What it says of the data, as a clause without an end: `email is not null`. A check's history goes by it. */
  sentence(options: z.output<Options>): string
  /** What is wrong with options that each are right; null: nothing. */
  conflict?(options: z.output<Options>): string | null
}

/** Ties the functions of an entry to the type of its options. */
export function defineExpectation<Options extends z.ZodObject>(
  entry: ExpectationEntry<Options>,
): ExpectationEntry<Options> {
  return entry
}

const ON_FAIL = ["block", "warn", "quarantine"] as const
export type OnFail = (typeof ON_FAIL)[number]

/** Options of every expectation. */
export const sharedOptions = {
  /** Shown in lists, and what its history goes by; made from the sentence where left out. */
  name: z.string().min(1).max(200).optional(),
  severity: z.enum(["warn", "error"]).default("error"),
  /**
   * What a failure does to the load: stop it, only say so, or set the failing rows aside and go on. Follows from the
   * severity where left out.
   */
  on_fail: z.enum(ON_FAIL).optional(),
  /** SQL condition that narrows the rows looked at: `status <> 'draft'`. */
  where: z.string().min(1).optional(),
  /** Where a partition was loaded: its rows (`load`, the default), or all of the table's. */
  over: z.enum(["load", "table"]).optional(),
  tags: z.array(z.string().min(1).max(100)).max(20).optional(),
  /** Free notes, kept with each result. */
  meta: z.record(z.string(), z.unknown()).optional(),
}

/** Options of those that count rows. */
export const rowOptions = {
  /** Share of the rows looked at, 0 to 1, that must pass. */
  mostly: z.number().min(0).max(1).default(1),
  /** How many rows may fail, besides those that `mostly` lets. */
  max_failed: z.int().min(0).default(0),
}

export const column = columnNameSchema
export const columns = z.array(columnNameSchema).min(1).max(100)
export const otherTable = tableNameSchema
export const scalar = z.union([z.string(), z.number(), z.boolean()])
export type Scalar = z.output<typeof scalar>
export const valueSet = z.array(scalar).min(1).max(100_000)

/** A bound as suites write it, where null means none. */
export const bound = z
  .union([z.number(), z.string().min(1)])
  .nullish()
  .transform((value) => value ?? undefined)
  .optional()
export const numberBound = z
  .number()
  .nullish()
  .transform((value) => value ?? undefined)
  .optional()
export const countBound = z
  .int()
  .min(0)
  .nullish()
  .transform((value) => value ?? undefined)
  .optional()

/** Both bounds belong to the range unless they are strict. */
export const range = {
  min_value: bound,
  max_value: bound,
  strict_min: z.boolean().default(false),
  strict_max: z.boolean().default(false),
}
export const numberRange = {
  min_value: numberBound,
  max_value: numberBound,
  strict_min: z.boolean().default(false),
  strict_max: z.boolean().default(false),
}
export const countRange = { min_value: countBound, max_value: countBound }

export interface Range {
  min_value?: number | string | undefined
  max_value?: number | string | undefined
  strict_min?: boolean
  strict_max?: boolean
}

export function rangeConflict({ min_value, max_value }: Range): string | null {
  if (min_value === undefined && max_value === undefined) return "give min_value, max_value or both"
  const isSwapped = typeof min_value === "number" && typeof max_value === "number" && min_value > max_value
  return isSwapped ? "min_value is above max_value" : null
}

/** "between 1 and 5", "at least 1", "above 1". */
export function rangeText({ min_value, max_value, strict_min, strict_max }: Range): string {
  const low = min_value === undefined ? null : `${strict_min ? "above" : "at least"} ${min_value}`
  const high = max_value === undefined ? null : `${strict_max ? "below" : "at most"} ${max_value}`
  if (low === null || high === null) return low ?? high ?? "anything"
  if (!strict_min && !strict_max) return `between ${min_value} and ${max_value}`
  return `${low} and ${high}`
}

/** A few of the values, for a sentence. */
export function listText(values: readonly unknown[], limit = 5): string {
  const shown = values.slice(0, limit).map(String).join(", ")
  return values.length > limit ? `${shown} and ${values.length - limit} more` : shown
}
