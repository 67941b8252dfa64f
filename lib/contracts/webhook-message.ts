import { z } from "zod"
import { FRESHNESS_STATES } from "../domain/freshness/freshness-policy.ts"
import { RUN_STATES } from "../domain/run-state.ts"
import { WEBHOOK_EVENTS } from "../domain/webhook-events.ts"
import { idSchema, instantSchema } from "./api/common.ts"

const GROUPS = [...new Set(WEBHOOK_EVENTS.map((name) => name.split(".")[0]!))]

/** One name of {@link WEBHOOK_EVENTS}, a group of them (`run.*`), or all (`*`). */
export const eventPatternSchema = z
  .string()
  .refine(
    (pattern) =>
      pattern === "*" ||
      (WEBHOOK_EVENTS as readonly string[]).includes(pattern) ||
      (pattern.endsWith(".*") && GROUPS.includes(pattern.slice(0, -2))),
    {
      error: `expected an event (run.failed), a group of them (${GROUPS.map((group) => `${group}.*`).join(", ")}) or *`,
    },
  )

/**
 * The body of a webhook, version 1. Fields are added without a new version; types too, so receivers pass over what they do
 * not know. It carries states, names and times, never params, outputs, rows or secrets. `error.message` is the sentence
 * that the run page shows.
 */
export const webhookMessageSchema = z.object({
  version: z.literal(1),
  /** The same in the header `webhook-id`: what a repetition is known by. */
  id: z.string(),
  type: z.string(),
  /** When it happened, not when it was sent. */
  timestamp: instantSchema,
  data: z.object({
    /** Who did it: a person, `schedule`, or `headrace`. */
    actor: z.string(),
    pipelineId: z.string().nullable(),
    run: z
      .object({
        id: idSchema,
        kind: z.string(),
        /** When the message was made; a later message may be the cause of another. */
        state: z.enum(RUN_STATES),
        version: z.int(),
        logicalAt: instantSchema,
        intervalStart: instantSchema,
        intervalEnd: instantSchema,
        partitionKey: z.string().nullable(),
        backfillId: idSchema.nullable(),
        createdAt: instantSchema,
        startedAt: instantSchema.nullable(),
      })
      .nullable(),
    task: z.object({ runId: idSchema, id: idSchema, taskId: z.string(), attempt: z.int() }).nullable(),
    /** What a `freshness.…` event is about, as it was when that happened; absent for others. */
    dataset: z
      .object({
        id: z.string(),
        state: z.enum(FRESHNESS_STATES),
        since: instantSchema,
        dueAt: instantSchema.nullable(),
        message: z.string(),
      })
      .optional(),
    error: z.object({ taskId: z.string().nullable(), code: z.string().nullable(), message: z.string() }).nullable(),
    /** Of `incident.*`. */
    incident: z
      .object({
        id: idSchema,
        kind: z.string(),
        title: z.string(),
        severity: z.string(),
        state: z.string(),
        datasetId: z.string().nullable(),
      })
      .optional(),
  }),
})
export type WebhookMessage = z.infer<typeof webhookMessageSchema>
