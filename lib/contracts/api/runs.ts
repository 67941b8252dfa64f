import { z } from "zod"
import { ATTEMPT_STATES } from "../../domain/attempt-state.ts"
import { ERROR_CODES, ERROR_KINDS } from "../../domain/errors.ts"
import { RUN_KINDS, RUN_STATES } from "../../domain/run-state.ts"
import { TASK_RUN_STATES } from "../../domain/task-run-state.ts"
import { TEARDOWN_RULE, TRIGGER_RULES } from "../../domain/trigger-rule.ts"
import { jsonObjectSchema } from "../json.ts"
import { idSchema, instantSchema, listOf, pageQuerySchema } from "./common.ts"
import { waitSchema } from "./waits.ts"

export const failureSchema = z.object({
  code: z.enum(ERROR_CODES),
  message: z.string(),
  kind: z.enum(ERROR_KINDS),
  retry: z.enum(["never", "later"]),
  retryAfterMs: z.number().optional(),
  fingerprint: z.string(),
  where: z.string().nullable(),
  stack: z.string().nullable(),
})

/** How many task runs are in each state; states with none are left out. */
export const taskCountsSchema = z.partialRecord(z.enum(TASK_RUN_STATES), z.int())

export const runSummarySchema = z.object({
  id: idSchema,
  pipelineId: z.string(),
  version: z.int(),
  versionHash: z.string(),
  kind: z.enum(RUN_KINDS),
  state: z.enum(RUN_STATES),
  logicalAt: instantSchema,
  intervalStart: instantSchema,
  intervalEnd: instantSchema,
  partitionKey: z.string().nullable(),
  triggeredBy: z.string(),
  triggerReason: z.string().nullable(),
  createdAt: instantSchema,
  startedAt: instantSchema.nullable(),
  finishedAt: instantSchema.nullable(),
  durationMs: z.number().nullable(),
  tasks: taskCountsSchema,
  tasksTotal: z.int(),
  /** First task that failed and what it said, while the run is failed or failing. */
  failedTaskId: z.string().nullable(),
  errorMessage: z.string().nullable(),
  backfillId: idSchema.nullable(),
})
export type RunSummary = z.infer<typeof runSummarySchema>

export const attemptSchema = z.object({
  id: idSchema,
  number: z.int(),
  state: z.enum(ATTEMPT_STATES),
  workerId: z.string().nullable(),
  /** When its task run had become ready for it; null for tries that were recorded without. */
  readyAt: instantSchema.nullable(),
  /** When it got a slot that it had to wait for: before that it waited for it, after that for a worker. Null: no such wait. */
  admittedAt: instantSchema.nullable(),
  startedAt: instantSchema,
  finishedAt: instantSchema.nullable(),
  durationMs: z.number().nullable(),
  failure: failureSchema.nullable(),
  exitCode: z.int().nullable(),
  metrics: z.record(z.string(), z.number()),
  logLines: z.int(),
})
export type Attempt = z.infer<typeof attemptSchema>

/** The instances of a mapped task by outcome. `failed` counts failed and cancelled ones; the rest is not final yet. */
export const instanceCountsSchema = z.object({
  total: z.int(),
  success: z.int(),
  failed: z.int(),
  skipped: z.int(),
})
export type InstanceCounts = z.infer<typeof instanceCountsSchema>

export const taskRunSchema = z.object({
  id: idSchema,
  runId: idSchema,
  taskId: z.string(),
  /** Which instance of a mapped task, from 0; -1 for a task that runs once and for the mapped task itself. */
  mapIndex: z.int(),
  /** What an instance is called; null for all else. */
  label: z.string().nullable(),
  /** Of a mapped task that was expanded; null for all else. */
  instances: instanceCountsSchema.nullable(),
  group: z.string().nullable(),
  operator: z.string(),
  state: z.enum(TASK_RUN_STATES),
  /** In words: what it waits for, why it was skipped or failed. */
  reason: z.string().nullable(),
  /** What it waits for in an earlier run, where its past holds it up. */
  blockedBy: z.object({ runId: idSchema, taskId: z.string(), state: z.enum(TASK_RUN_STATES) }).nullish(),
  triggerRule: z.enum([...TRIGGER_RULES, TEARDOWN_RULE]),
  attemptCount: z.int(),
  maxAttempts: z.int(),
  readyAt: instantSchema.nullable(),
  /** The limit (`pool/name`) of which it waits for a slot; null when it is ready: it waits for a worker. */
  waitingFor: z.string().nullable(),
  nextAttemptAt: instantSchema.nullable(),
  startedAt: instantSchema.nullable(),
  finishedAt: instantSchema.nullable(),
  durationMs: z.number().nullable(),
  /** Newest last. */
  attempts: z.array(attemptSchema),
  outputs: jsonObjectSchema,
  /** What it is put off for, also while a sensor looks; null once it is over. */
  wait: waitSchema.nullable(),
})
export type TaskRun = z.infer<typeof taskRunSchema>

