import { z } from "zod"
import { channelNameSchema } from "../contracts/deadline.ts"
import { durationOptionSchema } from "../contracts/operators/duration-option.ts"
import type { Duration } from "../domain/duration.ts"
import { MAX_MAP_LIMIT } from "../domain/mapping.ts"
import { PARTITION_UNITS, type PartitionUnit } from "../domain/partition.ts"
import { MAX_STATIC_KEYS, STATIC_KEY } from "../domain/partition-scheme.ts"
import { MAX_TASK_PRIORITY } from "../domain/priority.ts"
import { CATCHUP_POLICIES } from "../domain/schedule.ts"
import { type AuthorTriggerRule, TRIGGER_RULES } from "../domain/trigger-rule.ts"
import type { AfterHook, BeforeHook } from "./context.ts"
import { type DeadlineOption, deadlineOptionsSchema } from "./deadline-options.ts"
import type { AnyTask, GroupHandle, MappedTaskHandle, TaskHandle } from "./handles.ts"
import { type RetryRules, retryRulesSchema } from "./retry-options.ts"
import type { AfterOption, DatasetsOption, ScheduleOption } from "./schedule-options.ts"

/** What a task or a group can wait for: a handle, or the id of a task or the path of a group in the same pipeline. */
export type Dependency = TaskHandle<unknown> | MappedTaskHandle<unknown> | GroupHandle | string

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
  /** Pool whose slots the task takes while it runs; made with 8 slots when nobody has made it. Default: none. */
  pool?: string
  /** Slots it takes of its pool. Default 1. */
  poolSlots?: number
  /** At most `limit` tasks under this key run at a time, whatever pipelines they belong to. */
  concurrency?: { key: string; limit: number }
  /** Weight of the task in the queue, 0 to 500. Default 1. A point is worth a second of waiting. */
  priority?: number
  before?: BeforeHook
  after?: AfterHook
}

export interface TaskOptions extends TaskDefaults {
  description?: string
  /** Which outcomes of its upstreams start the task. Default `all_success`. */
  triggerRule?: AuthorTriggerRule
  upstream?: Dependency | Dependency[]
  /** Tables `schema.name` of the warehouse, or datasets `connection.schema.name`, besides those its options name. */
  reads?: string[]
  writes?: string[]
  /** When somebody is told that the task is late in its run. */
  deadlines?: DeadlineOption[]
  /** It prepares what the tasks behind it need: clearing one of them clears it too. `teardown` makes its setups such. */
  setup?: boolean
  /**
   * It takes away again what setups prepared: it runs once everything between is over, when a setup succeeded, also after
   * failures and on cancel. Its own failure fails the run only with `failsRun`.
   */
  teardown?: { of: AnyTask | string | (AnyTask | string)[]; failsRun?: boolean }
}

/** Options of mapped tasks only. `Items` are the references that the build function gets. */
export interface MapOptions<Items extends unknown[] = unknown[]> {
  /** What an instance is called on screens: `(item) => item.name`. Default: the item itself, shortened. */
  label?: (...items: Items) => unknown
  /** Most items; a longer list fails the task. Default 10,000. */
  limit?: number
  /** Most instances under way at a time. Default: no limit but those that hold for any task. */
  maxActive?: number
  /** How many instances may fail without failing the task: a number, or a share such as `"5%"`. Default 0. */
  maxFailed?: number | `${number}%`
}

