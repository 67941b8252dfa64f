import { assertNever } from "./assert-never.ts"
import { cronSchedule, nextTick } from "./schedule.ts"
import { durationText } from "./schedule-text.ts"
import { wallText } from "./zone.ts"

/** From when a deadline's length of time counts. */
export const DEADLINE_CLOCKS = ["queued", "started", "interval_end"] as const
export type DeadlineClock = (typeof DEADLINE_CLOCKS)[number]

/** When a run, or a task in it, is late. `time` is `07:00` on the zone's clock. */
export type DeadlineRule =
  | { kind: "within"; ms: number; of: DeadlineClock }
  | { kind: "at"; time: string; timezone: string; daysAfter: number }

/**
 * `pending` until it is due; then `met`, or `missed` and, once what was late is done, `late`. `dropped`: its definition is
 * gone.
 */
export const DEADLINE_STATES = ["pending", "met", "missed", "late", "dropped"] as const
export type DeadlineState = (typeof DEADLINE_STATES)[number]

/** Whether the deadline belongs to the ticks of a schedule, and holds also where a tick never gets a run. */
export function followsSchedule(rule: DeadlineRule): boolean {
  return rule.kind === "at" || rule.of === "interval_end"
}

/**
 * When a deadline is due that counts from `from`: the run's creation or start, or the end of its data interval. `at` is the
 * first such time on the zone's clock at or after that, and `daysAfter` times the next one; where a change of the clock skips
 * the time, it is the first instant after the gap.
 */
export function deadlineDueAt(rule: DeadlineRule, from: Date): Date {
  if (rule.kind === "within") return new Date(from.getTime() + rule.ms)
  const [hours, minutes] = rule.time.split(":").map(Number)
  const daily = cronSchedule(`${minutes} ${hours} * * *`, rule.timezone)
  // A daily time always comes again.
  let due = nextTick(daily, new Date(from.getTime() - 1))!
  for (let day = 0; day < rule.daysAfter; day++) due = nextTick(daily, due)!
  return due
}

/** What a deadline is about: a run or a task run, as far as it has come. */
export interface DeadlineSubject {
  state: string
  startedAt: Date | null
  finishedAt: Date | null
}

/** When what the deadline asks for was done; null: it is not done. Without a run (`subject` null) nothing is. */
export function deadlineMetAt(rule: DeadlineRule, subject: DeadlineSubject | null): Date | null {
  if (subject === null) return null
  if (rule.kind === "within" && rule.of === "queued") return subject.startedAt ?? subject.finishedAt
  if (rule.kind === "within" && rule.of === "started") return subject.finishedAt
  return subject.state === "success" || subject.state === "skipped" ? subject.finishedAt : null
}

/** What a deadline asks for, in words. */
export function deadlineText(rule: DeadlineRule): string {
  if (rule.kind === "at") {
    const days = rule.daysAfter === 0 ? "" : `, ${rule.daysAfter} ${rule.daysAfter === 1 ? "day" : "days"} later`
    return `done by ${rule.time} ${rule.timezone}${days}`
  }
  const length = durationText(rule.ms)
  switch (rule.of) {
    case "queued":
      return `started within ${length} of being queued`
    case "started":
      return `ended within ${length} of the start`
    case "interval_end":
      return `done within ${length} of the interval's end`
    default:
      return assertNever(rule.of)
  }
}

/** What is said when a deadline is missed, in one sentence. */
export function missedText(
  rule: DeadlineRule,
  facts: {
    runId: string | null
    taskId: string | null
    intervalEnd: Date | null
    subject: DeadlineSubject | null
    isPaused: boolean
  },
): string {
  const run = facts.runId === null ? "The run" : `Run ${facts.runId}`
  const subject =
    facts.taskId === null ? run : `Task ${facts.taskId} of ${run.replace(/^The/, "the").replace(/^Run/, "run")}`
  if (rule.kind === "within" && rule.of === "queued") {
    return `${subject} had not started ${durationText(rule.ms)} after the run was created.`
  }
  if (rule.kind === "within" && rule.of === "started") {
    return facts.taskId === null
      ? `${subject} has been running for more than ${durationText(rule.ms)}.`
      : `${subject} had not ended ${durationText(rule.ms)} after the run's start.`
  }
  const zone = rule.kind === "at" ? rule.timezone : "UTC"
  const interval = facts.intervalEnd === null ? "" : ` for the interval up to ${wallText(zone, facts.intervalEnd)}`
  return `${subject}${interval} had not succeeded ${byWhen(rule)}: ${standing(facts)}.`
}

function byWhen(rule: DeadlineRule): string {
  switch (rule.kind) {
    case "within":
      return `${durationText(rule.ms)} after the interval's end`
    case "at":
      return `by ${rule.time} ${rule.timezone}`
    default:
      return assertNever(rule)
  }
}

function standing(facts: { runId: string | null; subject: DeadlineSubject | null; isPaused: boolean }): string {
  if (facts.subject !== null) return `it is ${facts.subject.state}`
  if (facts.runId !== null) return "the run has no such task"
  return facts.isPaused ? "it was never created, because the pipeline is paused" : "it was never created"
}
