"use client"
import "@xyflow/react/dist/base.css"
import "./graph.css"
import { type Node, type NodeTypes, ReactFlow, type ReactFlowInstance } from "@xyflow/react"
import type { ReactNode, RefObject } from "react"
import type { GraphLayout } from "./layout-graph.ts"
import { SMALLEST_ZOOM, showAll } from "./viewport.ts"
import { ZoomButtons } from "./zoom-buttons.tsx"

/**
 * A graph to look at: pan and zoom, only what is in view is drawn. Nothing can be moved or connected, and nodes take care of
 * focus and keys by themselves. `children` are the edges, drawn as one picture.
 */
export function FlowPane({
  label,
  pane,
  nodes,
  nodeTypes,
  layout,
  flow,
  onInit,
  onPaneClick,
  children,
}: {
  label: string
  pane: RefObject<HTMLDivElement | null>
  nodes: Node[]
  /** The same object each time. */
  nodeTypes: NodeTypes
  layout: GraphLayout
  /** What `onInit` gave; null before. */
  flow: ReactFlowInstance | null
  onInit: (flow: ReactFlowInstance) => void
  onPaneClick: () => void
  children: ReactNode
}) {
  return (
    <div ref={pane} className="relative size-full">
      <ReactFlow
        aria-label={label}
        nodes={nodes}
        edges={NO_EDGES}
        nodeTypes={nodeTypes}
        onInit={onInit}
        onlyRenderVisibleElements
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        elementsSelectable={false}
        disableKeyboardA11y
        deleteKeyCode={null}
        panOnScroll={false}
        minZoom={SMALLEST_ZOOM}
        maxZoom={1.6}
        onPaneClick={onPaneClick}
      >
        {children}
      </ReactFlow>
      <ZoomButtons flow={flow} onFit={() => flow && showAll(flow, layout, pane.current)} />
    </div>
  )
}

const NO_EDGES: never[] = []
