import { isWorkingDay, startOfDay } from "./business-calendar.ts"
import { cronRule } from "./cron-rule.ts"
import { dueRun, nextDueTick } from "./due-runs.ts"
import { previousTick, type Schedule, wallRuleOf } from "./schedule.ts"
import { scheduleText } from "./schedule-text.ts"
import { passOf, skippedTimes } from "./wall-rule.ts"
import { nextChange, wallDigits, wallText, wallTime } from "./zone.ts"

/** A run that a schedule will start. */
export interface PlannedRun {
  scheduleKey: string
  /** The schedule in words. */
  schedule: string
  timezone: string
  /** When it starts: the logical time plus the schedule's delay. */
  runAt: Date
  logicalAt: Date
  /** `logicalAt` on the clock of the zone: `2026-03-29 03:00 +02:00`. */
  localTime: string
  intervalStart: Date
  intervalEnd: Date
  /** What is unusual about it: clock changes, days off. */
  remarks: string[]
}

/** A schedule and where it is. */
export interface KnownSchedule {
  schedule: Schedule
  /** The newest tick that was handled. */
  lastLogicalAt: Date | null
  /** When the scheduler looks at it next. */
  nextRunAt: Date | null
}

/** The next runs of several schedules after `now`, in the order in which they start, at most `count`. */
export function nextRuns(schedules: readonly KnownSchedule[], now: Date, count: number, until?: Date): PlannedRun[] {
  const coming = schedules.map((known) => ({ schedule: known.schedule, tick: firstTick(known, now) }))
  const runs: PlannedRun[] = []
  while (runs.length < count) {
    const live = coming.filter((each) => each.tick !== null)
    if (live.length === 0) break
    const first = live.reduce((least, each) => (runAt(each) < runAt(least) ? each : least))
    if (until && runAt(first) > until.getTime()) break
    runs.push(planned(first.schedule, first.tick!))
    first.tick = nextDueTick(first.schedule, first.tick!)
  }
  return runs
}

function firstTick({ schedule, lastLogicalAt, nextRunAt }: KnownSchedule, now: Date): Date | null {
  const from = new Date(now.getTime() - schedule.delayMs)
  // A tick of the past is about to be run: it counts as coming.
  if (nextRunAt !== null && nextRunAt <= now) {
    const tick = previousTick(schedule, new Date(from.getTime() + 1))
    if (tick !== null && (lastLogicalAt === null || tick > lastLogicalAt)) return tick
  }
  // What was handled is not run again, even if the clock was stepped back since.
  return nextDueTick(schedule, lastLogicalAt && lastLogicalAt > from ? lastLogicalAt : from)
}

function planned(schedule: Schedule, tick: Date): PlannedRun {
  return {
    scheduleKey: schedule.key,
    schedule: scheduleText(schedule),
    timezone: schedule.timezone,
    runAt: new Date(tick.getTime() + schedule.delayMs),
    ...dueRun(schedule, tick),
    localTime: wallText(schedule.timezone, tick),
    remarks: [...clockRemarks(schedule, tick), ...calendarRemarks(schedule, tick)],
  }
}

/** What a change of the clock does to this tick, or did to times between the tick before and this one. */
function clockRemarks(schedule: Schedule, tick: Date): string[] {
  const rule = wallRuleOf(schedule.rule)
  if (rule === null || rule.followsElapsedTime) return []
  const { timezone, gap, fold } = schedule
  const zoned = { rule, timezone, gap, fold }
  const remarks: string[] = []
  const previous = previousTick(schedule, tick) ?? new Date(tick.getTime() - 1)
  for (let at = previous.getTime(); ; ) {
    const change = nextChange(timezone, at)
    if (change.at > tick.getTime()) break
    const skipped = skippedTimes(zoned, change).map(wallDigits)
    if (skipped.length > 0) {
      const times = skipped.join(", ")
      remarks.push(
        gap === "shift" && change.at === tick.getTime()
          ? `${times} does not exist, because the clock is put forward; runs at the first instant after it.`
          : `${times} is left out: the time does not exist, because the clock is put forward.`,
      )
    }
    at = change.at
  }
  const pass = passOf(timezone, tick.getTime())
  if (pass) {
    const which = fold === "both" ? `this is the ${pass} of two runs` : `runs the ${fold} time only`
    remarks.push(`The time comes twice, because the clock is put back; ${which}.`)
  }
  return remarks
}

function calendarRemarks({ rule, timezone }: Schedule, tick: Date): string[] {
  if (rule.kind !== "cron" || rule.calendar === null || rule.onHoliday === "skip") return []
  const wall = wallTime(timezone, tick.getTime())
  const base = cronRule(rule.cron)
  if (base.next(wall - 1) === wall) return []
  const step = rule.onHoliday === "next" ? -1 : 1
  const day = startOfDay(wall)
  for (let days = 1; days <= 400; days++) {
    const origin = day + step * days * 86_400_000
    if (isWorkingDay(rule.calendar, origin)) break
    if (base.next(origin + (wall - day) - 1) === origin + (wall - day)) {
      return [`Moved from ${wallDigits(origin).slice(0, 10)}, which is no working day.`]
    }
  }
  return []
}

function runAt(each: { schedule: Schedule; tick: Date | null }): number {
  return each.tick!.getTime() + each.schedule.delayMs
}
