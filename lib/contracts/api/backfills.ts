import { z } from "zod"
import { BACKFILL_SELECTIONS, SLOT_STATES } from "../../domain/backfill-plan.ts"
import { RUN_STATES } from "../../domain/run-state.ts"
import { TASK_NEIGHBOURS } from "../../domain/select-tasks.ts"
import { jsonObjectSchema } from "../json.ts"
import { idSchema, instantSchema, pageQuerySchema } from "./common.ts"

export const BACKFILL_STATES = ["running", "paused", "success", "failed", "cancelled"] as const

const perRun = z.int().min(1).max(1_000)
const concurrency = z.int().min(1).max(64)
/** Live runs have 1000 and more. */
const priority = z.int().min(-1000).max(1000)

export const createBackfillSchema = z.object({
  pipelineId: z.string(),
  /** First day, inclusive, in the pipeline's zone. With `to`, or else `partitions`. */
  from: z.iso.date().optional(),
  /** Last day, inclusive. */
  to: z.iso.date().optional(),
  /**
   * Days, ranges of days and keys, with commas between: `2026-01-01..2026-03-31, 2026-04-02`, `eu, us`, `2026-01-01|eu`. Of a
   * pipeline whose partitions have no time, left out with `from` and `to` for all keys.
   */
  partitions: z.string().max(20_000).optional(),
  /** Of a pipeline whose partitions have keys, only these; empty: all. */
  keys: z.array(z.string()).max(1_000).default([]),
  /** `stale`: what it reads was loaded later, or the code that loads it changed. */
  selection: z.enum(BACKFILL_SELECTIONS).default("all"),
  order: z.enum(["oldest", "newest"]).default("oldest"),
  /** Runs at a time, beside the pipeline's own limit. */
  concurrency: concurrency.default(1),
  /** How many partitions one run loads, where they follow each other in time. */
  perRun: perRun.default(1),
  priority: priority.default(0),
  /** Tasks to run; empty: the whole pipeline. */
  tasks: z.array(z.string()).max(1_000).default([]),
  /** What goes with the named tasks. */
  with: z.enum(TASK_NEIGHBOURS).default("none"),
  params: jsonObjectSchema.default({}),
  dryRun: z.boolean().default(false),
})
export type CreateBackfill = z.input<typeof createBackfillSchema>

export const backfillSlotSchema = z.object({
  /** In order of execution, from 0. */
  position: z.int(),
  /** Position of the first slot that its run loads. */
  group: z.int(),
  partitionKey: z.string(),
  logicalAt: instantSchema,
  intervalEnd: instantSchema,
  action: z.enum(["create", "skip"]),
  reason: z.string(),
  runId: idSchema.nullable(),
  runState: z.enum(RUN_STATES).nullable(),
  /** In a preview: how the partition's newest run ended, `running` while it lives; null when it never ran. */
  lastState: z.enum(["success", "failed", "running", "cancelled"]).nullable().optional(),
  /** In a preview: whether what it holds is out of date, and rows and time of its newest good run. */
  isStale: z.boolean().optional(),
  lastRows: z.number().nullable().optional(),
  lastDurationMs: z.number().nullable().optional(),
  /** How often it was run in this backfill. */
  tries: z.int().optional(),
})
export type BackfillSlot = z.infer<typeof backfillSlotSchema>
export const backfillSchema = z.object({
  id: idSchema.nullable(),
  pipelineId: z.string(),
  state: z.enum(BACKFILL_STATES).nullable(),
  selection: z.string(),
  order: z.string(),
  concurrency: z.int(),
  /** Partitions a run. */
  perRun: z.int(),
  priority: z.int(),
  params: jsonObjectSchema,
  /** Tasks that its runs consist of; empty: all. */
  tasks: z.array(z.string()),
  createdBy: z.string(),
  createdAt: instantSchema.nullable(),
  finishedAt: instantSchema.nullable(),
  /** Why it paused itself; null where a person did, or it is not paused. */
  pauseReason: z.string().nullable(),
  /** Of a preview only; those of a stored backfill are read page by page. */
  slots: z.array(backfillSlotSchema),
  /** Keys of the first and the last partition in time; left out of previews. */
  range: z.object({ from: z.string(), to: z.string() }).optional(),
  counts: z.object({
    total: z.int(),
    create: z.int(),
    skip: z.int(),
    done: z.int(),
    failed: z.int(),
    cancelled: z.int(),
    running: z.int(),
  }),
  /** Rows that its runs have loaded, and how many a second in the last minute; null in lists and previews. */
  rowsLoaded: z.number().nullable(),
  rowsPerSecond: z.number().nullable(),
  /** From its own pace or, before its first end, that of past runs; null without history. */
  estimateMs: z.number().nullable(),
  /** Of a preview: rows that it will load, from its partitions' newest good runs; null without history. */
  estimateRows: z.number().nullable(),
})
export type Backfill = z.infer<typeof backfillSchema>

/** All slots at a glance, in the order of time: one letter a slot, the first of its state. */
export const backfillMapSchema = z.object({
  keys: z.array(z.string()),
  /** `w`aiting, `r`unning, `s`uccess, `f`ailed, `c`ancelled, s`k`ipped. */
  states: z.string(),
})
export type BackfillMap = z.infer<typeof backfillMapSchema>

export const slotListQuerySchema = pageQuerySchema.extend({
  state: z.enum(SLOT_STATES).optional(),
  /** The key of the one that is asked for. */
  partition: z.string().max(200).optional(),
})
export type SlotListQuery = z.input<typeof slotListQuerySchema>

export const backfillListQuerySchema = pageQuerySchema.extend({ pipelineId: z.string().optional() })

/** Pause, resume, widen or narrow; what is left out stays. */
export const changeBackfillSchema = z
  .object({ isPaused: z.boolean(), concurrency, priority })
  .partial()
  .refine((change) => Object.keys(change).length > 0, "says nothing to change: give isPaused, concurrency or priority")
export type ChangeBackfill = z.input<typeof changeBackfillSchema>
