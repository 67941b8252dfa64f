import { dayBounds } from "../day-bounds.ts"
import { wallTime } from "../zone.ts"
import type { FreshnessState } from "./freshness-policy.ts"

/** A stretch of one state; `to` is null for what holds now. */
export interface StateInterval {
  state: FreshnessState
  from: Date
  to: Date | null
}

export interface Compliance {
  /** Oldest first, today last: the worst state of each day; null for a day of which nothing is known. */
  days: { day: string; state: FreshnessState | null }[]
  /** Share of the known time that was fresh, 0 to 1; null where none is known. */
  share: number | null
}

const RANK: Record<FreshnessState, number> = { unknown: 0, fresh: 1, warn: 2, error: 3 }

/** How well a policy was kept over the last `count` days of a zone. Time in the state `unknown` counts neither way. */
export function complianceOf(
  intervals: readonly StateInterval[],
  window: { now: Date; count: number; zone: string },
): Compliance {
  const { now, zone } = window
  const days = lastDays(window)
  const start = dayBounds(days[0]!, zone).from
  const spent: Record<FreshnessState, number> = { unknown: 0, fresh: 0, warn: 0, error: 0 }
  for (const { state, from, to } of intervals) {
    spent[state] += Math.max(0, earlier(to ?? now, now) - Math.max(from.getTime(), start.getTime()))
  }
  const known = spent.fresh + spent.warn + spent.error
  return {
    days: days.map((day) => {
      const bounds = dayBounds(day, zone)
      const states = intervals
        .filter(({ from, to }) => from < bounds.to && from < now && (to ?? now) > bounds.from)
        .map(({ state }) => state)
      return {
        day,
        state: states.length === 0 ? null : states.reduce((one, two) => (RANK[two] > RANK[one] ? two : one)),
      }
    }),
    share: known === 0 ? null : spent.fresh / known,
  }
}

/** The dates of the last days of a zone, oldest first, today last. */
function lastDays({ now, count, zone }: { now: Date; count: number; zone: string }): string[] {
  const today = Math.floor(wallTime(zone, now.getTime()) / 86_400_000) * 86_400_000
  return Array.from({ length: count }, (_, index) =>
    new Date(today - (count - 1 - index) * 86_400_000).toISOString().slice(0, 10),
  )
}

function earlier(one: Date, other: Date): number {
  return Math.min(one.getTime(), other.getTime())
}
