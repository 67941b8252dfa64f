import { z } from "zod"
import { TIMEOUT_ACTIONS } from "../domain/wait.ts"
import { type Json, jsonSchema } from "./json.ts"

const instant = z.iso.datetime()
const base = {
  /** Where it ends whatever happens; null: it may last for ever. */
  expiresAt: instant.nullable(),
  onTimeout: z.enum(TIMEOUT_ACTIONS),
  /** A sentence for people: `Waits until …`. */
  text: z.string(),
}

/** What an operator asks for when it puts its task off: the worker is free until it comes true. */
export const waitRequestSchema = z.discriminatedUnion("kind", [
  z.object({ ...base, kind: z.literal("time"), wakeAt: instant, timezone: z.string() }),
  z.object({ ...base, kind: z.literal("poll"), wakeAt: instant }),
  z.object({
    ...base,
    kind: z.literal("dataset"),
    dataset: z.string(),
    partitionKey: z.string().nullable(),
    /** A load before this instant does not count; null: any does. */
    since: instant.nullable(),
  }),
  z.object({ ...base, kind: z.literal("callback"), tokenHash: z.string() }),
  z.object({
    ...base,
    kind: z.literal("approval"),
    title: z.string(),
    details: z.string(),
    approvers: z.array(z.string()),
  }),
  z.object({ ...base, kind: z.literal("run"), childRunId: z.string(), pipelineId: z.string() }),
])
export type WaitRequest = z.infer<typeof waitRequestSchema>

export const decisionSchema = z.object({
  decision: z.enum(["approved", "rejected"]),
  by: z.string(),
  comment: z.string(),
  at: instant,
})
export type Decision = z.infer<typeof decisionSchema>

export const callbackSchema = z.object({ payload: jsonSchema, at: instant })

/** What an attempt after a wait has to go on with. */
export interface Resume {
  /** When the task was first put off. */
  since: Date
  expiresAt: Date | null
  /** How often it was looked at in vain. */
  polls: number
  childRunId: string | null
  /** What came; null where nothing is brought along (time, poll, dataset, run). */
  response: Json
}
