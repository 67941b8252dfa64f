import { z } from "zod"
import { RUN_STATES } from "../../domain/run-state.ts"
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
