import { z } from "zod"
import { channelNameSchema } from "../contracts/deadline.ts"
import { CATCHUP_POLICIES } from "../contracts/manifest.ts"
import { durationOptionSchema } from "../contracts/operators/duration-option.ts"
import type { Duration } from "../domain/duration.ts"
import { TRIGGER_RULES, type TriggerRule } from "../domain/trigger-rule.ts"
import type { AfterHook, BeforeHook } from "./context.ts"
import { type DeadlineOption, deadlineOptionsSchema } from "./deadline-options.ts"
import type { GroupHandle, TaskHandle } from "./handles.ts"
import { type RetryRules, retryRulesSchema } from "./retry-options.ts"

/** What a task or a group can wait for: a handle, or the id of a task or the path of a group in the same pipeline. */
export type Dependency = TaskHandle<unknown> | GroupHandle | string

/** How tasks are tried, limited and wrapped; given with a pipeline, they hold for each of its tasks. */
export interface TaskDefaults {
  /** Tries after the first. Default 0. */
  retries?: number
  /** Wait before the first retry. Default `"10s"`. */
  retryDelay?: Duration
  /** Each further wait is `factor` (default 2) times the one before, at most `maxDelay` (default `"1h"`). */
  backoff?: { factor?: number; maxDelay?: Duration }
  /** Rules for failures of some kinds or codes, in place of the above. */
  retry?: RetryRules
  /** Time limit of one attempt. Default: none. */
  timeout?: Duration | null
  /** Memory limit of the process that runs the task's own code. Default 512. */
  memoryMb?: number
  /**
   * The task waits until the same task has succeeded or was skipped in the previous scheduled or backfill run of its
   * pipeline, by data interval.
   */
  dependsOnPast?: boolean
  /** Like `dependsOnPast`, and the tasks directly behind it in that run must have ended well too. */
  waitForDownstream?: boolean
  before?: BeforeHook
  after?: AfterHook
}

export interface TaskOptions extends TaskDefaults {
  description?: string
  /** Which outcomes of its upstreams start the task. Default `all_success`. */
  triggerRule?: TriggerRule
  upstream?: Dependency | Dependency[]
  /** Tables `schema.name` of the warehouse, or datasets `connection.schema.name`, besides those its options name. */
  reads?: string[]
  writes?: string[]
  /** When somebody is told that the task is late in its run. */
  deadlines?: DeadlineOption[]
}

export interface PipelineOptions<Params extends z.ZodObject = z.ZodObject> {
  /** Letters, digits, `_` and `-`; unique in the workspace, and the name of its history: renaming starts anew. */
  id: string
  description?: string
  owner?: string
  tags?: string[]
  /** Markdown. */
  docs?: string
  /** Five cron fields on the clock of a zone; a text alone means UTC. Left out: runs are started by hand. */
  schedule?: string | { cron: string; timezone?: string }
  /** Start of the first data interval: `"2026-01-01"` (midnight in the schedule's zone) or an instant with offset. */
  startDate?: string
  /** What happens to intervals missed in a pause or outage. Default `latest`: one run for the newest. */
  catchup?: (typeof CATCHUP_POLICIES)[number]
  /** Default 1. */
  maxActiveRuns?: number
  /** Length of one partition; makes the pipeline one that can be backfilled by range. */
  partition?: "hour" | "day" | "week" | "month"
  params?: Params
  /** Time limit of a run, counted from its start and anew when it is reopened: what is left of it then fails. Default: none. */
  timeout?: Duration | null
  /** When somebody is told that a run is late. */
  deadlines?: DeadlineOption[]
  /** Channel for the deadlines that name none. */
  notify?: string
  defaults?: TaskDefaults
}

const hook = z.custom<(...args: never[]) => unknown>((value) => typeof value === "function", "write a function")
const defaultsShape = {
  retries: z.int().min(0).max(100).optional(),
  retryDelay: durationOptionSchema.optional(),
  backoff: z
    .strictObject({ factor: z.number().min(1).max(100).optional(), maxDelay: durationOptionSchema.optional() })
    .optional(),
  retry: retryRulesSchema.optional(),
  timeout: durationOptionSchema.nullable().optional(),
  dependsOnPast: z.boolean().optional(),
  waitForDownstream: z.boolean().optional(),
  memoryMb: z.int().min(64).max(1_048_576).optional(),
  before: hook.optional(),
  after: hook.optional(),
}

export const taskOptionsSchema = z.strictObject({
  ...defaultsShape,
  description: z.string().optional(),
  triggerRule: z.enum(TRIGGER_RULES).optional(),
  upstream: z.unknown().optional(),
  reads: z.array(z.string()).optional(),
  writes: z.array(z.string()).optional(),
  deadlines: deadlineOptionsSchema.optional(),
})

/** `params` and `schedule` have checks of their own, with better words. */
export const pipelineOptionsSchema = z.strictObject({
  id: z.string(),
  description: z.string().optional(),
  owner: z.string().optional(),
  tags: z.array(z.string()).optional(),
  docs: z.string().optional(),
  schedule: z.union([z.string(), z.strictObject({ cron: z.string(), timezone: z.string().optional() })]).optional(),
  startDate: z.string().optional(),
  catchup: z.enum(CATCHUP_POLICIES).optional(),
  maxActiveRuns: z.int().min(1).max(1_000).optional(),
  partition: z.enum(["hour", "day", "week", "month"]).optional(),
  params: z.unknown().optional(),
  timeout: durationOptionSchema.nullable().optional(),
  deadlines: deadlineOptionsSchema.optional(),
  notify: channelNameSchema.optional(),
  defaults: z.strictObject(defaultsShape).optional(),
})

const ID = /^[A-Za-z][A-Za-z0-9_-]{0,99}$/

/** What is wrong with the id of a pipeline, group or task, or null. Ids go into URLs, file names and SQL comments. */
export function idProblem(what: string, id: unknown): string | null {
  if (typeof id === "string" && ID.test(id)) return null
  return `${what} has the id ${JSON.stringify(id)}; use up to 100 letters, digits, "_" and "-", starting with a letter.`
}
