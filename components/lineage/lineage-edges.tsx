"use client"
import { ViewportPortal } from "@xyflow/react"
import { useMemo } from "react"
import { edgePath } from "../dag/edge-path.ts"
import type { FlowEdge } from "../dag/flow-graph.ts"
import type { Box, GraphLayout, Point } from "../dag/layout-graph.ts"
import { isOnLineage } from "../dag/lineage.ts"
import { useVisibleEdges } from "../dag/visible-edges.ts"
import { cn } from "../ui/cn.ts"
import { useLineageFocus } from "./lineage-context.tsx"
import { type ColumnEdge, type DatasetCard, EDGE_DASHES, type LineageFlow, rowOffset } from "./lineage-flow.ts"

/** What reads what, along the layout's routes, and above it the way of the column that was picked. Those in view alone. */
export function LineageEdges({ flow, layout }: { flow: LineageFlow; layout: GraphLayout }) {
  const tables = useMemo(
    () =>
      flow.graph.edges.flatMap((edge) => {
        const route = layout.routes[edge.id]
        return route ? [{ edge, path: edgePath(route), route }] : []
      }),
    [flow, layout],
  )
  const columns = useMemo(
    () =>
      flow.columnEdges.flatMap((edge) => {
        const route = columnRoute(edge, flow.cards, layout)
        return route ? [{ edge, path: curve(route), route }] : []
      }),
    [flow, layout],
  )
  const hasTrail = columns.length > 0
  const visibleTables = useVisibleEdges(tables)
  const visibleColumns = useVisibleEdges(columns)
  return (
    <ViewportPortal>
      <svg className={cn(LAYER, "z-[1]")} width="1" height="1" aria-hidden="true">
        {visibleTables.map(({ edge, path }) => (
          <TableEdge key={edge.id} edge={edge} path={path} isFaint={hasTrail} />
        ))}
      </svg>
      <svg className={cn(LAYER, "z-[3]")} width="1" height="1" aria-hidden="true">
        {visibleColumns.map(({ edge, path }) => (
          <path
            key={edge.id}
            d={path}
            className="fill-none stroke-accent"
            strokeWidth={1.6}
            strokeLinecap={edge.kind === "filter" ? "round" : "butt"}
            strokeDasharray={EDGE_DASHES[edge.kind]}
          />
        ))}
      </svg>
    </ViewportPortal>
  )
}

/** Datasets lie at 2: above what reads what, below the way of a column. */
const LAYER = "pointer-events-none absolute top-0 left-0 overflow-visible"

function TableEdge({ edge, path, isFaint }: { edge: FlowEdge; path: string; isFaint: boolean }) {
  const isOn = useLineageFocus((focus) => focus.lineage !== null && isOnLineage(edge, focus.lineage))
  return (
    <path
      d={path}
      className={cn("fill-none", isOn && !isFaint ? "stroke-accent" : "stroke-edge", isFaint && "opacity-50")}
      strokeWidth={isOn && !isFaint ? 1.8 : 1}
    />
  )
}

/** From the right of a row to the left of another; the other way round where the dataset stands to the left. */
function columnRoute(
  { from, to }: ColumnEdge,
  cards: ReadonlyMap<string, DatasetCard>,
  { boxes }: GraphLayout,
): [Point, Point] | null {
  const [source, target] = [boxes[from.dataset], boxes[to.dataset]]
  if (!source || !target) return null
  const y = (box: Box, dataset: string, column: string | null) => box.y + rowOffset(cards.get(dataset)!, column)
  return [
    { x: source.x + source.width, y: y(source, from.dataset, from.column) },
    { x: target.x, y: y(target, to.dataset, to.column) },
  ]
}

function curve([from, to]: [Point, Point]): string {
  const reach = Math.max(24, Math.abs(to.x - from.x) / 2)
  return `M${from.x} ${from.y}C${from.x + reach} ${from.y} ${to.x - reach} ${to.y} ${to.x} ${to.y}`
}
