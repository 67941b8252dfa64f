import type { Usual } from "./arrival-stats.ts"

/** What a forecast rests on: the run under way, the pipeline's next run, or the rhythm of the past. */
export const FORECAST_BASES = ["running", "schedule", "rhythm"] as const
export type ForecastBasis = (typeof FORECAST_BASES)[number]

/** When the next arrival is expected; most come between `from` and `to`. */
export interface ArrivalForecast {
  at: Date
  from: Date
  to: Date
  basis: ForecastBasis
}

export interface ForecastFacts {
  /** The newest arrival. */
  arrivedAt: Date | null
  /** Time between arrivals, and from the start of a run to its load. */
  interval: Usual | null
  lag: Usual | null
  /** Of the pipeline that loads it; null while none is under way, or due. */
  runStartedAt: Date | null
  nextRunAt: Date | null
}

/** Two of them on either side hold 19 of 20 normal values. */
const SPREADS = 2

/**
 * Expects the next arrival: a run that has started and not loaded yet arrives after the usual lag; else the next scheduled run
 * does; without those, the usual interval goes on. What is overdue is expected now. Null where too little is known.
 */
export function forecastArrival(facts: ForecastFacts, now: Date): ArrivalForecast | null {
  const { arrivedAt, interval, lag, runStartedAt, nextRunAt } = facts
  const isUnderWay = runStartedAt !== null && (arrivedAt === null || arrivedAt < runStartedAt)
  if (lag && isUnderWay) return after(runStartedAt, lag, "running", now)
  if (lag && nextRunAt) return after(nextRunAt, lag, "schedule", now)
  return interval && arrivedAt ? after(arrivedAt, interval, "rhythm", now) : null
}

/** Whether a deadline will be missed: by the expectation, or only by the later end of its range. */
export function riskOf(forecast: ArrivalForecast | null, dueAt: Date | null): "none" | "possible" | "likely" {
  if (forecast === null || dueAt === null || forecast.to <= dueAt) return "none"
  return forecast.at > dueAt ? "likely" : "possible"
}

function after(start: Date, { medianMs, spreadMs }: Usual, basis: ForecastBasis, now: Date): ArrivalForecast {
  const at = (ms: number) => new Date(Math.max(now.getTime(), Math.round(start.getTime() + ms)))
  return {
    at: at(medianMs),
    from: at(medianMs - SPREADS * spreadMs),
    to: at(medianMs + SPREADS * spreadMs),
    basis,
  }
}