export const materializationViewSchema = z.object({
  taskId: z.string(),
  dataset: z.string(),
  partitionKey: z.string().nullable(),
  rowsInserted: z.int(),
  rowsUpdated: z.int(),
  rowsDeleted: z.int(),
  rowsRejected: z.int(),
  rowsTotal: z.int().nullable(),
  durationSeconds: z.number(),
  watermarkBefore: z.string().nullable(),
  watermarkAfter: z.string().nullable(),
  at: instantSchema,
})
export type MaterializationView = z.infer<typeof materializationViewSchema>

export const runDetailSchema = runSummarySchema.extend({
  params: jsonObjectSchema,
  note: z.string().nullable(),
  /** Without the instances of mapped tasks: see `GET /runs/{id}/task-runs`. */
  taskRuns: z.array(taskRunSchema),
  medianDurationMs: z.number().nullable(),
  /** By task id. */
  taskMediansMs: z.record(z.string(), z.number()),
  /** The last thousand. */
  materializations: z.array(materializationViewSchema),
  rowsWritten: z.int(),
  /** The task that started this run, where one did. */
  calledBy: z.object({ runId: idSchema, pipelineId: z.string(), taskId: z.string() }).nullable(),
})
export type RunDetail = z.infer<typeof runDetailSchema>

export const taskRunListQuerySchema = pageQuerySchema.extend({
  taskId: z.string().max(200).optional(),
  /** One instance by its index. */
  mapIndex: z.coerce.number().int().min(-1).max(1_000_000).optional(),
  /** Comma-separated. */
  state: listOf(TASK_RUN_STATES).optional(),
})
export type TaskRunListQuery = z.input<typeof taskRunListQuerySchema>

export const runListQuerySchema = pageQuerySchema.extend({
  pipelineId: z.string().optional(),
  /** Comma-separated. */
  state: listOf(RUN_STATES).optional(),
  kind: listOf(RUN_KINDS).optional(),
  backfillId: idSchema.optional(),
  /** Of creation: from inclusive, to exclusive. */
  from: instantSchema.optional(),
  to: instantSchema.optional(),
  /** Of the logical time: from inclusive, to exclusive. */
  logicalFrom: instantSchema.optional(),
  logicalTo: instantSchema.optional(),
  /** Matches run id, pipeline id or error message. */
  q: z.string().max(200).optional(),
})
export type RunListQuery = z.input<typeof runListQuerySchema>

/** One entry of a run's history. `type` is `run.created`, `run.cancel`, `task_run.failed` and the like. */
export const runEventSchema = z.object({
  id: idSchema,
  at: instantSchema,
  type: z.string(),
  taskRunId: idSchema.nullable(),
  taskId: z.string().nullable(),
  /** Who did it: a person, or `headrace`. */
  actor: z.string(),
  data: jsonObjectSchema,
})
export type RunEvent = z.infer<typeof runEventSchema>

export const attemptDetailSchema = attemptSchema.extend({
  taskRunId: idSchema,
  runId: idSchema,
  pipelineId: z.string(),
  taskId: z.string(),
})
export type AttemptDetail = z.infer<typeof attemptDetailSchema>

export const createRunSchema = z.object({
  pipelineId: z.string(),
  params: jsonObjectSchema.default({}),
  /** Default: now for manual runs. */
  logicalAt: instantSchema.optional(),
  /** Data interval; default: the latest complete one of the schedule or partition, else empty at `logicalAt`. */
  intervalStart: instantSchema.optional(),
  intervalEnd: instantSchema.optional(),
  /** Of a pipeline whose partitions have keys: the one to load. */
  staticKey: z.string().max(100).optional(),
  note: z.string().max(2000).optional(),
})
export type CreateRun = z.input<typeof createRunSchema>

