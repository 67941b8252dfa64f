import { z } from "zod"
import { RUN_STATES } from "../../domain/run-state.ts"
import { jsonObjectSchema } from "../json.ts"
import { manifestSchema, workspaceProblemSchema } from "../manifest.ts"
import { idSchema, instantSchema } from "./common.ts"

const recentRunSchema = z.object({
  id: idSchema,
  state: z.enum(RUN_STATES),
  logicalAt: instantSchema,
  startedAt: instantSchema.nullable(),
  durationMs: z.number().nullable(),
})

export const pipelineSummarySchema = z.object({
  id: z.string(),
  description: z.string(),
  owner: z.string().nullable(),
  tags: z.array(z.string()),
  isPaused: z.boolean(),
  /** False: the definition is gone from the workspace, the history stays. */
  isDefined: z.boolean(),
  /**
   * What starts it by itself, in words (`text`); null: only people do. `cron` is its first schedule as short as authors write
   * it, or empty where it has triggers alone.
   */
  schedule: z.object({ cron: z.string(), timezone: z.string(), text: z.string() }).nullable(),
  nextRunAt: instantSchema.nullable(),
  version: z.int().nullable(),
  tasksTotal: z.int(),
  /** Up to 30, oldest first. */
  recentRuns: z.array(recentRunSchema),
  problems: z.array(workspaceProblemSchema),
})
export type PipelineSummary = z.infer<typeof pipelineSummarySchema>

export const pipelineDetailSchema = pipelineSummarySchema.extend({
  manifest: manifestSchema.nullable(),
  versionHash: z.string().nullable(),
  /** The next five scheduled instants. */
  nextRuns: z.array(instantSchema),
  /** Share of successful runs among the finished of the last 30; null without any. */
  successRate: z.number().min(0).max(1).nullable(),
  medianDurationMs: z.number().nullable(),
  /** Median duration of each task's successful attempts, by task id. */
  taskMediansMs: z.record(z.string(), z.number()),
})
export type PipelineDetail = z.infer<typeof pipelineDetailSchema>

/** A run that a schedule will start. */
export const plannedRunSchema = z.object({
  scheduleKey: z.string(),
  schedule: z.string(),
  timezone: z.string(),
  /** When it starts: the logical time plus the schedule's delay. */
  runAt: instantSchema,
  logicalAt: instantSchema,
  /** The logical time on the clock of the zone: `2026-03-29 03:00 +02:00`. */
  localTime: z.string(),
  intervalStart: instantSchema,
  intervalEnd: instantSchema,
  /** What is unusual about it, in words: clock changes, days off. */
  remarks: z.array(z.string()),
})
export type PlannedRunView = z.infer<typeof plannedRunSchema>

export const nextRunsQuerySchema = z.object({
  count: z.coerce.number().int().min(1).max(200).default(10),
  /** Default: now. */
  from: instantSchema.optional(),
})
export const nextRunsSchema = z.object({
  pipelineId: z.string(),
  /** Paused: none of these starts until it is resumed. */
  isPaused: z.boolean(),
  /** What starts it besides, in words: datasets, other pipelines, events. These have no time. */
  triggers: z.array(z.string()),
  runs: z.array(plannedRunSchema),
})
export type NextRuns = z.infer<typeof nextRunsSchema>

export const receiveEventSchema = z.object({
  /** Becomes the params of the runs that it starts. */
  payload: jsonObjectSchema.default({}),
})
export const eventReceiptSchema = z.object({
  event: z.string(),
  pipelines: z.array(
    z.object({
      pipelineId: z.string(),
      accepted: z.boolean(),
      /** Why it does not take this payload. */
      problem: z.string().nullable(),
    }),
  ),
})

export const versionSummarySchema = z.object({
  id: idSchema,
  version: z.int(),
  hash: z.string(),
  createdAt: instantSchema,
  runs: z.int(),
})
export type VersionSummary = z.infer<typeof versionSummarySchema>

export const versionDetailSchema = versionSummarySchema.extend({
  manifest: manifestSchema,
  files: z.record(z.string(), z.string()),
})
export type VersionDetail = z.infer<typeof versionDetailSchema>

export const updatePipelineSchema = z.object({ isPaused: z.boolean() })
