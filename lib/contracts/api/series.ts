import { z } from "zod"
import { idSchema, instantSchema, pageQuerySchema } from "./common.ts"

export const POINT_STATES = ["new", "unwatched", "learning", "partial", "expected", "unusual"] as const
export const ANOMALY_STATES = ["open", "closed", "fine"] as const
/** What is learned of what was called fine: that this happens, or that it is so from now on. */
export const LESSONS = ["point", "shift"] as const
export type Lesson = (typeof LESSONS)[number]

/** `table`: by when it was measured. `partitions`: by partition. `key`: of one fixed key, by when it was measured. */
const seriesKindSchema = z.enum(["table", "partitions", "key"])
export type SeriesKind = z.infer<typeof seriesKindSchema>

/** What names one series of a dataset. */
const seriesNameSchema = z.object({
  metric: z.string(),
  /** Empty for what is measured of the table. */
  column: z.string(),
  kind: seriesKindSchema,
  /** The fixed key beside the time of a partition, or alone; empty for none. */
  key: z.string(),
})
export type SeriesName = z.infer<typeof seriesNameSchema>

export const seriesSummarySchema = seriesNameSchema.extend({
  /** `count`, `share` (0 to 1) or any `number`. */
  unit: z.enum(["count", "share", "number"]),
  points: z.int(),
  lastAt: instantSchema,
  /** Whether what is measured next will be judged. */
  isWatched: z.boolean(),
  openAnomalies: z.int(),
})
export type SeriesSummary = z.infer<typeof seriesSummarySchema>

export const seriesListSchema = z.object({ items: z.array(seriesSummarySchema) })
export type SeriesList = z.infer<typeof seriesListSchema>

export const seriesQuerySchema = z.object({
  metric: z.string().max(100).default("row_count"),
  column: z.string().max(300).default(""),
  kind: seriesKindSchema.default("table"),
  key: z.string().max(100).default(""),
  /** So many of the newest. */
  limit: z.coerce.number().int().min(1).max(10_000).default(400),
})
export type SeriesQuery = z.output<typeof seriesQuerySchema>

export const seriesPointSchema = z.object({
  id: idSchema,
  /** When it was measured. */
  at: instantSchema,
  /** What it is about: its partition's start, or when it was measured. */
  time: instantSchema,
  partitionKey: z.string().nullable(),
  value: z.number(),
  state: z.enum(POINT_STATES),
  /** As it was judged; null before there was anything to judge it by. */
  expected: z.number().nullable(),
  lower: z.number().nullable(),
  upper: z.number().nullable(),
  runId: idSchema.nullable(),
  anomaly: z.object({ id: idSchema, state: z.enum(ANOMALY_STATES), lesson: z.enum(LESSONS).nullable() }).nullable(),
})
export type SeriesPointView = z.infer<typeof seriesPointSchema>

export const seriesSchema = seriesNameSchema.extend({
  datasetId: z.string(),
  unit: z.enum(["count", "share", "number"]),
  /** Oldest first; of each partition the newest measurement. */
  points: z.array(seriesPointSchema),
  /** Whether older ones were left out because of `limit`. */
  more: z.boolean(),
  /** What is expected next; null where nobody watches. */
  next: z
    .discriminatedUnion("kind", [
      z.object({
        kind: z.literal("band"),
        at: instantSchema,
        expected: z.number(),
        lower: z.number(),
        upper: z.number(),
        rule: z.string(),
      }),
      /** So many more are needed before anything is judged. */
      z.object({ kind: z.literal("learning"), missing: z.int(), needed: z.int() }),
    ])
    .nullable(),
})
export type Series = z.infer<typeof seriesSchema>

export const anomalySchema = z.object({
  id: idSchema,
  datasetId: z.string(),
  metric: z.string(),
  column: z.string(),
  partitionKey: z.string().nullable(),
  runId: idSchema.nullable(),
  at: instantSchema,
  value: z.number(),
  expected: z.number(),
  lower: z.number(),
  upper: z.number(),
  rule: z.string(),
  severity: z.enum(["warn", "error"]),
  /** `closed`: something usual, or another anomaly, came after it. */
  state: z.enum(ANOMALY_STATES),
  lesson: z.enum(LESSONS).nullable(),
  note: z.string(),
  closedBy: z.string().nullable(),
  closedAt: instantSchema.nullable(),
})
export type Anomaly = z.infer<typeof anomalySchema>

export const anomalyQuerySchema = pageQuerySchema.extend({
  dataset: z.string().max(300).optional(),
  state: z.enum(ANOMALY_STATES).optional(),
})

export const callFineSchema = z.object({
  lesson: z.enum(LESSONS).default("point"),
  note: z.string().max(2_000).default(""),
})
