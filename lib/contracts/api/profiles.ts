import { z } from "zod"
import { profileSampleSchema } from "../quality/profile-section.ts"
import { idSchema, instantSchema } from "./common.ts"

/** How values of a column are looked at: by their size, their length, their time, or only one by one. */
export const PROFILE_KINDS = ["number", "text", "time", "boolean", "other"] as const
export type ProfileKind = (typeof PROFILE_KINDS)[number]

/**
 * Numbers of a column's values: of the numbers themselves, of the lengths of texts in characters, or of times in seconds
 * since 1970.
 */
const measuresSchema = z.object({
  min: z.number(),
  max: z.number(),
  mean: z.number(),
  /** Of the values themselves, not of what they were drawn from; 0 for a single one. */
  stdev: z.number(),
  /** One for each of PROFILE_QUANTILES: the smallest value that so large a share of the values does not exceed. */
  quantiles: z.array(z.number()),
  /** Counts of values in equally wide ranges from `min` to `max`; one where these are equal. */
  histogram: z.array(z.int()),
})

export const columnProfileSchema = z.object({
  name: z.string(),
  type: z.string(),
  kind: z.enum(PROFILE_KINDS),
  /** It holds personal or sensitive data: only counts are known. */
  isMasked: z.boolean(),
  nulls: z.int(),
  /** Different values among the rows that were read: exact. */
  distinct: z.int(),
  /** Those that were read once. */
  once: z.int(),
  /** Different values of the whole table, estimated from the sample; null where all rows were read. */
  distinctEstimate: z.number().nullable(),
  /** Texts that are empty or blank, numbers that are zero; null for other kinds and masked ones. */
  empty: z.int().nullable(),
  /** Values without a place on the line: NaN, infinite, or too large to compute with. */
  unmeasured: z.int(),
  /** As the database prints them, cut at 200 characters. */
  smallest: z.string().nullable(),
  largest: z.string().nullable(),
  measures: measuresSchema.nullable(),
  /** Most frequent values first, cut at 200 characters. */
  top: z.array(z.object({ value: z.string(), count: z.int() })),
})
export type ColumnProfile = z.infer<typeof columnProfileSchema>

export const tableProfileSchema = z.object({
  id: idSchema,
  datasetId: z.string(),
  state: z.enum(["queued", "running", "done", "failed"]),
  cause: z.enum(["person", "load", "clock"]),
  actor: z.string(),
  /** Rows to look at; null for all. */
  sample: z.int().nullable(),
  queuedAt: instantSchema,
  startedAt: instantSchema.nullable(),
  finishedAt: instantSchema.nullable(),
  /** `all` rows, `random` blocks of the table, or the `first` rows that a view gave. */
  method: z.enum(["all", "random", "first"]).nullable(),
  rowsRead: z.int().nullable(),
  /** Rows of the table; null where nobody knows. */
  rowsTotal: z.int().nullable(),
  /** False: `rowsTotal` is what the database's planner guesses. */
  isTotalExact: z.boolean(),
  columnsTotal: z.int(),
  columns: z.array(columnProfileSchema),
  /** Why it failed. */
  message: z.string(),
})
export type TableProfile = z.infer<typeof tableProfileSchema>

export const datasetProfileSchema = z.object({
  datasetId: z.string(),
  /** Asked for or under way, or the newest when it failed; null: nothing of that. */
  pending: tableProfileSchema.nullable(),
  /** The newest that is done. */
  latest: tableProfileSchema.nullable(),
  /** The one before it that is done. */
  before: tableProfileSchema.nullable(),
  /** Done ones without their columns, newest first. */
  history: z.array(tableProfileSchema.omit({ columns: true })),
})
export type DatasetProfile = z.infer<typeof datasetProfileSchema>

export const askProfileSchema = z.object({
  /** What the policy says, or else 100,000. */
  sample: profileSampleSchema.optional(),
})
export const profileReceiptSchema = z.object({ id: idSchema, datasetId: z.string() })
