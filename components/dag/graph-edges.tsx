"use client"
import { useStore, ViewportPortal } from "@xyflow/react"
import { useMemo } from "react"
import { cn } from "../ui/cn.ts"
import { edgePath } from "./edge-path.ts"
import type { FlowEdge } from "./flow-graph.ts"
import { useFocus, useStateCounts } from "./graph-context.tsx"
import type { GraphLayout, Point } from "./layout-graph.ts"
import { isOnLineage } from "./lineage.ts"

/**
 * The edges, along the routes that the layout worked out around the nodes. React Flow draws an edge only once both its
 * nodes were on screen, and knows no routes; so they are drawn here, those in view only.
 */
export function GraphEdges({ edges, layout }: { edges: readonly FlowEdge[]; layout: GraphLayout }) {
  const drawn = useMemo(
    () =>
      edges.flatMap((edge) => {
        const route = layout.routes[edge.id]
        return route ? [{ edge, path: edgePath(route), ...bounds(route) }] : []
      }),
    [edges, layout],
  )
  // Half-screen steps: panning repaints the list now and then and not at each pixel.
  const window = useStore((state) => {
    const [x, y, zoom] = state.transform
    const stepX = state.width / 2 || 1
    const stepY = state.height / 2 || 1
    return `${Math.floor(-x / stepX)} ${Math.floor(-y / stepY)} ${zoom.toFixed(2)} ${stepX} ${stepY}`
  })
  const visible = useMemo(() => {
    const [column, row, zoom, stepX, stepY] = window.split(" ").map(Number) as [number, number, number, number, number]
    const left = ((column - 1) * stepX) / zoom
    const top = ((row - 1) * stepY) / zoom
    const right = ((column + 4) * stepX) / zoom
    const bottom = ((row + 4) * stepY) / zoom
    return drawn.filter((edge) => edge.x2 > left && edge.x1 < right && edge.y2 > top && edge.y1 < bottom)
  }, [drawn, window])
  return (
    <ViewportPortal>
      <svg
        className="pointer-events-none absolute top-0 left-0 z-[1] overflow-visible"
        width="1"
        height="1"
        aria-hidden="true"
      >
        {visible.map(({ edge, path }) => (
          <Edge key={edge.id} edge={edge} path={path} />
        ))}
      </svg>
    </ViewportPortal>
  )
}

function Edge({ edge, path }: { edge: FlowEdge; path: string }) {
  const isOn = useFocus((focus) => focus.lineage !== null && isOnLineage(edge, focus.lineage))
  const isFlowing = (useStateCounts(edge.targetTasks).running ?? 0) > 0
  return (
    <path
      d={path}
      className={cn(
        "fill-none",
        isOn ? "stroke-accent" : isFlowing ? "stroke-running" : "stroke-edge",
        isFlowing && "[stroke-dasharray:4_3]",
      )}
      strokeWidth={isOn ? 1.8 : isFlowing ? 1.6 : 1}
    />
  )
}

function bounds(route: readonly Point[]) {
  const xs = route.map((point) => point.x)
  const ys = route.map((point) => point.y)
  return { x1: Math.min(...xs), x2: Math.max(...xs), y1: Math.min(...ys), y2: Math.max(...ys) }
}