export interface PipelineOptions<Params extends z.ZodObject = z.ZodObject> {
  /** Letters, digits, `_` and `-`; unique in the workspace, and the name of its history: renaming starts anew. */
  id: string
  description?: string
  owner?: string
  tags?: string[]
  /** Markdown. */
  docs?: string
  /** When it runs; a text alone is a cron expression. See docs/schedules.md for all kinds. */
  schedule?: ScheduleOption
  /** Several schedules, each with its own runs. */
  schedules?: ScheduleOption[]
  /** IANA zone of its schedules and partitions where they name none. Default: that of the first schedule, else UTC. */
  timezone?: string
  /** Runs it when datasets were written by other pipelines. */
  datasets?: DatasetsOption
  /** Runs it when runs of other pipelines ended; a text alone means: in success. */
  after?: AfterOption | AfterOption[]
  /** Runs it for each event of these names that the API receives; the event's payload becomes the run's params. */
  events?: string | string[]
  /** Start of the first data interval: `"2026-01-01"` (midnight in the schedule's zone) or an instant with offset. */
  startDate?: string
  /** End of the last data interval, as `startDate`; of a date, the whole day counts. */
  endDate?: string
  /** What happens to intervals missed in a pause or outage. Default `latest`: one run for the newest. */
  catchup?: (typeof CATCHUP_POLICIES)[number]
  /** Default 1. */
  maxActiveRuns?: number
  /** How many tasks of all its runs go at a time. Default: no limit. */
  maxActiveTasks?: number
  /** Each task of the pipeline takes one of `limit` slots under this key while it runs. */
  concurrency?: { key: string; limit: number }
  /** Points for all of its tasks, −10,000 to 10,000. Default 0. A point is worth a second of waiting. */
  priority?: number
  /**
   * What one run loads, which makes the pipeline one that can be backfilled: an interval of this length, one of fixed keys,
   * or one key of one interval.
   */
  partition?: PartitionUnit | { by?: PartitionUnit; keys: string[] }
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
const limitName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$/, 'use up to 100 letters, digits, "_", ".", ":" and "-"')
const concurrency = z.strictObject({ key: limitName, limit: z.int().min(1).max(10_000) })
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
  pool: limitName.optional(),
  poolSlots: z.int().min(1).max(10_000).optional(),
  concurrency: concurrency.optional(),
  priority: z.int().min(0).max(MAX_TASK_PRIORITY).optional(),
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
  setup: z.boolean().optional(),
  teardown: z.strictObject({ of: z.unknown(), failsRun: z.boolean().optional() }).optional(),
})

export const mappedTaskOptionsSchema = taskOptionsSchema.extend({
  label: hook.optional(),
  limit: z.int().min(1).max(MAX_MAP_LIMIT).optional(),
  maxActive: z.int().min(1).max(MAX_MAP_LIMIT).optional(),
  maxFailed: z
    .union([z.int().min(0), z.string().regex(/^(100|\d{1,2})(\.\d+)?%$/, 'write a number or a share such as "5%"')])
    .optional(),
})

/** `params`, schedules and triggers have checks of their own, with better words. */
export const pipelineOptionsSchema = z.strictObject({
  id: z.string(),
  description: z.string().optional(),
  owner: z.string().optional(),
  tags: z.array(z.string()).optional(),
  docs: z.string().optional(),
  schedule: z.unknown().optional(),
  schedules: z.unknown().optional(),
  timezone: z.string().optional(),
  datasets: z.unknown().optional(),
  after: z.unknown().optional(),
  events: z.unknown().optional(),
  startDate: z.string().optional(),
  endDate: z.string().optional(),
  catchup: z.enum(CATCHUP_POLICIES).optional(),
  maxActiveRuns: z.int().min(1).max(1_000).optional(),
  maxActiveTasks: z.int().min(1).max(10_000).optional(),
  concurrency: concurrency.optional(),
  priority: z.int().min(-10_000).max(10_000).optional(),
  partition: z
    .union(
      [
        z.enum(PARTITION_UNITS),
        z.strictObject({
          by: z.enum(PARTITION_UNITS).optional(),
          keys: z
            .array(
              z
                .string()
                .regex(
                  STATIC_KEY,
                  'a key has up to 100 letters, digits, "_", "-" and ".", and does not begin like a date',
                ),
            )
            .min(1, "name at least one key")
            .max(MAX_STATIC_KEYS, `name at most ${MAX_STATIC_KEYS} keys`)
            .refine((keys) => new Set(keys).size === keys.length, "a key is named twice"),
        }),
      ],
      { error: 'write "hour", "day", "week" or "month", or { by, keys }' },
    )
    .optional(),
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
