/** Middle of `values` (mean of the two middles where their number is even); NaN of none. */
export function median(values: readonly number[] | Float64Array): number {
  return quantile(values, 0.5)
}

/** Quantile by linear interpolation between order statistics (Hyndman & Fan 1996, type 7); NaN of no values. */
export function quantile(values: readonly number[] | Float64Array, share: number): number {
  if (values.length === 0) return Number.NaN
  return sortedQuantile(Float64Array.from(values).sort(), share)
}

function sortedQuantile(sorted: Float64Array, share: number): number {
  const position = (sorted.length - 1) * share
  const below = sorted[Math.floor(position)]!
  return below + (sorted[Math.ceil(position)]! - below) * (position - Math.floor(position))
}

/** The share of normally distributed values that lies within 1.645 standard deviations. */
const WIDE = 0.9

/**
 * Standard deviation that outliers in up to a tenth of the values do not move: 1.4826 · MAD with the correction n/(n − 0.8) for
 * few values (Croux & Rousseeuw 1992), or what nine tenths of the values tell, where that is more: a MAD alone does not see
 * weekends, which are fewer than half. Where both are 0, 1.2533 · the mean absolute deviation stands in (Iglewicz & Hoaglin
 * 1993). Deviations are from 0: pass residuals. 0 for residuals that are all 0.
 */
export function robustScale(residuals: readonly number[]): number {
  if (residuals.length === 0) return 0
  const deviations = Float64Array.from(residuals, Math.abs).sort()
  const few = residuals.length / (residuals.length - 0.8)
  const spread = Math.max(1.4826 * sortedQuantile(deviations, 0.5), sortedQuantile(deviations, WIDE) / 1.645)
  if (spread > 0) return spread * few
  return 1.2533 * (deviations.reduce((sum, value) => sum + value, 0) / deviations.length) * few
}

/** Pairs looked at for a slope: the median of more is the same to three digits and costs milliseconds. */
const MAX_PAIRS = 20_000

/**
 * Slope by the median of the slopes of all pairs (Theil 1950, Sen 1968), of pairs of the same season only where `bucketOf`
 * tells seasons apart (Hirsch, Slack & Smith 1982), so that a season is not taken for a trend. 0 where there is no pair.
 */
export function robustSlope(
  xs: readonly number[],
  ys: readonly number[],
  bucketOf: (index: number) => number = () => 0,
): number {
  const buckets = [...Map.groupBy(xs.keys(), bucketOf).values()]
  const pairs = buckets.reduce((sum, { length }) => sum + (length * (length - 1)) / 2, 0)
  const stride = Math.max(1, Math.ceil(pairs / MAX_PAIRS))
  const slopes: number[] = []
  let count = 0
  for (const bucket of buckets) {
    for (let i = 0; i < bucket.length; i++) {
      for (let j = i + 1; j < bucket.length; j++) {
        if (count++ % stride !== 0) continue
        const [from, to] = [bucket[i]!, bucket[j]!]
        if (xs[to] !== xs[from]) slopes.push((ys[to]! - ys[from]!) / (xs[to]! - xs[from]!))
      }
    }
  }
  return slopes.length === 0 ? 0 : median(slopes)
}
