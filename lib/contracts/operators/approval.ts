import { z } from "zod"
import { TIMEOUT_ACTIONS } from "../../domain/wait.ts"
import { durationOptionSchema } from "./duration-option.ts"
import { channelSchema, onTimeoutSchema } from "./wait-options.ts"

/** Options of `approval`: a person says whether the run goes on. */
export const approvalOptionsSchema = z.strictObject({
  /** The question, in a few words. */
  title: z.string().min(1).max(300),
  /** What one should know to answer it. */
  text: z.string().max(20_000).default(""),
  /** Who is asked, for people to read; without accounts everybody who reaches Headrace may answer. */
  approvers: z.array(z.string().min(1).max(200)).max(100).default([]),
  timeout: durationOptionSchema.default("7d"),
  onTimeout: onTimeoutSchema,
  /** What a rejection does to the task. */
  onReject: z.enum(TIMEOUT_ACTIONS).default("fail"),
  /** Where the question is also sent, with the address of the answer. */
  channel: channelSchema.optional(),
})
export type ApprovalOptions = z.output<typeof approvalOptionsSchema>
