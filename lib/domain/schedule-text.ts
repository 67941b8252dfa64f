import cronstrue from "cronstrue"
import type { BusinessCalendar } from "./business-calendar.ts"
import type { Schedule, ScheduleRule, TickSource } from "./schedule.ts"
import type { PipelineTriggers } from "./trigger-arrivals.ts"

/** A schedule in words, with its zone: "At 05:00 (Europe/Berlin)". */
export function scheduleText({ rule, timezone, delayMs = 0 }: TickSource & Partial<Pick<Schedule, "delayMs">>): string {
  const delay = delayMs > 0 ? `, ${durationText(delayMs)} later` : ""
  // Elapsed time is the same in every zone.
  return rule.kind === "every" ? `${ruleText(rule)}${delay}` : `${ruleText(rule)}${delay} (${timezone})`
}

/** What starts a pipeline besides its schedules, in words: "when staging.orders is loaded". */
export function triggerTexts({ datasets, after, events }: PipelineTriggers): string[] {
  const texts = after.map(({ pipeline, state }) => `after ${pipeline} ${END_WORDS[state]}`)
  texts.push(...events.map((name) => `on the event ${name}`))
  if (datasets) {
    const names = datasets.names
      .map((name) => name.replace(/^warehouse\./, ""))
      .join(datasets.mode === "all" ? " and " : " or ")
    const latest = datasets.latest ? `, at the latest ${lowerFirst(scheduleText(datasets.latest))}` : ""
    texts.unshift(
      `when ${names} ${datasets.names.length > 1 && datasets.mode === "all" ? "are" : "is"} loaded${latest}`,
    )
  }
  return texts
}
const END_WORDS = { success: "succeeded", failed: "failed", done: "ended" } as const

/** All that starts a pipeline by itself, in one sentence; null where only people do. */
export function startText(schedules: readonly Schedule[], triggers: PipelineTriggers): string | null {
  const texts = [...schedules.map(scheduleText), ...triggerTexts(triggers)]
  if (texts.length === 0) return null
  return [upperFirst(texts[0]!), ...texts.slice(1).map(lowerFirst)].join("; ")
}

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}

/** A rule as short as authors write it: `0 5 * * *`, `every 15m`. */
export function ruleCode(rule: ScheduleRule): string {
  switch (rule.kind) {
    case "cron":
      return rule.cron
    case "every":
      return `every ${durationText(rule.everyMs)}`
    case "at":
      return rule.times.length === 1 ? `at ${rule.times[0]}` : `at ${rule.times.length} dates`
    case "working_day":
      return `${workingDayText(rule.which, rule.of)} at ${rule.times.join(", ")}`
  }
}

function ruleText(rule: ScheduleRule): string {
  switch (rule.kind) {
    case "cron":
      return cronText(rule.cron) + holidayText(rule)
    case "every":
      return `Every ${durationText(rule.everyMs)}`
    case "at":
      return rule.times.length === 1
        ? `Once, at ${rule.times[0]!.replace("T", " ")}`
        : `On ${rule.times.length} dates, ${rule.times[0]!.slice(0, 10)} to ${rule.times.at(-1)!.slice(0, 10)}`
    case "working_day": {
      const text = workingDayText(rule.which, rule.of)
      return `At ${rule.times.join(" and ")} on ${text}${calendarText(rule.calendar)}`
    }
  }
}

/** An expression that cannot be put in words stays as it is. */
function cronText(cron: string): string {
  try {
    return cronstrue.toString(cron, { use24HourTimeFormat: true })
  } catch {
    return cron
  }
}

function holidayText({ calendar, onHoliday }: Extract<ScheduleRule, { kind: "cron" }>): string {
  if (calendar === null) return ""
  const days = `, ${onHoliday === "skip" ? "on working days only" : `moved to the ${onHoliday} working day`}`
  return days + calendarText(calendar)
}

function calendarText({ holidays }: BusinessCalendar): string {
  return holidays.length === 0 ? "" : `, ${holidays.length} ${holidays.length === 1 ? "holiday" : "holidays"}`
}

function workingDayText(which: "every" | number, of: string): string {
  if (which === "every") return "every working day"
  const nth = Math.abs(which)
  if (which > 0) return nth === 1 ? `the first working day of the ${of}` : `working day ${nth} of the ${of}`
  return nth === 1 ? `the last working day of the ${of}` : `the ${ordinal(nth)} last working day of the ${of}`
}

function ordinal(value: number): string {
  const suffix = value % 100 > 10 && value % 100 < 14 ? "th" : (["th", "st", "nd", "rd"][value % 10] ?? "th")
  return `${value}${suffix}`
}

/** `1h30m`, `15m`, `45s`, as authors write it. */
export function durationText(ms: number): string {
  const parts: string[] = []
  let rest = ms
  for (const [unit, size] of [
    ["d", 86_400_000],
    ["h", 3_600_000],
    ["m", 60_000],
    ["s", 1_000],
    ["ms", 1],
  ] as const) {
    const count = Math.floor(rest / size)
    if (count > 0) parts.push(`${count}${unit}`)
    rest -= count * size
  }
  return parts.join("") || "0s"
}
