"use client"
import { keepPreviousData, useQuery } from "@tanstack/react-query"
import { type Node, type NodeTypes, type ReactFlowInstance, ReactFlowProvider } from "@xyflow/react"
import { useEffect, useMemo, useRef, useState } from "react"
import type { RunDetail } from "#lib/contracts/api/runs.ts"
import type { Manifest } from "#lib/contracts/manifest.ts"
import { adviceFor } from "../queries/client.ts"
import { ErrorState } from "../ui/error-state.tsx"
import { elkInWorker } from "./elk-client.ts"
import { type FlowGraph, toFlowGraph } from "./flow-graph.ts"
import { FlowPane } from "./flow-pane.tsx"
import { FocusStore } from "./focus-store.ts"
import { type GraphApi, GraphProvider } from "./graph-context.tsx"
import { GraphEdges } from "./graph-edges.tsx"
import { GraphSkeleton } from "./graph-skeleton.tsx"
import { ClosedGroupNode, GroupNode } from "./group-node.tsx"
import { isForLayers, layerLayout } from "./layer-layout.ts"
import { type Box, type GraphLayout, layoutGraph } from "./layout-graph.ts"
import { lineageOf } from "./lineage.ts"
import { absoluteBoxes, nextNode } from "./next-node.ts"
import { nodeDomId, TaskNode } from "./task-node.tsx"
import { TaskStatusStore, taskStatuses } from "./task-status-store.ts"
import { centreBox, focusNode, useKeptPlace } from "./viewport.ts"

export interface GraphCanvasProps {
  manifest: Pick<Manifest, "tasks" | "groups">
  /** Names the graph: equal hash, equal graph. Layouts are kept by it. */
  versionHash: string
  run: RunDetail | null
  mediansMs: Readonly<Record<string, number>>
  selected: string | null
  onSelect: (taskId: string | null) => void
  closed: ReadonlySet<string>
  onToggleGroup: (group: string) => void
  /** A task to bring to the middle; a new object asks again. */
  target: { taskId: string } | null
}

const NODE_TYPES: NodeTypes = {
  task: TaskNode,
  // Not "group": React Flow draws a box of its own for that name.
  open_group: GroupNode as never,
  closed_group: ClosedGroupNode as never,
}

/**
 * The graph of a pipeline with the live states of one run. Pan, zoom, arrow keys; only what is in view is drawn. Laid out
 * in a worker, once for each version and set of closed groups.
 */
export default function GraphCanvas(props: GraphCanvasProps) {
  const { manifest, versionHash, closed } = props
  const graph = useMemo(() => toFlowGraph(manifest, closed), [manifest, closed])
  const layout = useQuery({
    queryKey: ["graph-layout", versionHash, [...closed].toSorted()],
    queryFn: async () => ({
      graph,
      layout: isForLayers(graph) ? layerLayout(graph) : await layoutGraph(graph, await elkInWorker()),
    }),
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: keepPreviousData,
  })
  if (layout.error) {
    return (
      <ErrorState
        title="The graph could not be laid out"
        message={adviceFor(layout.error)}
        onRetry={() => void layout.refetch()}
      />
    )
  }
  if (!layout.data) return <GraphSkeleton tasks={manifest.tasks.length} />
  return (
    <ReactFlowProvider>
      <Canvas {...props} graph={layout.data.graph} layout={layout.data.layout} />
    </ReactFlowProvider>
  )
}

