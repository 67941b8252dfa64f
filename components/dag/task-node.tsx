"use client"
import { type NodeProps, useStore } from "@xyflow/react"
import type { KeyboardEvent } from "react"
import { statusOf } from "../status/status-map.ts"
import { cn } from "../ui/cn.ts"
import { StateIcon } from "../ui/icon.tsx"
import { useFocus, useGraph, useTaskStatus } from "./graph-context.tsx"
import type { Direction } from "./next-node.ts"
import type { TaskStatus } from "./task-status-store.ts"
import { TaskWords } from "./task-words.tsx"

/** States with a bar at the left: something goes on or went wrong. The rest stays quiet. */
const LOUD: ReadonlySet<string> = new Set(["running", "up_for_retry", "deferred", "mapped", "failed"])
/** Below this zoom a name is under 6 px tall: draw a block in the state's colour instead. */
const READABLE_ZOOM = 0.45
export const isZoomedOut = (state: { transform: [number, number, number] }) => state.transform[2] < READABLE_ZOOM

/** One task of the graph. Reads its own live status, so that one change repaints one node. */
export function TaskNode({ id }: NodeProps) {
  const graph = useGraph()
  const status = useTaskStatus(id)
  const isMinimal = useStore(isZoomedOut)
  const isSelected = useFocus((focus) => focus.selected === id)
  const isTabStop = useFocus((focus) => focus.tabStop === id)
  const look = statusOf(status?.state ?? "pending")
  const isLoud = status !== null && LOUD.has(status.state)
  return (
    <button
      type="button"
      id={nodeDomId(id)}
      data-s={look.glyph}
      tabIndex={isTabStop ? 0 : -1}
      aria-pressed={isSelected}
      onClick={() => graph.select(id)}
      onFocus={() => graph.focus.set({ tabStop: id })}
      onPointerEnter={() => graph.hover([id])}
      onPointerLeave={() => graph.hover(null)}
      onKeyDown={(event) => onNodeKey(event, id, graph.move)}
      className={cn(
        "nodrag nopan pointer-events-auto relative flex size-full cursor-pointer items-center gap-[7px] rounded-2 border border-line-strong bg-surface pr-2 pl-2.5 text-left hover:bg-hover",
        isSelected && "border-accent shadow-[inset_0_0_0_1px_var(--accent)]",
        isMinimal && "border-c bg-cb",
      )}
    >
      {isMinimal ? (
        <span className="size-full rounded-1 bg-c">
          <span className="sr-only">{id}</span>
        </span>
      ) : (
        <>
          {isLoud && <span className="absolute top-1.5 bottom-1.5 -left-px w-[3px] rounded-full bg-c" />}
          <StateIcon name={look.glyph} size={16} />
          <span className="min-w-0 flex-1">
            <span className="block truncate font-med text-12 text-t1">{id}</span>
            {status && <span className="sr-only">{look.label}</span>}
            <span className={cn("block truncate text-11 text-t3", isLoud && "font-med text-ct")}>
              <TaskWords status={status} medianMs={graph.mediansMs[id] ?? null} />
            </span>
          </span>
          {status?.instances != null && <InstanceProgress status={status} total={status.instances} />}
        </>
      )}
    </button>
  )
}

/** How far a mapped task is, along the lower edge; its words say the same. */
function InstanceProgress({ status, total }: { status: TaskStatus; total: number }) {
  const failed = (status.instancesFailed / total) * 100
  const done = (status.instancesDone / total) * 100 - failed
  return (
    <span className="absolute right-2 bottom-[3px] left-2 flex h-[3px] overflow-hidden rounded-full bg-sunken">
      <span data-s="success" className="bg-c" style={{ width: `${done}%` }} />
      <span data-s="failed" className="bg-c" style={{ width: `${failed}%` }} />
    </span>
  )
}

/** Arrow keys walk the graph from node to node. */
export function onNodeKey(event: KeyboardEvent, id: string, move: (id: string, direction: Direction) => void): void {
  const direction = ARROWS[event.key]
  if (!direction || event.ctrlKey || event.metaKey || event.altKey) return
  event.preventDefault()
  move(id, direction)
}

const ARROWS: Readonly<Record<string, Direction>> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
}

/** The DOM id of a node's button. */
export function nodeDomId(nodeId: string): string {
  return `node-${nodeId}`
}
