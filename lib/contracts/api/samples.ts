import { z } from "zod"
import { instantSchema } from "./common.ts"

/** Rows of the warehouse as the console shows them: values as Postgres prints them, long ones cut, some masked. */

export const sampleColumnSchema = z.object({
  name: z.string(),
  type: z.string(),
  /**
   * Why its values are masked: the tag that it has or inherited, or `unknown` where personal data goes into the dataset and
   * nobody can tell that it does not come here. Null: they are shown.
   */
  maskedBy: z.string().nullable(),
})
export type SampleColumn = z.infer<typeof sampleColumnSchema>

/** One value a column; null for NULL, {@link MASK} for what is masked. */
const rowSchema = z.array(z.string().nullable())

export const datasetSampleSchema = z.object({
  columns: z.array(sampleColumnSchema),
  rows: z.array(rowSchema),
  /** There are more. */
  isCut: z.boolean(),
  /** False: there is no such table in the warehouse. */
  exists: z.boolean(),
})
export type DatasetSample = z.infer<typeof datasetSampleSchema>

export const sampleQuerySchema = z.object({ limit: z.coerce.number().int().min(1).max(50).default(50) })

export const historyKeysQuerySchema = z.object({ q: z.string().max(200).default("") })
export const historyKeysSchema = z.object({
  /** Columns that tell rows apart. */
  keys: z.array(z.string()),
  /** Keys with most versions first, a key of several columns joined by `|`. */
  items: z.array(z.object({ key: z.string(), versions: z.int() })),
  /** Why no keys are listed, though there may be some. */
  reason: z.string().nullable(),
})
export type HistoryKeys = z.infer<typeof historyKeysSchema>

export const rowVersionsQuerySchema = z.object({ key: z.string().min(1).max(1_000) })
export const rowVersionsSchema = z.object({
  keys: z.array(z.string()),
  columns: z.array(sampleColumnSchema),
  /** Oldest first. */
  versions: z.array(
    z.object({
      validFrom: instantSchema,
      /** Null: it holds now. */
      validTo: instantSchema.nullable(),
      /** The row was gone from its source meanwhile. */
      isDeleted: z.boolean(),
      values: rowSchema,
      /** Positions of the columns that differ from the version before; also of masked ones. */
      changed: z.array(z.int()),
    }),
  ),
  /** There are more versions than are shown; the newest are. */
  isCut: z.boolean(),
})
export type RowVersions = z.infer<typeof rowVersionsSchema>

export const tableAsOfQuerySchema = z.object({ at: instantSchema })
export const tableAsOfSchema = datasetSampleSchema.extend({
  /** Rows at that time. */
  total: z.int(),
})
export type TableAsOf = z.infer<typeof tableAsOfSchema>
