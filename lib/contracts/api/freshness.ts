import { z } from "zod"
import { FORECAST_BASES } from "../../domain/freshness/forecast-arrival.ts"
import { FRESHNESS_STATES } from "../../domain/freshness/freshness-policy.ts"
import { FRESHNESS_SORTS, STANDINGS } from "../../domain/freshness/rank-freshness.ts"
import { isTimezone } from "../../domain/zone.ts"
import { idSchema, instantSchema, listOf, pageOf, pageQuerySchema } from "./common.ts"

const zoneSchema = z.string().max(100).refine(isTimezone, "expected an IANA time zone such as Europe/Berlin")

export const freshnessQuerySchema = pageQuerySchema.extend({
  /** Part of the name, owner or a tag. */
  q: z.string().max(200).optional(),
  state: listOf(STANDINGS).optional(),
  owner: z.string().max(200).optional(),
  tag: z.string().max(200).optional(),
  sort: z.enum(FRESHNESS_SORTS).default("worst"),
  /** Whose days the strip of 30 days shows. */
  zone: zoneSchema.default("UTC"),
})
export type FreshnessQuery = z.output<typeof freshnessQuerySchema>

export const freshnessItemSchema = z.object({
  datasetId: z.string(),
  owner: z.string().nullable(),
  tags: z.array(z.string()),
  state: z.enum(FRESHNESS_STATES),
  /** The state, or what a fresh dataset is about to be: `at_risk`, `loading`. */
  standing: z.enum(STANDINGS),
  since: instantSchema,
  message: z.string(),
  /** What is asked for, in words. */
  policy: z.string(),
  /** What declares it. */
  origin: z.enum(["policy", "dbt"]),
  /** Whether the warehouse is asked, or the loads tell. */
  measure: z.enum(["loads", "data", "both"]),
  /** When it will be late unless something arrives, or since when it is. */
  dueAt: instantSchema.nullable(),
  loadedAt: instantSchema.nullable(),
  /** The newest instant in the data. */
  dataAt: instantSchema.nullable(),
  checkedAt: instantSchema,
  measuredAt: instantSchema.nullable(),
  forecast: z
    .object({ at: instantSchema, from: instantSchema, to: instantSchema, basis: z.enum(FORECAST_BASES) })
    .nullable(),
  /** Whether the forecast, or only the end of its range, lies after the deadline. */
  risk: z.enum(["none", "possible", "likely"]),
  pipelineId: z.string().nullable(),
  /** The newest run of that pipeline. */
  run: z.object({ id: idSchema, state: z.string(), failedTaskId: z.string().nullable() }).nullable(),
  /** One letter a day, oldest first, today last: f(resh), w(arn), e(rror), u(nknown), - where nothing is known. */
  days: z.string(),
  /** Share of the known time of these days that was fresh, 0 to 1. */
  kept: z.number().nullable(),
})
export type FreshnessItem = z.infer<typeof freshnessItemSchema>

export const freshnessPageSchema = pageOf(freshnessItemSchema).extend({
  /** Of all datasets that have a policy, whatever is asked for. */
  summary: z.object({
    standings: z.record(z.enum(STANDINGS), z.int()),
    owners: z.array(z.string()),
    tags: z.array(z.string()),
    kept: z.number().nullable(),
    /** The first deadline among those at risk. */
    nextDueAt: instantSchema.nullable(),
  }),
  /** How many fit the filters. */
  total: z.int(),
})
export type FreshnessPage = z.infer<typeof freshnessPageSchema>

export const monitorSchema = z.object({
  datasetId: z.string(),
  everyMs: z.number(),
  nextAt: instantSchema,
  isRunning: z.boolean(),
  startedAt: instantSchema.nullable(),
  finishedAt: instantSchema.nullable(),
  /** Of the last look; null before the first. */
  outcome: z.enum(["ok", "failed"]).nullable(),
  message: z.string(),
  parts: z.array(
    z.object({
      name: z.enum(["freshness", "expectations", "series"]),
      outcome: z.enum(["ok", "failed"]),
      message: z.string(),
      durationMs: z.number(),
    }),
  ),
})
export type Monitor = z.infer<typeof monitorSchema>

export const freshnessDetailSchema = z.object({
  /** Null for a dataset without a policy. */
  freshness: freshnessItemSchema
    .extend({
      /** The states of the last 30 days, newest first, at most 200. */
      history: z.array(
        z.object({
          state: z.enum(FRESHNESS_STATES),
          from: instantSchema,
          to: instantSchema.nullable(),
          message: z.string(),
        }),
      ),
      /** The newest arrivals, oldest first. */
      arrivals: z.array(instantSchema),
      file: z.string().nullable(),
      line: z.int().nullable(),
    })
    .nullable(),
  monitor: monitorSchema.nullable(),
})
export type FreshnessDetail = z.infer<typeof freshnessDetailSchema>

export const freshnessDetailQuerySchema = z.object({ zone: zoneSchema.default("UTC") })

/** Something was put up to be done at once; `askedAt` tells the answer from the one before. */
export const checkReceiptSchema = z.object({ datasetId: z.string(), askedAt: instantSchema })
export type CheckReceipt = z.infer<typeof checkReceiptSchema>
