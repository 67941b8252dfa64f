import { z } from "zod"
import { durationOptionSchema } from "../contracts/operators/duration-option.ts"
import { WEEKDAYS, type Weekday } from "../domain/business-calendar.ts"
import { HOLIDAY_POLICIES } from "../domain/calendar-rule.ts"
import type { Duration } from "../domain/duration.ts"
import { CATCHUP_POLICIES } from "../domain/schedule.ts"
import { FOLD_POLICIES, GAP_POLICIES } from "../domain/wall-rule.ts"

/** Which days are worked: all but weekends and holidays, and besides those in `workdays`. Dates are `"2026-12-25"`. */
export interface CalendarOption {
  /** Default Saturday and Sunday. */
  weekend?: Weekday[]
  holidays?: string[]
  workdays?: string[]
}

interface AnySchedule {
  /** Names it in the pipeline; needed where two schedules say the same. Give one to keep its history when the rule is changed. */
  id?: string
  timezone?: string
  /** As the pipeline's, for this schedule alone. */
  startDate?: string
  endDate?: string
  catchup?: (typeof CATCHUP_POLICIES)[number]
  /**
   * What a run covers: everything since the previous tick (default; nothing for `at`), the latest complete hour, day, week or
   * month, the length of time before the tick, or nothing.
   */
  interval?: "previous" | "none" | "hour" | "day" | "week" | "month" | Duration
  /** How long before the tick the interval ends. Default 0. */
  offset?: Duration
  /** How long after the tick the run starts. Default 0. */
  delay?: Duration
  /** A time that the clock skips in spring runs at the first instant after the gap (default) or not at all. */
  gap?: (typeof GAP_POLICIES)[number]
  /** Of a time that comes twice in autumn, the first runs (default), the last, or both. */
  fold?: (typeof FOLD_POLICIES)[number]
}

export type ScheduleOption =
  | string
  | (AnySchedule & {
      cron: string
      /** Ticks on days that the calendar does not work are left out (`onHoliday: "skip"`) or moved. */
      calendar?: CalendarOption
      onHoliday?: (typeof HOLIDAY_POLICIES)[number]
    })
  | (AnySchedule & {
      /** Elapsed time between ticks. */
      every: Duration
      /** An instant that is a tick. Default: the start date, else midnight UTC. */
      anchor?: string
    })
  /** Once at each: `"2026-05-01T06:00"` on the zone's clock, or with an offset. */
  | (AnySchedule & { at: string | string[] })
  | (AnySchedule & {
      /** Every working day, or one of each month (or `of`): the first, the last, the nth, or from the end (-2). */
      workingDay: "every" | "first" | "last" | number
      of?: "week" | "month" | "quarter" | "year"
      /** Times of day. Default `"00:00"`. */
      at?: string | string[]
      calendar?: CalendarOption
    })

/** Tables `schema.name` of the warehouse, or datasets `connection.schema.name`. */
export type DatasetsOption = ({ all: string[] } | { any: string[] }) & {
  /** Runs at this time at the latest, with what has arrived. */
  latest?: ScheduleOption
  /** Whether loads by backfills count. Default false. */
  withBackfills?: boolean
}

export type AfterOption = string | { pipeline: string; state?: "success" | "failed" | "done" }

const calendar = z.strictObject({
  weekend: z.array(z.enum(WEEKDAYS)).max(6).optional(),
  holidays: z.array(z.iso.date()).optional(),
  workdays: z.array(z.iso.date()).optional(),
})
const times = z.union([z.string(), z.array(z.string()).min(1)])
const common = {
  id: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9_-]{0,99}$/, 'use letters, digits, "_" and "-"')
    .optional(),
  timezone: z.string().optional(),
  startDate: z.string().optional(),
  endDate: z.string().optional(),
  catchup: z.enum(CATCHUP_POLICIES).optional(),
  interval: z.union([z.enum(["previous", "none", "hour", "day", "week", "month"]), durationOptionSchema]).optional(),
  offset: durationOptionSchema.optional(),
  delay: durationOptionSchema.optional(),
  gap: z.enum(GAP_POLICIES).optional(),
  fold: z.enum(FOLD_POLICIES).optional(),
}

/** By the key that tells the kinds apart; a schedule of dates has `at` alone. */
export const scheduleOptionSchemas = {
  cron: z.strictObject({
    ...common,
    cron: z.string(),
    calendar: calendar.optional(),
    onHoliday: z.enum(HOLIDAY_POLICIES).optional(),
  }),
  every: z.strictObject({ ...common, every: durationOptionSchema, anchor: z.string().optional() }),
  workingDay: z.strictObject({
    ...common,
    workingDay: z.union([z.enum(["every", "first", "last"]), z.int().min(-366).max(366)]),
    of: z.enum(["week", "month", "quarter", "year"]).optional(),
    at: times.optional(),
    calendar: calendar.optional(),
  }),
  at: z.strictObject({ ...common, at: times }),
}
