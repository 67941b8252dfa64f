import { z } from "zod"
import { MONDAY_TO_FRIDAY } from "../domain/business-calendar.ts"
import { cronRule, validateCron, validateTimezone } from "../domain/cron-rule.ts"
import { type Duration, parseDuration } from "../domain/duration.ts"
import { partitionInterval, startOfLocalDay } from "../domain/partition.ts"
import {
  cronSchedule,
  type IntervalRule,
  nextTick,
  type Schedule,
  type ScheduleRule,
  timeOfDayMs,
} from "../domain/schedule.ts"
import { ruleCode } from "../domain/schedule-text.ts"
import { isTimezone } from "../domain/zone.ts"
import type { Fault, PipelineDefinition } from "./definition.ts"
import { pushOptionFaults } from "./option-faults.ts"
import { type CalendarOption, type ScheduleOption, scheduleOptionSchemas } from "./schedule-options.ts"

type Written = Exclude<ScheduleOption, string>

/** The schedules as the manifest has them. What is wrong with one is added to `faults`, and the schedule left out. */
export function checkSchedules(definition: PipelineDefinition, faults: Fault[]): Schedule[] {
  const { schedule, schedules } = definition.options
  const fault = (message: string) => faults.push({ rule: "bad_option", message, site: definition.site })
  if (schedule !== undefined && schedules !== undefined) fault("Write schedule or schedules, not both.")
  if (schedules !== undefined && !Array.isArray(schedules)) fault("option schedules: write a list of schedules.")
  const written: [string, unknown][] = Array.isArray(schedules)
    ? schedules.map((each, index) => [`schedules.${index}`, each])
    : schedule === undefined || schedule === null
      ? []
      : [["schedule", schedule]]
  const found = written.flatMap(([path, each]) => checkSchedule(definition, path, each, faults) ?? [])
  const keys = found.map((each) => each.key)
  const twice = keys.find((key, index) => keys.indexOf(key) < index)
  if (twice) fault(`Two schedules are "${twice}"; give each an id of its own.`)
  return found
}

/** One schedule; null where something is wrong with it. */
export function checkSchedule(
  definition: PipelineDefinition,
  path: string,
  written: unknown,
  faults: Fault[],
): Schedule | null {
  const before = faults.length
  const fault = (rule: Fault["rule"], message: string) => faults.push({ rule, message, site: definition.site })
  const options = typeof written === "string" ? { cron: written } : written
  const kind = (["cron", "every", "workingDay", "at"] as const).find(
    (key) => typeof options === "object" && options !== null && key in options,
  )
  if (!kind) {
    fault("bad_option", `option ${path}: write a cron text, or an object with cron, every, at or workingDay.`)
    return null
  }
  pushOptionFaults(faults, scheduleOptionSchemas[kind], options as object, `option ${path}: `, definition.site)
  if (faults.length > before) return null
  const given = options as Written
  const timezone = given.timezone ?? definition.options.timezone ?? "UTC"
  const badZone = validateTimezone(timezone)
  if (badZone) {
    fault(badZone.rule, badZone.message)
    return null
  }
  const startAt = checkInstant(
    definition,
    "startDate",
    timezone,
    faults,
    given.startDate ?? definition.options.startDate,
  )
  const rule = ruleOf(given, { startAt, timezone, path, fault })
  if (faults.length > before || rule === null) return null
  const schedule: Schedule = {
    ...cronSchedule("", timezone),
    key: given.id ?? keyOf(rule, timezone),
    rule,
    ...(given.gap ? { gap: given.gap } : {}),
    ...(given.fold ? { fold: given.fold } : {}),
    startAt,
    endAt: checkInstant(definition, "endDate", timezone, faults, given.endDate ?? definition.options.endDate),
    catchup: given.catchup ?? definition.options.catchup ?? "latest",
    interval: intervalOf(given.interval ?? (rule.kind === "at" ? "none" : "previous")),
    offsetMs: parseDuration(given.offset ?? 0) ?? 0,
    delayMs: parseDuration(given.delay ?? 0) ?? 0,
  }
  if (rule.kind === "working_day" && nextTick(schedule, new Date()) === null) {
    fault("bad_option", `option ${path}: no ${rule.of} has such a working day; choose a smaller number.`)
    return null
  }
  return schedule
}

/** For readers that show or need one cron: the first, in its short form. */
export function firstCron(schedules: readonly Schedule[]): { cron: string; timezone: string } | null {
  for (const { rule, timezone } of schedules) if (rule.kind === "cron") return { cron: rule.cron, timezone }
  return null
}

