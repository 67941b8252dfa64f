"use client"
import { keepPreviousData, useQuery } from "@tanstack/react-query"
import { type Node, type NodeTypes, type ReactFlowInstance, ReactFlowProvider } from "@xyflow/react"
import { useEffect, useMemo, useRef, useState } from "react"
import type { ColumnRef } from "#lib/contracts/api/lineage.ts"
import { invert, reachable } from "#lib/domain/dag.ts"
import { elkInWorker } from "../dag/elk-client.ts"
import { FlowPane } from "../dag/flow-pane.tsx"
import { FocusStore } from "../dag/focus-store.ts"
import { GraphSkeleton } from "../dag/graph-skeleton.tsx"
import { isForLayers, layerLayout } from "../dag/layer-layout.ts"
import { type GraphLayout, layoutGraph } from "../dag/layout-graph.ts"
import { absoluteBoxes, nextNode } from "../dag/next-node.ts"
import { nodeDomId } from "../dag/task-node.tsx"
import { centreBox, focusNode, useKeptPlace } from "../dag/viewport.ts"
import { adviceFor } from "../queries/client.ts"
import { ErrorState } from "../ui/error-state.tsx"
import { DatasetNode } from "./dataset-node.tsx"
import { type LineageApi, LineageProvider } from "./lineage-context.tsx"
import { LineageEdges } from "./lineage-edges.tsx"
import type { LineageFlow } from "./lineage-flow.ts"

export interface LineageCanvasProps {
  flow: LineageFlow
  selected: string | null
  onSelect: (dataset: string | null) => void
  onPick: (column: ColumnRef) => void
  /** A dataset to bring to the middle; a new object asks again. */
  target: { dataset: string } | null
}

const NODE_TYPES: NodeTypes = { dataset: DatasetNode as never }

/** Datasets and what they are made from. Pan, zoom, arrow keys; only what is in view is drawn; laid out in a worker. */
export default function LineageCanvas(props: LineageCanvasProps) {
  const { flow } = props
  const shape = useMemo(() => shapeOf(flow), [flow])
  const laidOut = useQuery({
    queryKey: ["lineage-layout", shape],
    queryFn: async () => ({
      flow,
      layout: isForLayers(flow.graph) ? layerLayout(flow.graph) : await layoutGraph(flow.graph, await elkInWorker()),
    }),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
    placeholderData: keepPreviousData,
  })
  if (laidOut.error) {
    return (
      <ErrorState
        title="The lineage could not be laid out"
        message={adviceFor(laidOut.error)}
        onRetry={() => void laidOut.refetch()}
      />
    )
  }
  if (!laidOut.data) return <GraphSkeleton tasks={flow.graph.nodes.length} />
  // Of another shape until the new layout is there: what is drawn and where belong together.
  const drawn = laidOut.isPlaceholderData ? laidOut.data.flow : flow
  return (
    <ReactFlowProvider>
      <Canvas {...props} flow={drawn} layout={laidOut.data.layout} />
    </ReactFlowProvider>
  )
}

/** Equal text, equal layout. */
function shapeOf({ graph }: LineageFlow): string {
  return JSON.stringify([
    graph.nodes.map(({ id, width, height }) => [id, width, height]),
    graph.edges.map(({ id }) => id),
  ])
}

function Canvas(props: LineageCanvasProps & { layout: GraphLayout }) {
  const { flow, layout, selected, target } = props
  const [focus] = useState(() => new FocusStore())
  const [instance, setInstance] = useState<ReactFlowInstance | null>(null)
  const pane = useRef<HTMLDivElement>(null)
  const boxes = useMemo(() => absoluteBoxes(flow.graph.nodes, layout), [flow, layout])
  const nodes = useMemo(() => toNodes(flow, layout), [flow, layout])
  const around = useMemo(() => aroundOf(flow), [flow])
  const current = useRef({ ...props, boxes, instance, around })
  current.current = { ...props, boxes, instance, around }

  // Outside React: the store that nodes and edges listen to.
  useEffect(
    () => focus.set({ selected, lineage: selected === null ? null : around(selected) }),
    [focus, selected, around],
  )
  useEffect(() => {
    const { tabStop } = focus.get()
    if (tabStop !== null && boxes.has(tabStop)) return
    focus.set({ tabStop: selected !== null && boxes.has(selected) ? selected : (boxes.keys().next().value ?? null) })
  }, [focus, boxes, selected])
  useKeptPlace(instance, pane, layout, boxes, (selected === null ? null : boxes.get(selected)) ?? null)
  // Outside React: the viewport follows a search.
  useEffect(() => {
    const box = target && boxes.get(target.dataset)
    if (instance && box) centreBox(instance, box)
  }, [instance, target, boxes])

  const api = useMemo<LineageApi>(
    () => ({
      focus,
      select: (dataset) => current.current.onSelect(dataset),
      pick: (column) => current.current.onPick(column),
      hover: (dataset) => {
        const shown = dataset ?? current.current.selected
        focus.set({ lineage: shown === null ? null : current.current.around(shown) })
      },
      move: (id, direction) => {
        const next = nextNode(current.current.boxes, id, direction)
        if (next) focusNode(nodeDomId(next), current.current.boxes.get(next), current.current.instance, pane.current)
      },
    }),
    [focus],
  )
  return (
    <LineageProvider value={api}>
      <FlowPane
        label="Lineage. Arrow keys move between datasets, Enter selects."
        pane={pane}
        nodes={nodes}
        nodeTypes={NODE_TYPES}
        layout={layout}
        flow={instance}
        onInit={setInstance}
        onPaneClick={() => props.onSelect(null)}
      >
        <LineageEdges flow={flow} layout={layout} />
      </FlowPane>
    </LineageProvider>
  )
}

function toNodes({ cards }: LineageFlow, layout: GraphLayout): Node[] {
  return [...cards].flatMap(([id, card]) => {
    const box = layout.boxes[id]
    if (!box) return []
    return {
      id,
      type: "dataset",
      position: { x: box.x, y: box.y },
      width: box.width,
      height: box.height,
      data: { card },
      zIndex: 2,
      style: { pointerEvents: "none" as const },
    }
  })
}

/** All that is upstream and downstream of a dataset, in O(datasets + edges). */
function aroundOf({ graph }: LineageFlow) {
  const upstream = new Map<string, string[]>(graph.nodes.map(({ id }) => [id, []]))
  for (const { source, target } of graph.edges) upstream.get(target)?.push(source)
  const downstream = invert(upstream)
  return (dataset: string) => ({ up: reachable(upstream, [dataset]), down: reachable(downstream, [dataset]) })
}
