import { z } from "zod"
import { STANDINGS } from "../../domain/freshness/rank-freshness.ts"
import { INCIDENT_STATES } from "../../domain/incident-state.ts"
import { RUN_STATES } from "../../domain/run-state.ts"
import { workspaceProblemSchema } from "../manifest.ts"
import { idSchema, instantSchema } from "./common.ts"

export const healthSchema = z.object({
  status: z.enum(["ok", "degraded"]),
  version: z.string(),
  database: z.enum(["ok", "unreachable"]),
  workers: z.int(),
  checks: z.array(z.object({ name: z.string(), ok: z.boolean(), message: z.string() })),
})
export type Health = z.infer<typeof healthSchema>

export const workerSchema = z.object({
  id: z.string(),
  host: z.string(),
  pid: z.int(),
  version: z.string(),
  state: z.enum(["active", "draining", "gone"]),
  slots: z.int(),
  running: z.int(),
  /** What it runs, the oldest first. */
  tasks: z.array(
    z.object({
      attemptId: idSchema,
      taskRunId: idSchema,
      runId: idSchema,
      pipelineId: z.string(),
      taskId: z.string(),
      startedAt: instantSchema,
    }),
  ),
  startedAt: instantSchema,
  heartbeatAt: instantSchema,
})
export type WorkerView = z.infer<typeof workerSchema>

const day = z.iso.date()
export const overviewSchema = z.object({
  generatedAt: instantSchema,
  /** Latest run failed and nothing newer succeeded, by pipeline. */
  failedRuns: z.array(
    z.object({
      runId: idSchema,
      pipelineId: z.string(),
      failedTaskId: z.string().nullable(),
      errorMessage: z.string().nullable(),
      finishedAt: instantSchema,
    }),
  ),
  running: z.int(),
  slots: z.object({ used: z.int(), total: z.int(), waiting: z.int() }),
  quality: z.object({
    /** Mean of the datasets' newest overall scores; null without any. */
    score: z.number().nullable(),
    datasets: z.int(),
    /** Newest results of severity error that did not pass. */
    failingChecks: z.int(),
    /** The same of severity warn. */
    warningChecks: z.int(),
    history: z.array(z.object({ day, score: z.number() })),
  }),
  /** Of datasets that have a policy: how many are late (states `error` and `warn`), and those that are or are about to be. */
  freshness: z.object({
    breaches: z.int(),
    policies: z.int(),
    /** The worst, at most 20. */
    items: z.array(
      z.object({
        dataset: z.string(),
        message: z.string(),
        standing: z.enum(STANDINGS),
        dueAt: instantSchema.nullable(),
      }),
    ),
  }),
  /** Unresolved ones that nobody snoozed. */
  incidents: z.object({ open: z.int(), acknowledged: z.int() }),
  /** Last 24 hours. */
  timeline: z.array(
    z.object({
      pipelineId: z.string(),
      owner: z.string().nullable(),
      tags: z.array(z.string()),
      runs: z.array(
        z.object({
          id: idSchema,
          state: z.enum(RUN_STATES),
          startedAt: instantSchema.nullable(),
          finishedAt: instantSchema.nullable(),
          createdAt: instantSchema,
        }),
      ),
      nextRuns: z.array(instantSchema),
    }),
  ),
  nextRuns: z.array(z.object({ pipelineId: z.string(), at: instantSchema, medianDurationMs: z.number().nullable() })),
  /** Last 14 days. */
  runsByDay: z.array(z.object({ day, success: z.int(), failed: z.int(), other: z.int() })),
  rowsByDay: z.array(z.object({ day, rows: z.int() })),
  problems: z.array(workspaceProblemSchema),
})
export type Overview = z.infer<typeof overviewSchema>

/**
 * What the live stream (`/api/v1/events/stream`, server-sent events) says: that something changed, never its content.
 * The client reads what it shows again through the API.
 */
export const liveEventSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("run"), id: idSchema, pipelineId: z.string(), state: z.enum(RUN_STATES) }),
  z.object({
    type: z.literal("task_run"),
    id: idSchema,
    runId: idSchema,
    pipelineId: z.string(),
    taskId: z.string(),
    /** Of an instance of a mapped task. */
    mapIndex: z.int().optional(),
    state: z.string(),
  }),
  z.object({ type: z.literal("log"), attemptId: idSchema, runId: idSchema, lines: z.int() }),
  z.object({ type: z.literal("workspace") }),
  z.object({ type: z.literal("backfill"), id: idSchema }),
  /** One was missed, or completed late. */
  z.object({ type: z.literal("deadline"), pipelineId: z.string(), runId: idSchema.nullable() }),
  /** Datasets were judged anew, or monitors have looked. */
  z.object({ type: z.literal("freshness") }),
  /** Measurements were judged, an anomaly was called fine, or a table has other columns. */
  z.object({ type: z.literal("series") }),
  /** Opened, changed, or something was added to it. */
  z.object({ type: z.literal("incident"), id: idSchema, state: z.enum(INCIDENT_STATES) }),
])
export type LiveEvent = z.infer<typeof liveEventSchema>
