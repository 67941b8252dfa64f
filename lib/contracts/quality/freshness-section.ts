import { z } from "zod"
import { type BusinessCalendar, MONDAY_TO_FRIDAY, WEEKDAYS } from "../../domain/business-calendar.ts"
import { HOLIDAY_POLICIES } from "../../domain/calendar-rule.ts"
import { validateCron, validateTimezone } from "../../domain/cron-rule.ts"
import { parseDuration } from "../../domain/duration.ts"
import { FRESHNESS_MEASURES } from "../../domain/freshness/freshness-policy.ts"
import { PARTITION_UNITS } from "../../domain/partition.ts"
import { STATIC_KEY } from "../../domain/partition-scheme.ts"
import type { TickSource } from "../../domain/schedule.ts"
import { DEFAULT_POLICY } from "../../domain/wall-rule.ts"
import { durationOptionSchema } from "../operators/duration-option.ts"
import { columnNameSchema } from "../operators/table-name.ts"

/** More often would be a load of its own on the warehouse. */
const MIN_EVERY_MS = 1_000

const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day is written "07:00"')

/** When things are due: a time of day, or a cron expression; on all days, or on working days. */
const clock = {
  by: timeOfDay.optional(),
  cron: z.string().optional(),
  timezone: z.string().default("UTC"),
  /** Monday to Friday; `calendar` says more. */
  workingDays: z.boolean().optional(),
  calendar: z
    .strictObject({
      weekend: z.array(z.enum(WEEKDAYS)).max(6).optional(),
      holidays: z.array(z.iso.date()).optional(),
      workdays: z.array(z.iso.date()).optional(),
    })
    .optional(),
  /** What becomes of a cron's times on days off. */
  onHoliday: z.enum(HOLIDAY_POLICIES).optional(),
  /** From the deadline to its end it is a warning. */
  grace: durationOptionSchema.optional(),
  severity: z.enum(["warn", "error"]).default("error"),
}

const deadline = z
  .strictObject({
    ...clock,
    /** How long before the deadline an arrival may be to count for it. */
    within: durationOptionSchema.optional(),
  })
  .superRefine((value, context) => {
    if ((value.by === undefined) === (value.cron === undefined)) {
      context.addIssue({ code: "custom", message: 'give either by: "07:00" or a cron expression' })
    } else checkClock(value, context)
  })

const partition = z
  .strictObject({
    ...clock,
    unit: z.enum(PARTITION_UNITS),
    /** How long after a partition's end it has to be there, at the earliest. */
    after: durationOptionSchema.optional(),
    keys: z.array(z.string().regex(STATIC_KEY, "is no partition key")).min(1).optional(),
  })
  .superRefine((value, context) => {
    if (value.by !== undefined && value.cron !== undefined) {
      context.addIssue({ code: "custom", message: "give by or cron, not both" })
    } else if (value.by === undefined && value.cron === undefined && value.after === undefined) {
      context.addIssue({
        code: "custom",
        message: 'say when a partition is due: by: "07:00", a cron expression, or after',
      })
    } else checkClock(value, context)
  })

const age = z
  .strictObject({ warn: durationOptionSchema.optional(), error: durationOptionSchema.optional() })
  .refine((value) => value.warn !== undefined || value.error !== undefined, "give warn, error or both")
  .refine(
    ({ warn, error }) => (parseDuration(warn ?? 0) ?? 0) <= (parseDuration(error ?? Infinity) ?? Infinity),
    "warn comes before error",
  )

/** How old a table's data may be, and when it has to be there: section `freshness` of its policy. */
export const freshnessSectionSchema = z
  .strictObject({
    /** A length of time alone is where it is an error. */
    maxAge: z.preprocess((value) => (isLength(value) ? { error: value } : value), age).optional(),
    deadline: deadline.optional(),
    partition: partition.optional(),
    /** Its newest value says how new the data is; without it (and without `query`) the newest load does. */
    column: columnNameSchema.optional(),
    /** SQL condition on the rows that count. */
    filter: z.string().min(1).optional(),
    /** SQL query that gives one instant, instead of `column`. */
    query: z.string().min(1).optional(),
    measure: z.enum(FRESHNESS_MEASURES).optional(),
    /** How often data is looked at. */
    every: durationOptionSchema
      .refine((every) => (parseDuration(every) ?? MIN_EVERY_MS) >= MIN_EVERY_MS, "data is looked at every 1s at most")
      .optional(),
  })
  .superRefine((value, context) => {
    const fault = (message: string) => context.addIssue({ code: "custom", message })
    if (!value.maxAge && !value.deadline && !value.partition) fault("give maxAge, deadline or partition")
    if (value.column !== undefined && value.query !== undefined) fault("give column or query, not both")
    const hasProbe = value.column !== undefined || value.query !== undefined
    if (!hasProbe && (value.measure === "data" || value.measure === "both")) {
      fault(`measure: ${value.measure} needs a column or a query`)
    }
    if (value.filter !== undefined && value.column === undefined) fault("filter goes with column")
    if (value.partition && value.query !== undefined) fault("partitions are measured by column, not by query")
  })
export type FreshnessSection = z.output<typeof freshnessSectionSchema>

function isLength(value: unknown): boolean {
  return typeof value === "string" || typeof value === "number"
}

type Clock = Pick<z.output<typeof deadline>, "by" | "cron" | "timezone" | "workingDays" | "calendar" | "onHoliday">

function checkClock(value: Clock, context: z.RefinementCtx): void {
  const problem = value.cron === undefined ? validateTimezone(value.timezone) : validateCron(value.cron, value.timezone)
  if (problem) context.addIssue({ code: "custom", message: problem.message })
}

/** The clock of a checked deadline or partition; null where it names none. */
export function ticksOf({ by, cron, timezone, workingDays, calendar, onHoliday }: Clock): TickSource | null {
  if (by === undefined && cron === undefined) return null
  const days: BusinessCalendar | null = workingDays || calendar ? { ...MONDAY_TO_FRIDAY, ...calendar } : null
  const common = { timezone, ...DEFAULT_POLICY }
  if (cron !== undefined)
    return { ...common, rule: { kind: "cron", cron, calendar: days, onHoliday: onHoliday ?? "skip" } }
  if (days) {
    return { ...common, rule: { kind: "working_day", which: "every", of: "month", times: [by!], calendar: days } }
  }
  const [hours, minutes] = by!.split(":").map(Number)
  return { ...common, rule: { kind: "cron", cron: `${minutes} ${hours} * * *`, calendar: null, onHoliday: "skip" } }
}
