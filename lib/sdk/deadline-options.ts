import { z } from "zod"
import { channelNameSchema, type Deadline } from "../contracts/deadline.ts"
import { durationOptionSchema } from "../contracts/operators/duration-option.ts"
import { DEADLINE_CLOCKS, type DeadlineClock } from "../domain/deadline.ts"
import { type Duration, parseDuration } from "../domain/duration.ts"
import { isTimezone } from "../domain/zone.ts"

/**
 * When somebody is told that a run (or a task of it) is late, once:
 * - `within` of `queued`: it has not started so long after the run was created;
 * - `within` of `started`: it has not ended so long after the run started (the default);
 * - `within` of `interval_end`: the run of a scheduled interval has not succeeded so long after the interval's end;
 * - `at`: the run of a scheduled interval has not succeeded at the first such time on the zone's clock after the interval's
 *   end, `daysAfter` days later. The last two also hold where no run was ever created.
 */
export type DeadlineOption =
  | { within: Duration; of?: DeadlineClock; notify?: string }
  | { at: string; timezone?: string; daysAfter?: number; notify?: string }

export const deadlineOptionsSchema = z.array(
  z.union(
    [
      z.strictObject({
        within: durationOptionSchema,
        of: z.enum(DEADLINE_CLOCKS).optional(),
        notify: channelNameSchema.optional(),
      }),
      z.strictObject({
        at: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'write a time of day such as "07:00"'),
        timezone: z.string().optional(),
        daysAfter: z.int().min(0).max(31).optional(),
        notify: channelNameSchema.optional(),
      }),
    ],
    {
      error:
        'write { within: "30m", of: "queued" | "started" | "interval_end" } or { at: "07:00", timezone, daysAfter }, each with notify: a channel of lower-case letters',
    },
  ),
)

/** Checked deadlines of a pipeline (`taskId` null) or a task, and what is wrong with them. */
export function readDeadlines(
  written: unknown,
  around: { taskId: string | null; hasSchedule: boolean; timezone: string; notify: string | null },
): { deadlines: Deadline[]; problems: { rule: "bad_option" | "bad_timezone"; message: string }[] } {
  const parsed = deadlineOptionsSchema.safeParse(written ?? [])
  // Said by the options' schema.
  if (!parsed.success) return { deadlines: [], problems: [] }
  const deadlines = new Map<string, Deadline>()
  const problems: { rule: "bad_option" | "bad_timezone"; message: string }[] = []
  for (const option of parsed.data) {
    const deadline = toDeadline(option, around)
    const { rule, key } = deadline
    if (rule.kind === "at" && !isTimezone(rule.timezone)) {
      const message = `deadlines: "${rule.timezone}" is no time zone; write an IANA name such as "Europe/Berlin" or "UTC".`
      problems.push({ rule: "bad_timezone", message })
    } else if (!around.hasSchedule && (rule.kind === "at" || rule.of === "interval_end")) {
      const message = `deadlines: ${rule.kind === "at" ? "at" : 'of "interval_end"'} follows the schedule, and there is none; count from "queued" or "started".`
      problems.push({ rule: "bad_option", message })
    } else if (deadlines.has(key)) {
      problems.push({ rule: "bad_option", message: `deadlines: two of them are the same (${key}); remove one.` })
    } else deadlines.set(key, deadline)
  }
  return { deadlines: [...deadlines.values()], problems }
}

function toDeadline(
  option: z.output<typeof deadlineOptionsSchema>[number],
  around: { taskId: string | null; timezone: string; notify: string | null },
): Deadline {
  const notify = option.notify ?? around.notify
  const prefix = around.taskId === null ? "" : `${around.taskId}: `
  if ("within" in option) {
    const ms = Math.max(1, parseDuration(option.within) ?? 1)
    const of = option.of ?? "started"
    return { key: `${prefix}within ${ms} of ${of}`, rule: { kind: "within", ms, of }, notify }
  }
  const { at: time, timezone = around.timezone, daysAfter = 0 } = option
  const key = `${prefix}at ${time} ${timezone}${daysAfter > 0 ? ` +${daysAfter}` : ""}`
  return { key, rule: { kind: "at", time, timezone, daysAfter }, notify }
}
