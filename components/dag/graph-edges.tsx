"use client"
import { ViewportPortal } from "@xyflow/react"
import { useMemo } from "react"
import { cn } from "../ui/cn.ts"
import { edgePath } from "./edge-path.ts"
import type { FlowEdge } from "./flow-graph.ts"
import { useFocus, useStateCounts } from "./graph-context.tsx"
import type { GraphLayout } from "./layout-graph.ts"
import { isOnLineage } from "./lineage.ts"
import { useVisibleEdges } from "./visible-edges.ts"

/**
 * The edges, along the routes that the layout worked out around the nodes. React Flow draws an edge only once both its
 * nodes were on screen, and knows no routes; so they are drawn here, those in view only.
 */
export function GraphEdges({ edges, layout }: { edges: readonly FlowEdge[]; layout: GraphLayout }) {
  const drawn = useMemo(
    () =>
      edges.flatMap((edge) => {
        const route = layout.routes[edge.id]
        return route ? [{ edge, path: edgePath(route), route }] : []
      }),
    [edges, layout],
  )
  const visible = useVisibleEdges(drawn)
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
