"use client"
import { type NodeProps, useStore } from "@xyflow/react"
import { isZoomedOut, nodeDomId, onNodeKey } from "../dag/task-node.tsx"
import { cn } from "../ui/cn.ts"
import { Icon } from "../ui/icon.tsx"
import { useLineage, useLineageFocus } from "./lineage-context.tsx"
import { type DatasetCard, HEAD_HEIGHT, ROW_HEIGHT, type RowKind, shortName } from "./lineage-flow.ts"
import { KINDS, kindWords } from "./lineage-words.ts"

/** One dataset: its name and kind, and below them the columns on the way of the one that was picked. */
export function DatasetNode({ id, data }: NodeProps & { data: { card: DatasetCard } }) {
  const { node, rows, hiddenRows, isOnTrail } = data.card
  const lineage = useLineage()
  const isMinimal = useStore(isZoomedOut)
  const isSelected = useLineageFocus((focus) => focus.selected === id)
  const isTabStop = useLineageFocus((focus) => focus.tabStop === id)
  return (
    <div
      onPointerEnter={() => lineage.hover(id)}
      onPointerLeave={() => lineage.hover(null)}
      className={cn(
        "nodrag nopan pointer-events-auto size-full rounded-2 border bg-surface",
        isOnTrail ? "border-line-strong" : "border-line",
        node.kind === "outside" && "border-dashed",
        isSelected && "border-accent shadow-[inset_0_0_0_1px_var(--accent)]",
      )}
    >
      <button
        type="button"
        id={nodeDomId(id)}
        tabIndex={isTabStop ? 0 : -1}
        aria-pressed={isSelected}
        title={id}
        onClick={() => lineage.select(id)}
        onFocus={() => lineage.focus.set({ tabStop: id })}
        onKeyDown={(event) => onNodeKey(event, id, lineage.move)}
        style={{ height: HEAD_HEIGHT - 2 }}
        className="flex w-full cursor-pointer items-center gap-[7px] rounded-2 pr-2 pl-2.5 text-left hover:bg-hover"
      >
        {isMinimal ? (
          <span className={cn("h-7 w-full rounded-1", isSelected ? "bg-accent" : "bg-band")}>
            <span className="sr-only">{shortName(id)}</span>
          </span>
        ) : (
          <>
            <Icon name={KINDS[node.kind].icon} className="text-t3" />
            <span className="min-w-0 flex-1">
              <span className={cn("block truncate text-12", isOnTrail ? "font-med text-t1" : "text-t3")}>
                {shortName(id)}
              </span>
              <span className="block truncate text-11 text-t3">{kindWords(node.kind, node.materialized)}</span>
            </span>
            {node.sensitiveColumns > 0 && (
              <span className="inline-flex flex-none items-center gap-0.5 text-11 text-t3">
                <Icon name="lock" size={12} />
                {node.sensitiveColumns}
                <span className="sr-only"> columns with personal data</span>
              </span>
            )}
          </>
        )}
      </button>
      {rows.length > 0 && !isMinimal && (
        <ul aria-label={`Columns of ${shortName(id)} on the way`}>
          {rows.map(({ column, kind }) => (
            <li key={column} style={{ height: ROW_HEIGHT }} className="px-1">
              <button
                type="button"
                tabIndex={-1}
                title={ROW_WORDS[kind]}
                onClick={() => lineage.pick({ dataset: id, column })}
                className={cn(
                  "flex h-full w-full items-center gap-1 rounded-1 px-1.5 text-left text-11 hover:bg-hover",
                  kind === "start" ? "bg-selected font-strong text-accent-t" : "text-t2",
                )}
              >
                <span className="truncate">{column}</span>
                <span className="sr-only">, {ROW_WORDS[kind]}</span>
              </button>
            </li>
          ))}
          {hiddenRows > 0 && (
            <li style={{ height: ROW_HEIGHT }} className="px-2.5 text-11 text-t3">
              {hiddenRows} more
            </li>
          )}
        </ul>
      )}
    </div>
  )
}

const ROW_WORDS: Readonly<Record<RowKind, string>> = {
  start: "the column that was picked",
  direct: "holds the same value",
  derived: "worked out with it",
}
