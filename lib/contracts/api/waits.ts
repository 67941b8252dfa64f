import { z } from "zod"
import { RUN_STATES } from "../../domain/run-state.ts"
import { TIMEOUT_ACTIONS, WAIT_KINDS } from "../../domain/wait.ts"
import { idSchema, instantSchema, listOf, pageQuerySchema } from "./common.ts"

/** What a task run waits for without a worker. */
export const waitSchema = z.object({
  kind: z.enum(WAIT_KINDS),
  /** In a sentence. */
  text: z.string(),
  since: instantSchema,
  /** When it is woken, or looked at again; null where an event alone does that. */
  wakeAt: instantSchema.nullable(),
  /** When it ends in vain. */
  expiresAt: instantSchema.nullable(),
  onTimeout: z.enum(TIMEOUT_ACTIONS),
  /** How often it was looked at. */
  polls: z.int(),
  /** Zone in which the author wrote a time of day. */
  timezone: z.string().nullable(),
  dataset: z.string().nullable(),
  partitionKey: z.string().nullable(),
  approval: z.object({ title: z.string(), details: z.string(), approvers: z.array(z.string()) }).nullable(),
  run: z.object({ id: idSchema, pipelineId: z.string(), state: z.enum(RUN_STATES) }).nullable(),
})
export type Wait = z.infer<typeof waitSchema>

export const openWaitSchema = waitSchema.extend({
  taskRunId: idSchema,
  runId: idSchema,
  pipelineId: z.string(),
  taskId: z.string(),
})
export type OpenWait = z.infer<typeof openWaitSchema>

export const waitListQuerySchema = pageQuerySchema.extend({
  /** Comma-separated. */
  kind: listOf(WAIT_KINDS).optional(),
  runId: idSchema.optional(),
})

export const decideApprovalSchema = z.object({
  decision: z.enum(["approve", "reject"]),
  comment: z.string().max(2_000).default(""),
})
export type DecideApproval = z.input<typeof decideApprovalSchema>

export const approvalReceiptSchema = z.object({
  runId: idSchema,
  pipelineId: z.string(),
  taskId: z.string(),
  decision: z.enum(["approved", "rejected"]),
})
export type ApprovalReceipt = z.infer<typeof approvalReceiptSchema>