/** `retry` runs failed tasks and what they blocked; `clear` runs the named tasks (and downstream) again. */
export const clearRunSchema = z.object({
  /** Empty: all failed, upstream_failed and cancelled tasks. */
  taskIds: z.array(z.string()).default([]),
  includeDownstream: z.boolean().default(true),
  /** True: also all that the named tasks are made from. */
  includeUpstream: z.boolean().default(false),
  /** True: of the named tasks only what failed; of mapped ones their failed instances. */
  onlyFailed: z.boolean().default(false),
  /** Only these instances of the one task named, which is mapped. */
  mapIndexes: z.array(z.int().min(0)).min(1).max(10_000).optional(),
  /** Which code runs: the version that the run pinned, or the pipeline's newest, to which the run is then moved. */
  version: z.enum(["pinned", "newest"]).default("pinned"),
  /** True: change nothing, answer what would change. */
  dryRun: z.boolean().default(false),
})
export type ClearRun = z.input<typeof clearRunSchema>

/** Runs all failed, upstream_failed and cancelled tasks of a run again, with what follows them. */
export const retryRunSchema = z.object({
  /** As for clearing. */
  version: z.enum(["pinned", "newest"]).default("pinned"),
  /** True: change nothing, answer what would change. */
  dryRun: z.boolean().default(false),
})
export type RetryRun = z.input<typeof retryRunSchema>

export const markTaskSchema = z.object({
  state: z.enum(["success", "failed", "skipped"]),
  dryRun: z.boolean().default(false),
})

/** Sets the outcome of tasks of a run by hand. */
export const markRunSchema = z.object({
  state: z.enum(["success", "failed", "skipped"]),
  /** Empty: the whole run. `success` and `skipped` then set all that did not end well, `failed` all that has not ended. */
  taskIds: z.array(z.string()).default([]),
  includeDownstream: z.boolean().default(false),
  dryRun: z.boolean().default(false),
})
export type MarkRun = z.input<typeof markRunSchema>

export const undoMarkSchema = z.object({ undoId: idSchema })

/** Moves an ended run to the newest version of the code without running again what is done. */
export const repinRunSchema = z.object({ dryRun: z.boolean().default(false) })

export const BULK_ACTIONS = ["retry", "cancel", "mark_success", "mark_failed", "repin"] as const
export type BulkAction = (typeof BULK_ACTIONS)[number]

export const bulkActionSchema = z.object({
  action: z.enum(BULK_ACTIONS),
  runIds: z.array(idSchema).min(1).max(500),
  /** For `retry`: which code runs. */
  version: z.enum(["pinned", "newest"]).default("pinned"),
  /** True: change nothing, answer what would change. */
  dryRun: z.boolean().default(false),
})
export type BulkRequestBody = z.input<typeof bulkActionSchema>

export const bulkResultSchema = z.object({
  action: z.enum(BULK_ACTIONS),
  items: z.array(
    z.object({
      runId: idSchema,
      /** False: it cannot be done to this run; `text` says why. */
      ok: z.boolean(),
      text: z.string(),
      /** How many task runs it concerns. */
      tasks: z.int(),
      undoId: idSchema.nullable(),
    }),
  ),
  text: z.string(),
  dryRun: z.boolean(),
})
export type BulkResult = z.infer<typeof bulkResultSchema>

/** What an action on a run does or would do, in numbers and in a sentence. */
export const runEffectSchema = z.object({
  runId: idSchema,
  taskIds: z.array(z.string()),
  /** Datasets that the tasks write again. */
  datasets: z.array(z.string()),
  text: z.string(),
  dryRun: z.boolean(),
  /** A version newer than the one the run has pinned, which it could be moved to; null where there is none. */
  newestVersion: z.int().nullable(),
  /** With this a mark can be undone, as long as nothing that it concerns has moved on. */
  undoId: idSchema.optional(),
})
export type RunEffect = z.infer<typeof runEffectSchema>

export const logLevelSchema = z.enum(["debug", "info", "warn", "error"])
export const logLineSchema = z.object({
  /** 1-based. */
  line: z.int(),
  at: instantSchema,
  level: logLevelSchema,
  message: z.string(),
})
export type LogLine = z.infer<typeof logLineSchema>

export const logQuerySchema = z.object({
  /** First line wanted, 1-based. Negative: that many lines from the end. */
  from: z.coerce.number().int().min(-5000).max(2_147_483_647).default(1),
  limit: z.coerce.number().int().min(1).max(5000).default(1000),
  /** Lowest level wanted. */
  level: logLevelSchema.optional(),
  /** Plain text, any case; searched on the server over the whole log. */
  q: z.string().max(200).optional(),
})
export const logPageSchema = z.object({
  attemptId: idSchema,
  state: z.enum(ATTEMPT_STATES),
  lines: z.array(logLineSchema),
  totalLines: z.int(),
  /** Lines that match `q` and `level` in the whole log. */
  matches: z.int(),
  firstErrorLine: z.int().nullable(),
})
export type LogPage = z.infer<typeof logPageSchema>
