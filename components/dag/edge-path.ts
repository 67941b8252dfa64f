import type { Point } from "./layout-graph.ts"

/**
 * SVG path along a route. Between neighbouring layers (at most two bends) nothing is in the way, so a curve is drawn,
 * which the eye follows better; a longer route keeps its corners, rounded by up to `radius` pixels.
 */
export function edgePath(points: readonly Point[], radius = 10): string {
  const start = points[0]
  const end = points.at(-1)
  if (!start || !end) return ""
  if (points.length <= 4) {
    const reach = (end.x - start.x) / 2
    return `M${start.x} ${start.y}C${start.x + reach} ${start.y} ${end.x - reach} ${end.y} ${end.x} ${end.y}`
  }
  const corners = points.slice(1, -1).map((corner, i) => {
    const before = towards(corner, points[i]!, radius)
    const after = towards(corner, points[i + 2]!, radius)
    return `L${before.x} ${before.y}Q${corner.x} ${corner.y} ${after.x} ${after.y}`
  })
  return `M${start.x} ${start.y}${corners.join("")}L${end.x} ${end.y}`
}

/** The point `distance` from `from` on the way to `to`, at most half of it. */
function towards(from: Point, to: Point, distance: number): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y)
  const share = length === 0 ? 0 : Math.min(distance, length / 2) / length
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share }
}