/** `2026-01-01` as the day's start in the zone (its end, for `endDate`), or an instant with offset; null where not given. */
export function checkInstant(
  definition: PipelineDefinition,
  name: "startDate" | "endDate" | "anchor",
  timezone: string,
  faults: Fault[],
  written: string | undefined = name === "anchor" ? undefined : definition.options[name],
): string | null {
  if (written === undefined) return null
  if (z.iso.date().safeParse(written).success) {
    if (!isTimezone(timezone)) return null
    const start = startOfLocalDay(timezone, written)
    return (name === "endDate" ? partitionInterval("day", timezone, start).end : start).toISOString()
  }
  if (z.iso.datetime({ offset: true }).safeParse(written).success) return new Date(written).toISOString()
  const message = `${name} ${JSON.stringify(written)} is no date; write "2026-01-01" or "2026-01-01T06:00:00Z".`
  if (!faults.some((fault) => fault.message === message)) {
    faults.push({ rule: "bad_option", message, site: definition.site })
  }
  return null
}

function ruleOf(
  given: Written,
  around: {
    startAt: string | null
    timezone: string
    path: string
    fault: (rule: Fault["rule"], message: string) => void
  },
): ScheduleRule | null {
  const { startAt, timezone, path, fault } = around
  if ("cron" in given) {
    const problem = validateCron(given.cron, timezone)
    if (problem) {
      fault(problem.rule, problem.message)
      return null
    }
    const onHoliday = given.onHoliday ?? "skip"
    if (onHoliday !== "skip" && cronRule(given.cron).followsElapsedTime) {
      fault(
        "bad_option",
        `option ${path}: only times of day can be moved; a cron with * or / in its hours can skip days.`,
      )
    }
    const calendar = given.calendar ? calendarOf(given.calendar) : given.onHoliday ? MONDAY_TO_FRIDAY : null
    return { kind: "cron", cron: given.cron, calendar, onHoliday }
  }
  if ("every" in given) {
    const everyMs = parseDuration(given.every)!
    if (everyMs < 1_000) fault("bad_option", `option ${path}.every: give a second or more.`)
    if (given.anchor !== undefined && !z.iso.datetime({ offset: true }).safeParse(given.anchor).success) {
      fault("bad_option", `option ${path}.anchor: write an instant such as "2026-01-01T06:00:00Z".`)
      return null
    }
    const anchor = new Date(given.anchor ?? startAt ?? 0).toISOString()
    return { kind: "every", everyMs: Math.round(everyMs), anchor }
  }
  if ("workingDay" in given) {
    const times = [given.at ?? "00:00"].flat()
    const bad = times.find((time) => Number.isNaN(timeOfDayMs(time)))
    if (bad !== undefined) fault("bad_option", `option ${path}.at: "${bad}" is no time of day; write "06:00".`)
    if (given.workingDay === 0) fault("bad_option", `option ${path}.workingDay: count from 1, or from the end with -1.`)
    const which = given.workingDay === "first" ? 1 : given.workingDay === "last" ? -1 : given.workingDay
    return { kind: "working_day", which, of: given.of ?? "month", times, calendar: calendarOf(given.calendar ?? {}) }
  }
  const times = [given.at].flat().map((time) => (z.iso.date().safeParse(time).success ? `${time}T00:00` : time))
  const bad = times.find(
    (time) => !z.iso.datetime({ offset: true, local: true }).safeParse(time).success && Number.isNaN(localTime(time)),
  )
  if (bad !== undefined) {
    fault("bad_option", `option ${path}.at: "${bad}" is no date; write "2026-05-01T06:00", or an instant with offset.`)
  }
  return { kind: "at", times: times.sort() }
}

/** Texts that name the rule: a schedule that is edited is a new one, except for what does not decide its ticks. */
function keyOf(rule: ScheduleRule, timezone: string): string {
  switch (rule.kind) {
    case "at":
      return `at dates ${timezone}`
    case "every":
      return ruleCode(rule)
    case "cron":
      return `cron ${rule.cron}${rule.calendar ? ` ${rule.onHoliday}` : ""} ${timezone}`
    case "working_day":
      return `${ruleCode(rule)} ${timezone}`
  }
}

function intervalOf(written: IntervalRule | Duration): IntervalRule {
  const units: readonly unknown[] = ["previous", "none", "hour", "day", "week", "month"]
  return units.includes(written) ? (written as IntervalRule) : (parseDuration(written) ?? 0) || "none"
}

function calendarOf({ weekend, holidays, workdays }: CalendarOption) {
  return {
    weekend: weekend ?? MONDAY_TO_FRIDAY.weekend,
    holidays: [...(holidays ?? [])].sort(),
    workdays: [...(workdays ?? [])].sort(),
  }
}

function localTime(text: string): number {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(text) ? Date.parse(`${text}Z`) : Number.NaN
}
