import { median, quantile, robustScale, robustSlope } from "./robust-statistics.ts"
import { bucketOf, cadenceMs, possibleSeasons, type Season } from "./season.ts"

/** What a series does from point to point, as robustly as its history tells. */
export interface SeriesFit {
  season: Season
  /** `level`: around a straight line; `change`: from the point before, as what is only ever added to. */
  model: "level" | "change"
  /** Values are compared as logarithms, because their spread grows with them. */
  isLog: boolean
  /** Of the value at an instant, in the fit's own unit, and how far from it is usual (one standard deviation). */
  at(time: number): { centre: number; scale: number }
  /** How far each point was from where its neighbours had it, in the fit's own unit. */
  residuals: number[]
}

interface Point {
  at: number
  value: number
}

/** Values that differ by less than this factor are as well compared as they are. */
const LOG_RATIO = 3
/** A richer description must be better by this much, else noise would choose. */
const GAIN = 0.9
/** From so many points on a part of a season has a spread of its own. */
const MIN_OWN_SCALE = 8
/** Above this, leaving one out moves a median by nothing that matters. */
const MAX_LEFT_OUT = 12

/**
 * Describes a series by a straight line and the season of its cadence, or by its changes, as numbers or as their logarithms,
 * whichever foretells its own points best: each is foretold without itself, so a richer description wins only where it is
 * right (the mean absolute error decides, which also sees what happens in one hour of a day), and logarithms are compared with
 * numbers in the units of Box & Cox (1964). Outliers in up to a tenth of the points do not move line, season or spread. Points
 * come oldest first; there are at least three.
 */
export function fitSeries(points: readonly Point[], timezone: string, isCount: boolean): SeriesFit {
  const times = points.map(({ at }) => at)
  const values = points.map(({ value }) => value)
  const seasons = possibleSeasons(times, timezone)
  let best: { fit: SeriesFit; score: number } | null = null
  for (const isLog of isCount && ratioOf(values) >= LOG_RATIO ? [false, true] : [false]) {
    const ys = isLog ? values.map(Math.log1p) : values
    const unit = isLog ? Math.exp(ys.reduce((sum, y) => sum + y, 0) / ys.length) : 1
    for (const season of seasons) {
      for (const fit of [fitLevel(times, ys, season, timezone), fitChange(times, ys, season, timezone)]) {
        const score = meanError(fit.residuals) * unit
        if (best === null || score < best.score * GAIN) best = { fit: { ...fit, isLog }, score }
      }
    }
  }
  return best!.fit
}

function meanError(residuals: readonly number[]): number {
  return residuals.reduce((sum, residual) => sum + Math.abs(residual), 0) / residuals.length
}

function ratioOf(values: readonly number[]): number {
  if (values.some((value) => value < 0)) return 1
  return quantile(values, 0.9) / Math.max(1, quantile(values, 0.1))
}

type Fit = Omit<SeriesFit, "isLog">

/** A line, and for each part of the season what its points are above it. */
function fitLevel(times: readonly number[], ys: readonly number[], season: Season, timezone: string): Fit {
  const bucket = (time: number) => bucketOf(season, time, timezone)
  const buckets = times.map(bucket)
  const origin = times[0]!
  const xs = times.map((time) => time - origin)
  const slope = robustSlope(xs, ys, (index) => buckets[index]!)
  const parts = partsOf(
    ys.map((y, index) => y - slope * xs[index]!),
    buckets,
  )
  return {
    season,
    model: "level",
    residuals: parts.residuals,
    at: (time) => {
      const { centre, scale } = parts.of(bucket(time))
      return { centre: centre + slope * (time - origin), scale }
    },
  }
}

/** Steps from each point to the next, and for each part of the season how large they are. */
function fitChange(times: readonly number[], ys: readonly number[], season: Season, timezone: string): Fit {
  const bucket = (time: number) => bucketOf(season, time, timezone)
  const steps = ys.slice(1).map((y, index) => y - ys[index]!)
  const parts = partsOf(steps, times.slice(1).map(bucket))
  const cadence = cadenceMs(times)
  const [last, lastY] = [times.at(-1)!, ys.at(-1)!]
  return {
    season,
    model: "change",
    // Nothing foretells the first.
    residuals: [0, ...parts.residuals],
    at: (time) => {
      const count = Math.max(1, Math.round((time - last) / cadence) || 1)
      const { centre, scale } = parts.of(bucket(time))
      // Steps that were left out (anomalies are) add up, and their spreads as the root.
      return { centre: lastY + centre * count, scale: scale * Math.sqrt(count) }
    },
  }
}

interface Parts {
  residuals: number[]
  of(bucket: number): { centre: number; scale: number }
}

function partsOf(values: readonly number[], buckets: readonly number[]): Parts {
  const indexes = Map.groupBy(values.keys(), (index) => buckets[index]!)
  const residuals = new Array<number>(values.length)
  const centres = new Map<number, number>()
  const scales = new Map<number, number>()
  for (const [bucket, members] of indexes) {
    const own = members.map((index) => values[index]!)
    const centre = median(own)
    centres.set(bucket, centre)
    for (const [position, index] of members.entries()) {
      const others = own.length > 1 && own.length <= MAX_LEFT_OUT ? median(own.toSpliced(position, 1)) : centre
      residuals[index] = values[index]! - others
    }
    if (own.length >= MIN_OWN_SCALE) scales.set(bucket, robustScale(members.map((index) => residuals[index]!)))
  }
  const all = robustScale(residuals)
  const middle = median(values)
  return {
    residuals,
    // A part that was never met is taken for the middle of all.
    of: (bucket) => ({
      centre: centres.get(bucket) ?? middle,
      scale: Math.max(all, scales.get(bucket) ?? 0),
    }),
  }
}
