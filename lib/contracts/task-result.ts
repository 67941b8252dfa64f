import { z } from "zod"
import { CHANNEL_KINDS } from "../domain/channel-kinds.ts"
import { QUALITY_DIMENSIONS } from "../domain/quality-dimensions.ts"
import { tracedDatasetSchema } from "./dataset-lineage.ts"
import { jsonObjectSchema, jsonSchema } from "./json.ts"

/** What a task leaves behind besides its state. */

export const materializationSchema = z.object({
  dataset: z.string(),
  partitionKey: z.string().nullable().default(null),
  rowsInserted: z.int().min(0).default(0),
  rowsUpdated: z.int().min(0).default(0),
  rowsDeleted: z.int().min(0).default(0),
  rowsRejected: z.int().min(0).default(0),
  /** True: it is one of several partitions of a load whose counts are known together only; they stand with the first. */
  sharesRows: z.boolean().default(false),
  /** Rows in the table afterwards, where that is known without a scan of its own. */
  rowsTotal: z.int().min(0).nullable().default(null),
  bytes: z.int().min(0).nullable().default(null),
  durationSeconds: z.number().min(0),
  schemaHash: z.string().nullable().default(null),
  columns: z
    .array(z.object({ name: z.string(), type: z.string() }))
    .nullable()
    .default(null),
  watermark: z
    .object({ source: z.string(), column: z.string(), before: z.string().nullable(), after: z.string() })
    .nullable()
    .default(null),
})
export type MaterializationRecord = z.infer<typeof materializationSchema>

/** `empty`: there were no rows to look at. `error`: it could not be computed. */
export const CHECK_STATES = ["passed", "failed", "empty", "error"] as const
export type CheckState = (typeof CHECK_STATES)[number]

/** Values of a failing row by column, those of sensitive columns masked. */
export const failingRowSchema = z.record(z.string(), z.string().nullable())
export type FailingRow = z.infer<typeof failingRowSchema>

export const checkOutcomeSchema = z.object({
  dataset: z.string(),
  name: z.string(),
  kind: z.string(),
  column: z.string().nullable(),
  dimension: z.enum(QUALITY_DIMENSIONS),
  severity: z.enum(["warn", "error"]),
  passed: z.boolean(),
  rowsChecked: z.int().min(0),
  rowsFailed: z.int().min(0),
  observed: jsonSchema.nullable(),
  message: z.string(),
  /** Follows from `passed` where left out. */
  state: z.enum(CHECK_STATES).optional(),
  partitionKey: z.string().nullish(),
  /** A few of the rows that failed. */
  samples: z.array(failingRowSchema).max(10).nullish(),
  /** What was expected, and what came of it: options, tags, notes, rows set aside. */
  details: jsonObjectSchema.nullish(),
})
export type CheckOutcome = z.infer<typeof checkOutcomeSchema>

export const scoreSchema = z.object({
  dataset: z.string(),
  dimension: z.enum([...QUALITY_DIMENSIONS, "overall"]),
  score: z.number().min(0).max(100),
  checks: z.int().min(1),
})
export type Score = z.infer<typeof scoreSchema>

export const notificationRecordSchema = z.object({
  channel: z.enum(CHANNEL_KINDS),
  /** Host or address without its secret part. */
  target: z.string(),
  subject: z.string(),
  state: z.enum(["sent", "failed"]),
  tries: z.int().min(1),
  error: z.string().nullable(),
})
export type NotificationRecord = z.infer<typeof notificationRecordSchema>

export const taskResultSchema = z.object({
  /** Named values that downstream tasks may take by reference. Together at most 256 kB as JSON. */
  outputs: jsonObjectSchema.default({}),
  /** Rows processed, inserted, updated, failed and so on, shown with the attempt. */
  metrics: z.record(z.string(), z.number()).default({}),
  materializations: z.array(materializationSchema).default([]),
  checks: z.array(checkOutcomeSchema).default([]),
  notifications: z.array(notificationRecordSchema).default([]),
  /** Where the columns of what it wrote come from; each dataset is among the materializations. */
  lineage: z.array(tracedDatasetSchema).default([]),
  /** Tasks behind it that must not run: what a branch or short-circuit decided. */
  skips: z
    .object({ taskIds: z.array(z.string()), reason: z.string() })
    .nullable()
    .default(null),
  /** Set: the task ends as skipped, with this reason. */
  skipped: z.string().nullable().default(null),
})
export type TaskResult = z.infer<typeof taskResultSchema>
export type TaskResultInput = z.input<typeof taskResultSchema>