function Canvas(props: GraphCanvasProps & { graph: FlowGraph; layout: GraphLayout }) {
  const { graph, layout, manifest, run, mediansMs, selected, target } = props
  const [statuses] = useState(() => new TaskStatusStore())
  const [focus] = useState(() => new FocusStore())
  const [flow, setFlow] = useState<ReactFlowInstance | null>(null)
  const pane = useRef<HTMLDivElement>(null)
  const boxes = useMemo(() => absoluteBoxes(graph.nodes, layout), [graph, layout])
  const nodes = useMemo(() => toNodes(graph, layout), [graph, layout])
  const findLineage = useMemo(() => lineageOf(manifest.tasks), [manifest.tasks])
  const current = useRef({ ...props, boxes, flow, findLineage })
  current.current = { ...props, boxes, flow, findLineage }

  // Outside React: the stores that nodes listen to.
  useEffect(() => statuses.replace(run ? taskStatuses(run) : new Map()), [statuses, run])
  useEffect(
    () => focus.set({ selected, lineage: selected ? findLineage([selected]) : null }),
    [focus, selected, findLineage],
  )
  useEffect(() => {
    const { tabStop } = focus.get()
    if (tabStop === null || !boxes.has(tabStop)) focus.set({ tabStop: nodeOf(graph, selected) ?? firstNode(boxes) })
  }, [focus, boxes, graph, selected])
  useKeptPlace(flow, pane, layout, boxes, openingBox(graph, boxes, selected, run))
  // Outside React: the viewport follows a search.
  useEffect(() => {
    const box = target && boxes.get(nodeOf(graph, target.taskId) ?? "")
    if (flow && box) centreBox(flow, box)
  }, [flow, target, boxes, graph])

  const api = useMemo<GraphApi>(
    () => ({
      statuses,
      focus,
      mediansMs,
      select: (taskId) => current.current.onSelect(taskId),
      hover: (taskIds) => {
        const shown = taskIds ?? (current.current.selected === null ? null : [current.current.selected])
        focus.set({ lineage: shown && current.current.findLineage(shown) })
      },
      toggle: (group) => current.current.onToggleGroup(group.slice(group.indexOf("/") + 1)),
      move: (id, direction) => {
        const next = nextNode(withoutOpenGroups(current.current.graph, current.current.boxes), id, direction)
        if (next) focusNode(nodeDomId(next), current.current.boxes.get(next), current.current.flow, pane.current)
      },
    }),
    [statuses, focus, mediansMs],
  )
  return (
    <GraphProvider value={api}>
      <FlowPane
        label="Task graph. Arrow keys move between tasks, Enter selects."
        pane={pane}
        nodes={nodes}
        nodeTypes={NODE_TYPES}
        layout={layout}
        flow={flow}
        onInit={setFlow}
        onPaneClick={() => props.onSelect(null)}
      >
        <GraphEdges edges={graph.edges} layout={layout} />
      </FlowPane>
    </GraphProvider>
  )
}

function toNodes(graph: FlowGraph, layout: GraphLayout): Node[] {
  return graph.nodes.flatMap((node) => {
    const box = layout.boxes[node.id]
    if (!box) return []
    return {
      id: node.id,
      type: node.kind === "group" ? "open_group" : node.kind,
      position: { x: box.x, y: box.y },
      width: box.width,
      height: box.height,
      ...(node.parent === null ? {} : { parentId: node.parent }),
      data: { node },
      // Edges lie at 1: above the frames of open groups, below what they connect.
      zIndex: node.kind === "group" ? 0 : 2,
      style: { pointerEvents: "none" as const },
    }
  })
}

/** The node that shows a task: its own, or the closed group that hides it. */
function nodeOf(graph: FlowGraph, taskId: string | null): string | null {
  if (taskId === null) return null
  return graph.nodes.find((node) => node.kind !== "group" && node.taskIds.includes(taskId))?.id ?? null
}

/** Where a graph too large to show whole opens: at what is selected, else at what goes on or went wrong, else its start. */
function openingBox(
  graph: FlowGraph,
  boxes: ReadonlyMap<string, Box>,
  selected: string | null,
  run: RunDetail | null,
): Box | null {
  const noteworthy = run?.taskRuns.find((task) => task.state === "failed" || task.state === "running")?.taskId ?? null
  const first = graph.nodes.find((node) => node.kind !== "group")?.id
  return boxes.get(nodeOf(graph, selected ?? noteworthy) ?? first ?? "") ?? null
}

function firstNode(boxes: ReadonlyMap<string, Box>): string | null {
  return boxes.keys().next().value ?? null
}

function withoutOpenGroups(graph: FlowGraph, boxes: ReadonlyMap<string, Box>): Map<string, Box> {
  return new Map(
    graph.nodes.flatMap((node) => (node.kind === "group" ? [] : [[node.id, boxes.get(node.id)!] as const])),
  )
}
