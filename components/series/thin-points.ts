/** What a point needs to be thinned by. */
interface Thinned {
  value: number
  isKept: boolean
}

/**
 * At most about `most` of the points, so that a chart of thousands is drawn at once and looks the same: of each stretch the
 * smallest and the largest, and all that must be kept (anomalies), in their order. Few enough are given back as they are.
 */
export function thinPoints<Point extends Thinned>(points: readonly Point[], most: number): readonly Point[] {
  if (points.length <= most) return points
  const size = Math.ceil((2 * points.length) / most)
  const kept = new Set<number>([0, points.length - 1])
  for (let start = 0; start < points.length; start += size) {
    const end = Math.min(points.length, start + size)
    let [low, high] = [start, start]
    for (let index = start; index < end; index++) {
      if (points[index]!.value < points[low]!.value) low = index
      if (points[index]!.value > points[high]!.value) high = index
      if (points[index]!.isKept) kept.add(index)
    }
    kept.add(low).add(high)
  }
  return points.filter((_, index) => kept.has(index))
}
