import { z } from "zod"
import { RUN_KINDS, RUN_STATES } from "../../domain/run-state.ts"
import { TASK_RUN_STATES } from "../../domain/task-run-state.ts"
import { idSchema, instantSchema, listOf } from "./common.ts"

export const gridQuerySchema = z.object({
  /** How many runs, newest first. */
  runs: z.coerce.number().int().min(1).max(400).default(25),
  /** Only runs older than this one. */
  before: idSchema.optional(),
  /** Comma-separated. */
  state: listOf(RUN_STATES).optional(),
  kind: listOf(RUN_KINDS).optional(),
})
export type GridQuery = z.input<typeof gridQuerySchema>

/** One column of the grid. */
export const gridRunSchema = z.object({
  id: idSchema,
  version: z.int(),
  kind: z.enum(RUN_KINDS),
  state: z.enum(RUN_STATES),
  logicalAt: instantSchema,
  partitionKey: z.string().nullable(),
  startedAt: instantSchema.nullable(),
  finishedAt: instantSchema.nullable(),
  durationMs: z.number().nullable(),
  /** One letter for each of `tasks`: `a` failed … `k` skipped (`stateCode`), `~` where this run does not have the task. */
  states: z.string(),
})
export type GridRun = z.infer<typeof gridRunSchema>

/** Task states of several runs, by columns: five thousand tasks of 25 runs are 25 texts of five thousand letters. */
export const pipelineGridSchema = z.object({
  pipelineId: z.string(),
  /** Ids of all tasks that any of the runs has, in the order of the newest version; tasks that are gone follow. */
  tasks: z.array(z.string()),
  /** Those of them that any of the versions maps; their letter is of the task as a whole, not of an instance. */
  mapped: z.array(z.string()),
  /** Oldest first. */
  runs: z.array(gridRunSchema),
  /** True where older runs match too: ask for them with `before`. */
  hasOlder: z.boolean(),
  /** Of the pipeline's last successful runs; null without any. */
  medianDurationMs: z.number().nullable(),
})
export type PipelineGrid = z.infer<typeof pipelineGridSchema>

/** What became of one task in a run. */
export const taskHistoryItemSchema = z.object({
  taskRunId: idSchema,
  runId: idSchema,
  runState: z.enum(RUN_STATES),
  logicalAt: instantSchema,
  state: z.enum(TASK_RUN_STATES),
  attemptCount: z.int(),
  startedAt: instantSchema.nullable(),
  durationMs: z.number().nullable(),
})
export type TaskHistoryItem = z.infer<typeof taskHistoryItemSchema>

export const taskHistorySchema = z.object({ items: z.array(taskHistoryItemSchema) })

export const calendarQuerySchema = z.object({
  /** Default: this year, in the pipeline's zone. */
  year: z.coerce.number().int().min(1990).max(2200).optional(),
})

/** How the runs of one day went. */
export const calendarDaySchema = z.object({
  day: z.iso.date(),
  /** The worst state among its runs. */
  worst: z.enum(RUN_STATES),
  counts: z.partialRecord(z.enum(RUN_STATES), z.int()),
  /** Of all its runs that ended, added up. */
  durationMs: z.number(),
})
export type CalendarDay = z.infer<typeof calendarDaySchema>

/** A year of a pipeline. A run counts on the day of its logical time, in the zone of the pipeline's schedule. */
export const pipelineCalendarSchema = z.object({
  pipelineId: z.string(),
  /** UTC without a schedule. */
  zone: z.string(),
  year: z.int(),
  /** Years that have runs, from the first to the last; null without any run. */
  years: z.object({ first: z.int(), last: z.int() }).nullable(),
  /** Days with runs, in order. */
  days: z.array(calendarDaySchema),
  /** Days to come on which the schedule is due, in order; none while the pipeline is paused. */
  scheduled: z.array(z.iso.date()),
})
export type PipelineCalendar = z.infer<typeof pipelineCalendarSchema>
