"use client"
import { useStore } from "@xyflow/react"
import { useMemo } from "react"
import type { Point } from "./layout-graph.ts"

/**
 * Those of the edges whose routes come into view. Half-screen steps: panning repaints the list now and then and not at
 * each pixel.
 */
export function useVisibleEdges<Edge extends { route: readonly Point[] }>(edges: readonly Edge[]): Edge[] {
  const bounded = useMemo(() => edges.map((edge) => ({ edge, ...bounds(edge.route) })), [edges])
  const window = useStore((state) => {
    const [x, y, zoom] = state.transform
    const stepX = state.width / 2 || 1
    const stepY = state.height / 2 || 1
    return `${Math.floor(-x / stepX)} ${Math.floor(-y / stepY)} ${zoom.toFixed(2)} ${stepX} ${stepY}`
  })
  return useMemo(() => {
    const [column, row, zoom, stepX, stepY] = window.split(" ").map(Number) as [number, number, number, number, number]
    const left = ((column - 1) * stepX) / zoom
    const top = ((row - 1) * stepY) / zoom
    const right = ((column + 4) * stepX) / zoom
    const bottom = ((row + 4) * stepY) / zoom
    return bounded
      .filter(({ x1, x2, y1, y2 }) => x2 > left && x1 < right && y2 > top && y1 < bottom)
      .map(({ edge }) => edge)
  }, [bounded, window])
}

function bounds(route: readonly Point[]) {
  const xs = route.map((point) => point.x)
  const ys = route.map((point) => point.y)
  return { x1: Math.min(...xs), x2: Math.max(...xs), y1: Math.min(...ys), y2: Math.max(...ys) }
}
