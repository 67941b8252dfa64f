import { z } from "zod"
import { POOL_NAME } from "../../domain/admission.ts"
import { idSchema, instantSchema } from "./common.ts"

/** How many tasks may go at once, and how many do. */
export const slotLimitSchema = z.object({
  /** `pool/name`, `pipeline/id`, `key/name`. */
  id: z.string(),
  kind: z.enum(["pool", "pipeline", "key"]),
  name: z.string(),
  description: z.string(),
  /** 0 lets nothing go; null: no limit any more. */
  capacity: z.int().nullable(),
  /** Slots that task runs hold: those that run, and those that wait for a worker only. */
  used: z.int(),
  /** Task runs that wait for a slot of it. */
  waiting: z.int(),
  /** Since when the one that has waited longest is ready. */
  oldestSince: instantSchema.nullable(),
})
export type SlotLimit = z.infer<typeof slotLimitSchema>

export const poolNameSchema = z.string().regex(POOL_NAME)

export const setPoolSchema = z.object({
  capacity: z.int().min(0).max(1_000_000),
  /** Left out: stays as it is. */
  description: z.string().max(1_000).optional(),
})

/** What waits for what. */
export const queueSchema = z.object({
  generatedAt: instantSchema,
  /** Ready, and admitted to all limits: only a worker is missing. */
  waitingForWorker: z.object({ count: z.int(), oldestSince: instantSchema.nullable() }),
  /** Ready, and waiting for a slot of a limit. */
  waitingForSlot: z.object({ count: z.int(), oldestSince: instantSchema.nullable() }),
  running: z.int(),
  /** Slots of the workers that are alive and take work. */
  workerSlots: z.int(),
  /** Waiting for their next try. */
  retrying: z.object({ count: z.int(), nextAt: instantSchema.nullable() }),
  deferred: z.int(),
  /** All pools, and other limits of which slots are held or waited for. Those that are waited for most come first. */
  limits: z.array(slotLimitSchema),
  /** Attempts that ended in each of the last 15 minutes, the oldest first; minutes without any are there too. */
  throughput: z.array(z.object({ minute: instantSchema, ended: z.int(), failed: z.int() })),
})
export type Queue = z.infer<typeof queueSchema>

export const waitingQuerySchema = z.object({
  /** Id of a limit; left out: those that wait for a worker. */
  waitingFor: z.string().max(300).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
})

/** A ready task run in its place in the queue. */
export const waitingTaskSchema = z.object({
  taskRunId: idSchema,
  runId: idSchema,
  pipelineId: z.string(),
  taskId: z.string(),
  /** Points; one is worth a second of waiting. */
  priority: z.int(),
  readyAt: instantSchema,
  /** Null: a worker. */
  waitingFor: z.string().nullable(),
})
export type WaitingTask = z.infer<typeof waitingTaskSchema>
