import { z } from "zod"
import { WEEKDAYS } from "../domain/business-calendar.ts"
import { HOLIDAY_POLICIES } from "../domain/calendar-rule.ts"
import { CATCHUP_POLICIES, cronSchedule, type Schedule } from "../domain/schedule.ts"
import { END_STATES, type PipelineTriggers } from "../domain/trigger-arrivals.ts"
import { FOLD_POLICIES, GAP_POLICIES } from "../domain/wall-rule.ts"

const calendarSchema = z.object({
  weekend: z.array(z.enum(WEEKDAYS)),
  holidays: z.array(z.iso.date()),
  workdays: z.array(z.iso.date()),
})

const ruleSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("cron"),
    cron: z.string(),
    calendar: calendarSchema.nullable(),
    onHoliday: z.enum(HOLIDAY_POLICIES),
  }),
  z.object({ kind: z.literal("every"), everyMs: z.int().min(1_000), anchor: z.iso.datetime() }),
  z.object({ kind: z.literal("at"), times: z.array(z.string()).min(1) }),
  z.object({
    kind: z.literal("working_day"),
    which: z.union([z.literal("every"), z.int()]),
    of: z.enum(["week", "month", "quarter", "year"]),
    times: z.array(z.string()).min(1),
    calendar: calendarSchema,
  }),
])

/** One of a pipeline's schedules; lib/domain/schedule.ts says what each field means. */
export const manifestScheduleSchema = z.object({
  key: z.string(),
  rule: ruleSchema,
  timezone: z.string(),
  gap: z.enum(GAP_POLICIES),
  fold: z.enum(FOLD_POLICIES),
  startAt: z.iso.datetime().nullable(),
  endAt: z.iso.datetime().nullable(),
  catchup: z.enum(CATCHUP_POLICIES),
  interval: z.union([z.enum(["previous", "none", "hour", "day", "week", "month"]), z.int().positive()]),
  offsetMs: z.int().min(0),
  delayMs: z.int().min(0),
}) satisfies z.ZodType<Schedule>

export const manifestTriggersSchema = z.object({
  datasets: z
    .object({
      mode: z.enum(["all", "any"]),
      names: z.array(z.string()).min(1),
      /** Ticks at which a run starts even if not all have arrived. */
      latest: manifestScheduleSchema.nullable(),
      withBackfills: z.boolean(),
    })
    .nullable(),
  after: z.array(z.object({ pipeline: z.string(), state: z.enum(END_STATES) })),
  events: z.array(z.string()),
}) satisfies z.ZodType<PipelineTriggers>

export const NO_TRIGGERS: PipelineTriggers = { datasets: null, after: [], events: [] }

interface WithSchedules {
  schedule: { cron: string; timezone: string } | null
  schedules?: readonly Schedule[] | undefined
  startDate?: string | null
  catchup?: Schedule["catchup"]
  timezone?: string | null | undefined
}

/** A pipeline's schedules, also of a manifest from before there could be several. Takes stored JSON as well as parsed. */
export function schedulesOf(manifest: WithSchedules): readonly Schedule[] {
  if (manifest.schedules && manifest.schedules.length > 0) return manifest.schedules
  if (manifest.schedule === null) return []
  const { cron, timezone } = manifest.schedule
  return [
    { ...cronSchedule(cron, timezone), startAt: manifest.startDate ?? null, catchup: manifest.catchup ?? "latest" },
  ]
}

/** The zone in which a pipeline's partitions are cut and its dates are read. */
export function zoneOf(manifest: WithSchedules): string {
  return manifest.timezone ?? schedulesOf(manifest)[0]?.timezone ?? "UTC"
}
