"use client"
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react"
import type { RunDetail } from "#lib/contracts/api/runs.ts"
import type { Manifest } from "#lib/contracts/manifest.ts"
import type { TaskRunState } from "#lib/domain/task-run-state.ts"
import { type GridRow, gridRows } from "../grid/grid-model.ts"
import { statusOf } from "../status/status-map.ts"
import { cn } from "../ui/cn.ts"
import { Icon, StateIcon } from "../ui/icon.tsx"
import { itemsIn, useVisibleArea } from "../ui/use-visible-area.ts"
import { countStates, rollUp } from "./roll-up.ts"

const ROW = 24
const BLOCK = 8
const ACTIVE = "tree-active-item"

/**
 * The tasks as a tree beside their graph, in the order of the definition, with the states of the run shown. One tab stop:
 * arrow keys move, right and left open and close, Enter selects. Only rows in view exist.
 */
export function TaskTree({
  manifest,
  run,
  closed,
  selected,
  onSelect,
  onToggleGroup,
}: {
  manifest: Pick<Manifest, "tasks" | "groups">
  run: RunDetail | null
  closed: ReadonlySet<string>
  selected: string | null
  onSelect: (taskId: string) => void
  onToggleGroup: (group: string) => void
}) {
  const pane = useRef<HTMLDivElement>(null)
  const area = useVisibleArea(pane, { stepY: BLOCK * ROW })
  const taskIds = useMemo(() => manifest.tasks.map((task) => task.id), [manifest.tasks])
  const rows = useMemo(() => gridRows(taskIds, manifest, closed), [taskIds, manifest, closed])
  const states = useMemo(() => new Map(run?.taskRuns.map((task) => [task.taskId, task.state])), [run])
  const [activeId, setActiveId] = useState<string | null>(null)
  const active = Math.max(
    0,
    rows.findIndex((row) => row.id === (activeId ?? selected)),
  )
  const [first, last] = itemsIn(area.top, area.height, ROW, rows.length, BLOCK)

  // Outside React: the scroll position follows what was selected elsewhere, in the graph or by a search.
  const selectedRow = rows.findIndex((row) => row.id === selected)
  useEffect(() => {
    if (selectedRow >= 0 && pane.current) reveal(pane.current, selectedRow)
  }, [selectedRow])

  const goTo = (index: number) => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))]
    if (!row) return
    setActiveId(row.id)
    if (pane.current) reveal(pane.current, rows.indexOf(row))
  }
  const open = (row: GridRow | undefined) => {
    if (!row) return
    setActiveId(row.id)
    if (row.kind === "group") onToggleGroup(groupOf(row))
    else onSelect(row.id)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const row = rows[active]
    const act = actionFor(event.key, row)
    if (!act) return
    event.preventDefault()
    switch (act) {
      case "down":
        return goTo(active + 1)
      case "up":
        return goTo(active - 1)
      case "first":
        return goTo(0)
      case "last":
        return goTo(rows.length - 1)
      case "open":
        return open(row)
      case "parent":
        return goTo(rows.slice(0, active).findLastIndex((one) => one.depth < (row?.depth ?? 0)))
    }
  }
  return (
    <div
      ref={pane}
      role="tree"
      aria-label="Tasks"
      aria-activedescendant={ACTIVE}
      tabIndex={0}
      onKeyDown={onKeyDown}
      className="group/tree w-60 flex-none overflow-auto border-line border-r bg-surface py-1 focus-visible:-outline-offset-2 max-lg:hidden"
    >
      <div role="presentation" className="relative" style={{ height: rows.length * ROW }}>
        {rows.slice(first, last).map((row, i) => {
          const index = first + i
          const state = stateOf(row, taskIds, states)
          return (
            <div
              key={row.id}
              role="treeitem"
              id={index === active ? ACTIVE : undefined}
              aria-level={row.depth + 1}
              aria-expanded={row.kind === "group" ? row.isOpen : undefined}
              aria-selected={row.id === selected}
              title={row.label}
              tabIndex={-1}
              onClick={() => open(row)}
              onKeyDown={undefined}
              className={cn(
                "absolute inset-x-1 flex cursor-pointer items-center gap-1.5 rounded-2 pr-2 text-12 hover:bg-hover",
                row.kind === "task" ? "text-t1" : "text-t2",
                row.id === selected && "bg-selected font-med hover:bg-selected",
                index === active && "group-focus-visible/tree:shadow-[inset_0_0_0_2px_var(--focus)]",
              )}
              style={{ top: index * ROW, height: ROW, paddingLeft: 8 + Math.min(5, row.depth) * 14 }}
            >
              {row.kind === "group" ? (
                <Icon name={row.isOpen ? "chev" : "right"} size={12} className="text-t3" />
              ) : (
                <span className="w-3 flex-none" />
              )}
              {state && (
                <>
                  <StateIcon name={statusOf(state).glyph} size={12} />
                  <span className="sr-only">{statusOf(state).label}</span>
                </>
              )}
              <span className="truncate">{row.label}</span>
              {row.kind === "group" && <span className="ml-auto text-11 text-t3">{row.places.length}</span>}
            </div>
          )
        })}
      </div>
    </div>
  )
}

type Act = "down" | "up" | "first" | "last" | "open" | "parent"

/** As people know trees (WAI-ARIA Authoring Practices, "Tree View"): right opens or enters, left closes or leaves. */
function actionFor(key: string, row: GridRow | undefined): Act | null {
  const isGroup = row?.kind === "group"
  switch (key) {
    case "ArrowDown":
      return "down"
    case "ArrowUp":
      return "up"
    case "Home":
      return "first"
    case "End":
      return "last"
    case "Enter":
    case " ":
      return "open"
    case "ArrowRight":
      return isGroup ? (row.isOpen ? "down" : "open") : null
    case "ArrowLeft":
      return isGroup && row.isOpen ? "open" : "parent"
    default:
      return null
  }
}

function stateOf(
  row: GridRow,
  taskIds: readonly string[],
  states: ReadonlyMap<string, TaskRunState>,
): TaskRunState | null {
  if (states.size === 0) return null
  if (row.kind === "task") return states.get(row.id) ?? null
  return rollUp(countStates(row.places.flatMap((place) => states.get(taskIds[place]!) ?? [])))
}

function groupOf(row: GridRow): string {
  return row.id.slice("group/".length)
}

function reveal(pane: HTMLElement, index: number): void {
  const top = index * ROW
  if (top < pane.scrollTop) pane.scrollTop = top
  else if (top + ROW + 8 > pane.scrollTop + pane.clientHeight) pane.scrollTop = top + ROW + 8 - pane.clientHeight
}
