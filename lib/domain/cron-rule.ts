import { Cron, CronPattern } from "croner"
import type { WallRule } from "./wall-rule.ts"
import { isTimezone } from "./zone.ts"

/**
 * The times of a cron expression on a clock without changes. Five fields, or six with seconds first; names, lists, ranges
 * and steps; `L`, `W` and `#`; `@daily` and the like. Where both day fields are given, either may match, as in Vixie cron.
 * @throws TypeError that says what is wrong with it.
 */
export function cronRule(expression: string): WallRule {
  const known = parsed.get(expression)
  if (known) return known
  const cron = new Cron(expression, { mode: "5-or-6-parts", utcOffset: 0, paused: true })
  const rule: WallRule = {
    next: (after) => cron.nextRun(new Date(after))?.getTime() ?? null,
    // Ticks are whole seconds, and croner drops the rest of an instant: rounding up keeps a tick just before it.
    previous: (before) => cron.previousRuns(1, new Date(Math.ceil(before / 1_000) * 1_000))[0]?.getTime() ?? null,
    followsElapsedTime: !isFixedTime(expression),
  }
  // 500: more than the schedules of one workspace, and small.
  if (parsed.size >= 500) parsed.clear()
  parsed.set(expression, rule)
  return rule
}

/** What is wrong with a cron schedule, in one sentence that says what to write instead, or null. */
export function validateCron(
  cron: string,
  timezone: string,
): { rule: "bad_cron" | "bad_timezone"; message: string } | null {
  const badZone = validateTimezone(timezone)
  if (badZone) return badZone
  try {
    if (cronRule(cron).next(Date.now()) !== null) return null
    return { rule: "bad_cron", message: `The schedule "${cron}" never fires; choose a date that exists.` }
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^CronPattern: /, "") : String(error)
    return {
      rule: "bad_cron",
      message: `"${cron}" is no cron expression (${reason.replace(/\.$/, "")}); write five fields: minute hour day month weekday, or six with seconds first.`,
    }
  }
}

/** As {@link validateCron}, for a zone alone. */
export function validateTimezone(timezone: string): { rule: "bad_timezone"; message: string } | null {
  if (isTimezone(timezone)) return null
  return {
    rule: "bad_timezone",
    message: `"${timezone}" is no time zone; write an IANA name such as "Europe/Berlin" or "UTC".`,
  }
}

/** Whether it names times of day: no wildcard and no step in seconds, minutes and hours. Lists and ranges of hours do. */
function isFixedTime(expression: string): boolean {
  return new CronPattern(expression, undefined, { mode: "5-or-6-parts", fixedTimeRule: "no-wildcard" }).isFixedTime
}

const parsed = new Map<string, WallRule>()
