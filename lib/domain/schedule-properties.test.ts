import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { type BusinessCalendar, DAY_MS, isWorkingDay, periodAround, startOfDay, WEEKDAYS } from "./business-calendar.ts"
import { nextDueTick } from "./due-runs.ts"
import {
  cronSchedule,
  intervalFor,
  nextTick,
  previousTick,
  type Schedule,
  type ScheduleRule,
  ticksBetween,
} from "./schedule.ts"
import { wallTime } from "./zone.ts"

/** The same numbers for the same seed (Park and Miller's minimal standard), so that a failure can be run again. */
function randomOf(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
}

const ZONES = ["UTC", "America/New_York", "Australia/Lord_Howe", "Europe/Berlin", "America/Santiago", "Asia/Kolkata"]

function randomCalendar(random: (below: number) => number): BusinessCalendar {
  const date = () => new Date(Date.UTC(2026, 0, 1) + random(730) * DAY_MS).toISOString().slice(0, 10)
  return {
    weekend: [["saturday", "sunday"], ["friday", "saturday"], ["sunday"], [], WEEKDAYS.slice(1)][
      random(5)
    ] as BusinessCalendar["weekend"],
    holidays: Array.from({ length: random(60) }, date),
    workdays: Array.from({ length: random(10) }, date),
  }
}

function randomRule(random: (below: number) => number): ScheduleRule {
  const calendar = randomCalendar(random)
  const pick = <Value>(...values: Value[]) => values[random(values.length)]!
  switch (random(4)) {
    case 0:
      return {
        kind: "every",
        everyMs: pick(15 * 60_000, 7 * 3_600_000, DAY_MS, 90_000 * 37),
        anchor: new Date(Date.UTC(2026, random(12), 1 + random(28), random(24))).toISOString(),
      }
    case 1:
      return {
        kind: "working_day",
        which: pick<"every" | number>("every", 1, -1, 3, -2, 15),
        of: pick("week", "month", "quarter", "year"),
        times: pick(["06:00"], ["02:30", "23:45"], ["00:00", "12:00", "18:30"]),
        calendar,
      }
    case 2:
      return {
        kind: "cron",
        cron: pick("30 2 * * *", "0 6,18 * * *", "15 9 1,15 * *", "0 0 * * 6"),
        calendar,
        onHoliday: pick("skip", "next", "previous"),
      }
    default:
      return { kind: "cron", cron: pick("*/45 * * * *", "30 1 * * *", "0 0 L * *"), calendar: null, onHoliday: "skip" }
  }
}

describe("ticks of any schedule", () => {
  for (let seed = 1; seed <= 120; seed++) {
    test(`tile time: seed ${seed}`, () => {
      const random = randomOf(seed * 7_919)
      const schedule: Schedule = {
        ...cronSchedule("", ZONES[random(ZONES.length)]!),
        rule: randomRule(random),
        gap: random(2) === 0 ? "shift" : "skip",
        fold: (["first", "last", "both"] as const)[random(3)]!,
      }
      const from = new Date(Date.UTC(2026, random(12), 1 + random(28)))
      const ticks = ticksBetween(schedule, from, new Date(from.getTime() + 500 * DAY_MS), 150)
      ticks.slice(1).forEach((tick, index) => {
        const before = ticks[index]!
        assert.ok(tick > before)
        assert.deepEqual(previousTick(schedule, tick), before)
        // Each run covers what follows the run before: no gap, no overlap.
        assert.deepEqual(intervalFor(schedule, tick), { start: before, end: tick })
        // From anywhere between two ticks, the next is the later and the last the earlier.
        const between = new Date(before.getTime() + 1 + random(tick.getTime() - before.getTime() - 1))
        assert.deepEqual([nextTick(schedule, between), previousTick(schedule, between)], [tick, before])
      })
    })
  }
})

describe("business calendars", () => {
  for (let seed = 1; seed <= 40; seed++) {
    test(`ticks lie on working days, one for each that counts: seed ${seed}`, () => {
      const random = randomOf(seed * 104_729)
      const timezone = ZONES[random(ZONES.length)]!
      const calendar = randomCalendar(random)
      const dayOf = (tick: Date) => startOfDay(wallTime(timezone, tick.getTime()))
      const source = (rule: ScheduleRule) => ({ rule, timezone, gap: "shift", fold: "first" }) as const
      const [from, to] = [new Date(Date.UTC(2026, 0, 10)), new Date(Date.UTC(2027, 0, 10))]
      const every = ticksBetween(
        source({ kind: "working_day", which: "every", of: "month", times: ["12:00"], calendar }),
        from,
        to,
        400,
      ).map(dayOf)
      for (let day = startOfDay(from.getTime()) + DAY_MS; day < to.getTime() - DAY_MS; day += DAY_MS) {
        assert.equal(every.includes(day), isWorkingDay(calendar, day), new Date(day).toISOString())
      }
      // The last working day of a month: no other follows it in the month.
      const lasts = ticksBetween(
        source({ kind: "working_day", which: -1, of: "month", times: ["12:00"], calendar }),
        from,
        to,
        20,
      ).map(dayOf)
      for (const last of lasts) {
        const later = every.filter((day) => day > last && day < periodAround("month", last).end)
        assert.deepEqual(later, [])
      }
      // Moved ticks: each lands on the first working day at or after its own day, and none is lost.
      const cron = { kind: "cron", cron: "0 12 10 * *", calendar } as const
      const moved = ticksBetween(source({ ...cron, onHoliday: "next" }), from, to, 20).map(dayOf)
      const plain = ticksBetween(
        source({ ...cron, calendar: null, onHoliday: "skip" }),
        from,
        new Date(to.getTime() - 40 * DAY_MS),
        20,
      )
      for (const day of plain.map(dayOf)) {
        const target = every.find((each) => each >= day)
        assert.ok(target === undefined || moved.includes(target), new Date(day).toISOString())
      }
    })
  }
})

describe("start and end", () => {
  test("only intervals that lie between them run, whatever the interval", () => {
    const [startAt, endAt] = ["2026-03-03T00:00:00.000Z", "2026-03-08T00:00:00.000Z"]
    for (const interval of ["previous", "day", "none", 6 * 3_600_000] as const) {
      for (const offsetMs of [0, DAY_MS]) {
        const schedule: Schedule = { ...cronSchedule("0 5 * * *", "UTC"), startAt, endAt, interval, offsetMs }
        const found: string[] = []
        for (let tick = nextDueTick(schedule, new Date(0)); tick; tick = nextDueTick(schedule, tick)) {
          const { start, end } = intervalFor(schedule, tick)
          assert.ok(start.toISOString() >= startAt && end.toISOString() <= endAt, `${interval} ${tick.toISOString()}`)
          found.push(tick.toISOString())
        }
        // Every tick whose interval fits is among them.
        const all = ticksBetween(schedule, new Date("2026-02-20T00:00Z"), new Date("2026-03-20T00:00Z"), 100)
        const fitting = all.filter((tick) => {
          const { start, end } = intervalFor(schedule, tick)
          return start.toISOString() >= startAt && end.toISOString() <= endAt
        })
        assert.deepEqual(
          found,
          fitting.map((tick) => tick.toISOString()),
          `${interval} ${offsetMs}`,
        )
      }
    }
  })
})
