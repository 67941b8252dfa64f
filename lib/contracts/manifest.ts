import { z } from "zod"
import { DEFAULT_MAP_LIMIT, MAX_MAP_LIMIT } from "../domain/mapping.ts"
import { PARTITION_UNITS } from "../domain/partition.ts"
import { CATCHUP_POLICIES } from "../domain/schedule.ts"
import { TEARDOWN_RULE, TRIGGER_RULES } from "../domain/trigger-rule.ts"
import type { LoadedAlertRule } from "./alerts/alert-rule.ts"
import type { DatasetDocument } from "./dataset-document.ts"
import { deadlineSchema } from "./deadline.ts"
import { jsonObjectSchema, jsonSchema } from "./json.ts"
import { manifestScheduleSchema, manifestTriggersSchema, NO_TRIGGERS } from "./manifest-schedule.ts"
import type { LoadedPolicy } from "./quality/dataset-policy.ts"

/**
 * The manifest: one pipeline as plain data, all that the scheduler, the API and the console ever read. Author code stays
 * behind in the files; a task whose work is code names itself and is called by (file, pipeline id, task id).
 *
 * Inside `options`, four one-key objects stand for values known only when the task runs:
 * `{ "$output": { "task": "extract_orders", "path": ["rows"] } }`, `{ "$param": "day" }`,
 * `{ "$run": "intervalStart" | "intervalEnd" | "logicalAt" | "partitionKey" | "partitionKeys" | "partition.time" |
 * "partition.key" | "runId" }` and, in a mapped task, `{ "$item": ["name"] }` for its instance's item, or a part of it.
 */
export const sourceLocationSchema = z.object({ file: z.string(), line: z.int().positive() })
export type SourceLocation = z.infer<typeof sourceLocationSchema>

export const retryPolicySchema = z.object({
  retries: z.int().min(0).max(100),
  delayMs: z.number().min(0),
  backoffFactor: z.number().min(1),
  maxDelayMs: z.number().min(0),
})

/** How a task is mapped: one instance for each item of a list that is known when its upstreams have ended. */
export const taskMapSchema = z.object({
  /** A list, a reference to one, or two of them whose every pair is an item. */
  over: z.union([z.strictObject({ cross: z.tuple([jsonSchema, jsonSchema]) }), jsonSchema]),
  /** What an instance is called: a text with references, or null for the item itself. */
  label: jsonSchema.nullable().default(null),
  /** Most items allowed. */
  limit: z.int().min(1).max(MAX_MAP_LIMIT).default(DEFAULT_MAP_LIMIT),
  /** Most instances under way at a time; null for no limit of its own. */
  maxActive: z.int().min(1).nullable().default(null),
  /** How many instances may fail without failing the task. */
  tolerance: z
    .union([z.strictObject({ count: z.int().min(0) }), z.strictObject({ percent: z.number().min(0).max(100) })])
    .default({ count: 0 }),
})
export type TaskMap = z.infer<typeof taskMapSchema>

/** A limit that tasks share under a key, across pipelines. */
export const concurrencySchema = z.object({ key: z.string(), limit: z.int().min(1) })

export const manifestTaskSchema = z.object({
  id: z.string(),
  /** Path of the group it stands in, `extraction` or `outer.inner`; null at the top. */
  group: z.string().nullable(),
  /** Name of the operator that runs it: `sql`, `extract`, `fn` … */
  operator: z.string(),
  options: jsonObjectSchema,
  description: z.string(),
  /** Ids of the tasks it waits for; dependencies on groups are resolved. */
  upstream: z.array(z.string()),
  triggerRule: z.enum([...TRIGGER_RULES, TEARDOWN_RULE]),
  retry: retryPolicySchema,
  /** By kind or code of a failure, in place of `retry`. */
  retryRules: z.record(z.string(), retryPolicySchema).default({}),
  /** It waits for its own outcome in the previous run of the series. */
  dependsOnPast: z.boolean().default(false),
  /** And for those of the tasks directly behind it there. */
  waitForDownstream: z.boolean().default(false),
  /** When it is late in a run. */
  deadlines: z.array(deadlineSchema).default([]),
  /** Execution time limit of one attempt; null for none. */
  timeoutMs: z.number().positive().nullable(),
  /** Memory limit of the child process for tasks that run author code. */
  memoryMb: z.int().positive(),
  /** Pool whose slots it takes while it runs; null for none. */
  pool: z.string().nullable().default(null),
  poolSlots: z.int().min(1).default(1),
  concurrency: concurrencySchema.nullable().default(null),
  /** Points that it adds to the chain of tasks it stands in; a point is worth a second of waiting. */
  priority: z.int().min(0).default(1),
  hooks: z.object({ before: z.boolean(), after: z.boolean() }),
  /** Datasets `warehouse.schema.name`. */
  reads: z.array(z.string()),
  writes: z.array(z.string()),
  source: sourceLocationSchema.nullable(),
  /** Null for a task that runs once. */
  map: taskMapSchema.nullable().default(null),
  /** True: it prepares what tear-downs take away again. */
  setup: z.boolean().default(false),
  /** Ids of the setups that it tears down. */
  teardownOf: z.array(z.string()).default([]),
  /** False only for tear-downs: their failure is shown, but their run is judged without it. */
  failsRun: z.boolean().default(true),
})
export type ManifestTask = z.infer<typeof manifestTaskSchema>

