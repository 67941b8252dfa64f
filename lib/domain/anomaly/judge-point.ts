import { type Band, type BandRule, expectedBand, placeInBand, type SeriesPoint } from "./expected-band.ts"
import type { Season } from "./season.ts"

/** Which side of the band counts. */
export const DIRECTIONS = ["both", "low", "high"] as const
export type Direction = (typeof DIRECTIONS)[number]

/**
 * `learning`: too few points before it. `partial`: fewer than expected of a partition that is not over. `unwatched`: no policy
 * asks, or it is no finite number.
 */
export type JudgedState = "unwatched" | "learning" | "partial" | "expected" | "unusual"

export interface PointVerdict {
  state: JudgedState
  band: Band | null
}

/** Says whether a measurement is as its series before it, oldest first, lets expect. `isOver` false: its partition still grows. */
export function judgePoint(
  history: readonly SeriesPoint[],
  point: { at: number; value: number; isOver: boolean },
  rule: BandRule & { direction: Direction },
): PointVerdict {
  if (!Number.isFinite(point.value)) return { state: "unwatched", band: null }
  const band = storable(expectedBand(history, point.at, rule))
  if (band.kind === "learning") return { state: point.isOver ? "learning" : "partial", band: null }
  if (!Number.isFinite(band.expected)) return { state: "unwatched", band: null }
  const place = placeInBand(point.value, band)
  if (!point.isOver && place !== "high") return { state: "partial", band }
  const counts = place !== "inside" && (rule.direction === "both" || rule.direction === place)
  return { state: counts ? "unusual" : "expected", band }
}

/** Without infinities, which no JSON holds. */
function storable<B extends Band | { kind: "learning" }>(band: B): B {
  if (band.kind === "learning") return band
  return { ...band, lower: Math.max(-Number.MAX_VALUE, band.lower), upper: Math.min(Number.MAX_VALUE, band.upper) }
}

const SEASON_WORDS: Record<Season, string> = {
  none: "",
  weekday: ", by weekday",
  hour: ", by hour",
  hour_of_week: ", by hour and weekday",
}

/** The rule behind a band in a few words: `seasonal, by weekday: 3.5 deviations over 42 points`. */
export function ruleText({ method, sensitivity }: BandRule, { season, points }: Band): string {
  return `${method}${SEASON_WORDS[season]}: ${sensitivity} deviations over ${points} points`
}
