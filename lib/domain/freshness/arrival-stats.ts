/** What is usual of a list of lengths of time: their median, and how far from it most of them lie. */
export interface Usual {
  medianMs: number
  spreadMs: number
}

/** With fewer nothing is known of how they differ. */
const MIN_SAMPLES = 3

/**
 * Median, and the larger of the median absolute deviation scaled to a standard deviation (× 1.4826, as for normal values) and
 * 1 % of the median; below three values a quarter of it. Null below `least` values. One odd value in ten changes neither.
 */
export function usualOf(values: readonly number[], least: number = MIN_SAMPLES): Usual | null {
  if (values.length < least) return null
  const medianMs = medianOf(values)
  if (values.length < MIN_SAMPLES) return { medianMs, spreadMs: Math.abs(medianMs) / 4 }
  const spread = 1.4826 * medianOf(values.map((value) => Math.abs(value - medianMs)))
  return { medianMs, spreadMs: Math.max(spread, Math.abs(medianMs) * 0.01) }
}

/** Times between instants, in their order. */
export function intervalsOf(instants: readonly Date[]): number[] {
  return instants.slice(1).map((instant, index) => instant.getTime() - instants[index]!.getTime())
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
