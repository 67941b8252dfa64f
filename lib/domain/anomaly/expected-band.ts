import { fitSeries } from "./fit-series.ts"
import { median } from "./robust-statistics.ts"
import type { Season } from "./season.ts"

export const BAND_METHODS = ["seasonal", "zscore"] as const
export type BandMethod = (typeof BAND_METHODS)[number]

/** What the numbers of a series are: how many, what share (0 to 1), or any. */
export type MetricUnit = "count" | "share" | "number"

export interface BandRule {
  method: BandMethod
  /** Half of the band in standard deviations. */
  sensitivity: number
  /** Fewer points than this, and nothing is said. */
  minPoints: number
  /** So many of the newest points are looked at. */
  lookback: number
  /** A difference of less than this share of what is expected is never unusual. */
  minChange: number
  timezone: string
  unit: MetricUnit
}

/**
 * A measurement. `unusual`: it was outside of its band. `fine`: it was, and a person said that this happens. `shift`: a person
 * said that from here on the level is another.
 */
export interface SeriesPoint {
  at: number
  value: number
  mark: "plain" | "unusual" | "fine" | "shift"
}

export interface Band {
  kind: "band"
  expected: number
  lower: number
  upper: number
  season: Season
  /** Points that it was made of. */
  points: number
}

/** Not enough points yet: so many more are needed. */
export interface Learning {
  kind: "learning"
  missing: number
}

/** Differences that are noise of counting, by what is counted. */
const MIN_DIFFERENCE: Record<MetricUnit, number> = { count: 1, share: 0.005, number: 0 }
/** Where so many rows are usual and none is rare, none is never usual. */
const MIN_FOR_ZERO = 10

/**
 * What is expected of a series at an instant, by its points before, oldest first. `zscore`: mean ± sensitivity standard
 * deviations. `seasonal`: trend, weekday or hour and robust spread ({@link fitSeries}). What was unusual is left out, until
 * as many as `minPoints` in a row were: then that is how it is now. What was called fine widens the band as far as it was
 * off. Values that are no finite numbers are passed over.
 */
export function expectedBand(points: readonly SeriesPoint[], at: number, rule: BandRule): Band | Learning {
  const history = settled(points.filter(({ value }) => Number.isFinite(value)).slice(-rule.lookback), rule)
  // Two points draw a line through anything.
  const needed = Math.max(3, rule.minPoints)
  if (history.length < needed) return { kind: "learning", missing: needed - history.length }
  const raw = rule.method === "zscore" ? simple(history, rule) : seasonal(history, at, rule)
  return { kind: "band", points: history.length, ...withFloors(raw, history, rule) }
}

/** Where a value is of its band; what is no finite number is nowhere. */
export function placeInBand(value: number, band: Pick<Band, "lower" | "upper">): "low" | "inside" | "high" {
  if (value < band.lower) return "low"
  return value > band.upper ? "high" : "inside"
}

function settled(points: readonly SeriesPoint[], rule: BandRule): SeriesPoint[] {
  const lastUsual = points.findLastIndex(({ mark }) => mark !== "unusual")
  if (points.length - 1 - lastUsual >= Math.max(3, rule.minPoints)) return points.slice(lastUsual + 1)
  const usual = points.filter(({ mark }) => mark !== "unusual")
  const shift = usual.findLastIndex(({ mark }) => mark === "shift")
  return shift <= 0 ? usual : shifted(usual, shift, rule)
}

/**
 * The points before a shift of level, moved to the new one: season and spread stay known. By how much they are moved, the
 * points since say (their median distance to what the old ones foretell).
 */
function shifted(points: readonly SeriesPoint[], shift: number, rule: BandRule): SeriesPoint[] {
  const [before, since] = [points.slice(0, shift), points.slice(shift)]
  if (since.length >= rule.minPoints || before.length < 3) return since.length >= rule.minPoints ? since : [...points]
  const fit = fitSeries(before, rule.timezone, rule.unit === "count")
  const scaled = (value: number) => (fit.isLog ? Math.log1p(Math.max(0, value)) : value)
  // From the end of the old level on; a model of changes foretells the step, a model of levels the line.
  const offset = median(since.map(({ at, value }) => scaled(value) - fit.at(at).centre))
  const move = (value: number) => (fit.isLog ? Math.expm1(scaled(value) + offset) : value + offset)
  return [...before.map((point) => ({ ...point, value: move(point.value) })), ...since]
}

type RawBand = Pick<Band, "expected" | "lower" | "upper" | "season">

function simple(history: readonly SeriesPoint[], { sensitivity }: BandRule): RawBand {
  // What was called fine widens the band by itself; in the mean, too, it would move the other side.
  const usual = history.filter(({ mark }) => mark !== "fine")
  const values = (usual.length < 3 ? history : usual).map(({ value }) => value)
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)
  const off = history.filter(({ mark }) => mark === "fine").map(({ value }) => value - mean)
  const half = sensitivity * Math.sqrt(variance)
  return {
    expected: mean,
    lower: mean + Math.min(-half, ...off),
    upper: mean + Math.max(half, ...off),
    season: "none",
  }
}

function seasonal(history: readonly SeriesPoint[], at: number, rule: BandRule): RawBand {
  const fit = fitSeries(history, rule.timezone, rule.unit === "count")
  const { centre, scale } = fit.at(at)
  // A spread that few points tell of is itself uncertain: a quarter more at 16 of them, little at 100 (found by simulation,
  // for less than one false alarm in a hundred from the first judged point on).
  const half = rule.sensitivity * scale * (1 + 4 / history.length)
  const off = history.flatMap(({ mark }, index) => (mark === "fine" ? [fit.residuals[index]!] : []))
  const back = (value: number) => (fit.isLog ? Math.expm1(value) : value)
  return {
    expected: back(centre),
    lower: back(centre + Math.min(-half, ...off)),
    upper: back(centre + Math.max(half, ...off)),
    season: fit.season,
  }
}

/** Differences that are too small to matter are inside, and a band does not leave what its unit can be. */
function withFloors(band: RawBand, history: readonly SeriesPoint[], { minChange, unit }: BandRule): RawBand {
  const [low, high] = [
    unit === "number" ? Number.NEGATIVE_INFINITY : 0,
    unit === "share" ? 1 : Number.POSITIVE_INFINITY,
  ]
  const clamp = (value: number) => Math.min(high, Math.max(low, value))
  const expected = clamp(band.expected)
  // The last term: sums of floating point numbers that are meant to be equal differ in their last digits.
  const least = Math.max(MIN_DIFFERENCE[unit], minChange * Math.abs(expected), 1e-9 * Math.abs(expected))
  let lower = clamp(Math.min(band.lower, expected - least))
  const upper = clamp(Math.max(band.upper, expected + least))
  if (unit === "count" && lower <= 0 && expected >= MIN_FOR_ZERO && history.every(({ value }) => value > 0)) lower = 1
  return { ...band, expected, lower, upper }
}