export const manifestGroupSchema = z.object({
  /** Dotted path; the last part is its name. */
  id: z.string(),
  parent: z.string().nullable(),
  description: z.string(),
})

export const partitionUnitSchema = z.enum(PARTITION_UNITS)

/** The first cron of a pipeline in its short form. */
export const cronZoneSchema = z.object({ cron: z.string(), timezone: z.string() })

export const manifestSchema = z.object({
  id: z.string(),
  description: z.string(),
  owner: z.string().nullable(),
  tags: z.array(z.string()),
  /** Markdown. */
  docs: z.string(),
  /** Manifests stored before there were `schedules` have only this one: {@link schedulesOf} reads both. */
  schedule: cronZoneSchema.nullable(),
  schedules: z.array(manifestScheduleSchema).default([]),
  /** What starts runs besides schedules. */
  triggers: manifestTriggersSchema.default(NO_TRIGGERS),
  /** Zone of the pipeline's days and hours (partitions); null: that of its first schedule, see {@link zoneOf}. */
  timezone: z.string().nullable().default(null),
  /** UTC instant of the first data interval's start; null: the first tick after the pipeline is first seen. */
  startDate: z.iso.datetime().nullable(),
  catchup: z.enum(CATCHUP_POLICIES),
  maxActiveRuns: z.int().min(1),
  /** Tasks of all of its runs at a time; null for no limit. */
  maxActiveTasks: z.int().min(1).nullable().default(null),
  /** Each of its tasks takes one slot under the key. */
  concurrency: concurrencySchema.nullable().default(null),
  /** Points added to all of its tasks. */
  priority: z.int().default(0),
  /** JSON Schema (2020-12) of the params object, with defaults; null: the pipeline takes none. */
  params: jsonObjectSchema.nullable(),
  /**
   * How data is partitioned: by intervals of this length, by fixed keys (`by` is null), or by both; each run loads one such
   * partition. Null: cannot be backfilled.
   */
  partition: z
    .union([partitionUnitSchema, z.object({ by: partitionUnitSchema.nullable(), keys: z.array(z.string()).min(1) })])
    .nullable(),
  /** Time limit of a run; null for none. */
  timeoutMs: z.number().positive().nullable().default(null),
  /** When a run is late. */
  deadlines: z.array(deadlineSchema).default([]),
  groups: z.array(manifestGroupSchema),
  tasks: z.array(manifestTaskSchema),
  /** File that declares it, relative to the workspace. */
  file: z.string(),
})
export type Manifest = z.infer<typeof manifestSchema>

/** Something wrong in the workspace, where, and what to do about it. Lines and columns are 1-based. */
export const workspaceProblemSchema = z.object({
  file: z.string(),
  line: z.int().nullable(),
  column: z.int().nullable(),
  pipelineId: z.string().nullable(),
  /** Machine name of what is wrong. */
  rule: z.enum([
    "syntax",
    "import",
    "exception",
    "duplicate_pipeline",
    "duplicate_task",
    "unknown_dependency",
    "cycle",
    "bad_id",
    "bad_cron",
    "bad_timezone",
    "bad_param",
    "bad_option",
    "dbt",
    "bad_policy",
    "bad_alert_rule",
    "bad_expectation",
    "bad_duration",
    "missing_file",
    "unknown_connection",
  ]),
  message: z.string(),
})
export type WorkspaceProblem = z.infer<typeof workspaceProblemSchema>

/** What loading a workspace yields: the good pipelines with their files, policies, alert rules, and what is wrong with the others. */
export interface LoadedWorkspace {
  pipelines: LoadedPipeline[]
  policies?: LoadedPolicy[]
  alertRules?: LoadedAlertRule[]
  problems: WorkspaceProblem[]
}
export interface LoadedPipeline {
  manifest: Manifest
  /** Text of each file the pipeline executes from, by path relative to the workspace. */
  files: Record<string, string>
  /** What dbt projects say of its datasets. They follow from the files, so the hash does without them. */
  documents?: DatasetDocument[]
  /** SHA-256 over manifest and files: equal hash, equal version. */
  hash: string
}
