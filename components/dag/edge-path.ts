import type { Point } from "./layout-graph.ts"

/**
 * SVG path along a route. One step aside (two bends) is drawn as a curve, which the eye follows better; a longer route
 * keeps its corners, rounded by up to `radius` pixels. Never far from the route, as that leads around the nodes.
 */
export function edgePath(points: readonly Point[], radius = 10): string {
  const start = points[0]
  const end = points.at(-1)
  if (!start || !end) return ""
  if (points.length === 2) return `M${start.x} ${start.y}L${end.x} ${end.y}`
  if (points.length === 4) return stepPath(start, points[1]!, points[2]!, end)
  const corners = points.slice(1, -1).map((corner, i) => {
    const before = towards(corner, points[i]!, radius)
    const after = towards(corner, points[i + 2]!, radius)
    return `L${before.x} ${before.y}Q${corner.x} ${corner.y} ${after.x} ${after.y}`
  })
  return `M${start.x} ${start.y}${corners.join("")}L${end.x} ${end.y}`
}

/** Straight, over to the other height within {@link REACH} of the bend, and straight on. */
function stepPath(start: Point, bend: Point, landing: Point, end: Point): string {
  const from = Math.max(start.x, bend.x - REACH)
  const to = Math.min(end.x, landing.x + REACH)
  return `M${start.x} ${start.y}H${from}C${bend.x} ${start.y} ${bend.x} ${end.y} ${to} ${end.y}H${end.x}`
}
const REACH = 28

/** The point `distance` from `from` on the way to `to`, at most half of it. */
function towards(from: Point, to: Point, distance: number): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y)
  const share = length === 0 ? 0 : Math.min(distance, length / 2) / length
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share }
}
