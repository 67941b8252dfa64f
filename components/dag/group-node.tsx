"use client"
import { type NodeProps, useStore } from "@xyflow/react"
import { statusOf } from "../status/status-map.ts"
import { cn } from "../ui/cn.ts"
import { Icon, StateIcon } from "../ui/icon.tsx"
import type { FlowNode } from "./flow-graph.ts"
import { useFocus, useGraph, useStateCounts } from "./graph-context.tsx"
import { inDrawingOrder, rollUp, type StateCounts } from "./roll-up.ts"
import { isZoomedOut, nodeDomId, onNodeKey } from "./task-node.tsx"

type GroupData = NodeProps & { data: { node: FlowNode } }

/** An open group: a dotted frame with its name and how far it is. */
export function GroupNode({ data: { node } }: GroupData) {
  const counts = useStateCounts(node.taskIds)
  const isMinimal = useStore(isZoomedOut)
  const done = (counts.success ?? 0) + (counts.skipped ?? 0)
  return (
    <div className="pointer-events-none size-full rounded-3 border border-line-strong border-dashed">
      <div className="flex h-8 items-center gap-1 pr-3 pl-2">
        <GroupToggle node={node} isOpen />
        {!isMinimal && (
          <span className="ml-auto whitespace-nowrap text-11 text-t3">
            {Object.keys(counts).length > 0 ? `${done} of ${node.taskIds.length}` : node.taskIds.length}
          </span>
        )}
      </div>
    </div>
  )
}

/** A closed group: its name, a bar of its tasks' states, and what is in it in words. */
export function ClosedGroupNode({ data: { node } }: GroupData) {
  const graph = useGraph()
  const counts = useStateCounts(node.taskIds)
  const look = statusOf(rollUp(counts))
  const isMinimal = useStore(isZoomedOut)
  return (
    <div
      data-s={look.glyph}
      onPointerEnter={() => graph.hover(node.taskIds)}
      onPointerLeave={() => graph.hover(null)}
      className={cn(
        "pointer-events-auto flex size-full flex-col justify-between rounded-2 border border-line-strong bg-surface px-2.5 py-1.5 shadow-[4px_4px_0_-1px_var(--canvas),4px_4px_0_0_var(--border-strong)]",
        isMinimal && "border-c bg-cb",
      )}
    >
      <div className="-ml-1 flex items-center gap-1.5">
        <GroupToggle node={node} isOpen={false} />
        <span className="ml-auto flex-none">
          <StateIcon name={look.glyph} />
          <span className="sr-only">{look.label}</span>
        </span>
      </div>
      <StateBar counts={counts} total={node.taskIds.length} />
      <span className="truncate text-11 text-t3">{groupWords(node, counts)}</span>
    </div>
  )
}

function GroupToggle({ node, isOpen }: { node: FlowNode; isOpen: boolean }) {
  const graph = useGraph()
  const isTabStop = useFocus((focus) => focus.tabStop === node.id)
  return (
    <button
      type="button"
      id={nodeDomId(node.id)}
      tabIndex={isTabStop ? 0 : -1}
      aria-expanded={isOpen}
      aria-label={`Group ${node.label}, ${node.taskIds.length} tasks`}
      onClick={() => graph.toggle(node.id)}
      onFocus={() => graph.focus.set({ tabStop: node.id })}
      onKeyDown={(event) => onNodeKey(event, node.id, graph.move)}
      className={cn(
        "nodrag nopan pointer-events-auto flex min-w-0 cursor-pointer items-center gap-1 rounded-1 px-0.5 text-12 hover:text-t1",
        isOpen ? "text-t2" : "font-med text-t1",
      )}
    >
      <Icon name={isOpen ? "minus" : "plus"} size={12} className="text-t3" />
      <span className="truncate">{node.label}</span>
    </button>
  )
}

/** Shares of a group's tasks by state, as one bar. */
function StateBar({ counts, total }: { counts: StateCounts; total: number }) {
  const parts = inDrawingOrder(counts)
  return (
    <span className="flex h-[7px] gap-0.5" aria-hidden="true">
      {parts.map(([state, count]) => (
        <span
          key={state}
          data-s={statusOf(state).glyph}
          style={{ flexGrow: count / total }}
          className={cn("min-w-1 rounded-[2px] border border-c", state !== "pending" && state !== "ready" && "bg-c")}
        />
      ))}
      {parts.length === 0 && <span data-s="scheduled" className="flex-1 rounded-[2px] border border-c" />}
    </span>
  )
}

function groupWords(node: FlowNode, counts: StateCounts): string {
  const parts = inDrawingOrder(counts)
  const isUntouched = parts.every(([state]) => state === "pending")
  if (!isUntouched) return parts.map(([state, count]) => `${count} ${statusOf(state).label.toLowerCase()}`).join(", ")
  const [first, second, ...rest] = node.taskIds
  const named = second === undefined ? first! : `${first}, ${second}`
  return rest.length > 0 ? `${named}, ${rest.length} more` : named
}
