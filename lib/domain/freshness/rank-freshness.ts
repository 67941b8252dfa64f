import { type ArrivalForecast, riskOf } from "./forecast-arrival.ts"
import type { FreshnessState } from "./freshness-policy.ts"

/** How a dataset stands: its state, or, while it is fresh, whether that will end, or its next load is under way. */
export const STANDINGS = ["error", "warn", "at_risk", "unknown", "loading", "fresh"] as const
export type Standing = (typeof STANDINGS)[number]

export interface RankedDataset {
  datasetId: string
  owner: string | null
  state: FreshnessState
  dueAt: Date | null
  forecast: ArrivalForecast | null
}

/** @see STANDINGS */
export function standingOf({ state, forecast, dueAt }: Pick<RankedDataset, "state" | "forecast" | "dueAt">): Standing {
  if (state !== "fresh") return state
  if (riskOf(forecast, dueAt) === "likely") return "at_risk"
  return forecast?.basis === "running" ? "loading" : "fresh"
}

export const FRESHNESS_SORTS = ["worst", "deadline", "owner"] as const
export type FreshnessSort = (typeof FRESHNESS_SORTS)[number]

type Compare<Row> = (one: Row, other: Row) => number

/** An order for lists: the worst first, or by deadline or owner; what has none comes last, and names decide what is left. */
export function compareFreshness(sort: FreshnessSort): Compare<RankedDataset & { standing: Standing }> {
  const byName: Compare<RankedDataset> = (one, other) => compareTexts(one.datasetId, other.datasetId)
  const byDue: Compare<RankedDataset> = (one, other) =>
    (one.dueAt?.getTime() ?? Infinity) - (other.dueAt?.getTime() ?? Infinity) || 0
  const byStanding: Compare<{ standing: Standing }> = (one, other) =>
    STANDINGS.indexOf(one.standing) - STANDINGS.indexOf(other.standing)
  const byOwner: Compare<RankedDataset> = (one, other) => compareTexts(one.owner ?? "\uffff", other.owner ?? "\uffff")
  return (one, other) => {
    if (sort === "deadline") return byDue(one, other) || byName(one, other)
    const first = sort === "owner" ? byOwner(one, other) : 0
    return first || byStanding(one, other) || byDue(one, other) || byName(one, other)
  }
}

function compareTexts(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}
