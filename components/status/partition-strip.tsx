"use client"
import { type KeyboardEvent, useState } from "react"
import { cn } from "../ui/cn.ts"
import { CellIcon } from "../ui/icon.tsx"
import { moveCursor } from "./move-cursor.ts"
import { PartitionCanvas } from "./partition-canvas.tsx"
import { CellLegend } from "./status.tsx"
import { type AnyState, statusOf } from "./status-map.ts"

/** A partition as a cell: its key, its state and whether it will run. */
export interface PartitionCell {
  key: string
  state: AnyState
  /** Underlined: a plan creates it. */
  isPlanned?: boolean
}

/** Beyond this, cells are painted: thousands of elements would make the page slow, and nobody tells them apart by icon. */
const MOST_ELEMENTS = 400

/**
 * Partitions as a heat-map in their order, newest last, with the counts of each state in words. One stop of the keyboard:
 * arrow keys go from cell to cell, which is then named below and to screen readers; Enter and a click open it.
 */
export function PartitionStrip({
  cells,
  label,
  onOpen,
}: {
  cells: readonly PartitionCell[]
  label: string
  onOpen?: (cell: PartitionCell) => void
}) {
  const [at, setAt] = useState<number | null>(null)
  const [columns, setColumns] = useState(7)
  const counts = new Map<AnyState, number>()
  for (const cell of cells) counts.set(cell.state, (counts.get(cell.state) ?? 0) + 1)
  const current = at === null ? undefined : cells[at]
  const open = (index: number) => {
    const cell = cells[index]
    if (cell) onOpen?.(cell)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && at !== null && onOpen) {
      event.preventDefault()
      return open(at)
    }
    const next = moveCursor(event.key, at ?? 0, cells.length, columns)
    if (next === null) return
    event.preventDefault()
    setAt(next)
  }
  const map = { cells, at, onPoint: setAt, onOpen: onOpen ? open : null, onColumns: setColumns }
  return (
    <figure aria-label={label} className="m-0">
      <div
        role="slider"
        tabIndex={0}
        aria-label={`${label}, one by one`}
        aria-valuemin={1}
        aria-valuemax={Math.max(1, cells.length)}
        aria-valuenow={Math.min(cells.length, (at ?? 0) + 1)}
        aria-valuetext={current ? wordsOf(current) : "Arrow keys go from one to the next"}
        onFocus={() => setAt((before) => before ?? 0)}
        onKeyDown={onKeyDown}
        onPointerOver={(event) => {
          const index = cellOf(event.target)
          if (index !== null) setAt(index)
        }}
        onClick={(event) => {
          const index = cellOf(event.target)
          if (index !== null) open(index)
        }}
        className="w-fit min-w-0 max-w-full rounded-2 focus-visible:outline-2 focus-visible:outline-focus focus-visible:outline-offset-4"
      >
        {cells.length > MOST_ELEMENTS ? <PartitionCanvas {...map} /> : <Cells {...map} />}
      </div>
      <figcaption className="mt-2 flex flex-wrap gap-x-4">
        <CellLegend counts={[...counts]} />
        <span className="ml-auto min-h-[18px] text-12 text-t2">{current && wordsOf(current)}</span>
      </figcaption>
    </figure>
  )
}

/** What both ways of drawing the cells get. */
export interface CellMap {
  cells: readonly PartitionCell[]
  /** The cell under the pointer or the keyboard's cursor. */
  at: number | null
  onPoint: (index: number | null) => void
  onOpen: ((index: number) => void) | null
  /** Says how many stand in a row, where that is known. */
  onColumns: (columns: number) => void
}

function cellOf(target: EventTarget): number | null {
  const cell = (target as Element).closest<HTMLElement>("[data-cell]")
  return cell ? Number(cell.dataset.cell) : null
}

function wordsOf(cell: PartitionCell): string {
  return `${cell.key}: ${statusOf(cell.state).label.toLowerCase()}${cell.isPlanned ? ", will run" : ""}`
}

function Cells({ cells, at, onOpen }: CellMap) {
  return (
    <div className="flex flex-wrap gap-x-[3px] gap-y-1" aria-hidden="true">
      {cells.map((cell, index) => (
        <span
          key={cell.key}
          data-cell={index}
          title={wordsOf(cell)}
          className={cn(
            "flex flex-col items-center gap-0.5 rounded-1",
            at === index && "outline-2 outline-accent outline-offset-1",
            onOpen && "cursor-pointer",
          )}
        >
          <CellIcon name={statusOf(cell.state).cell} />
          <span className={`h-0.5 w-3.5 rounded-full ${cell.isPlanned ? "bg-accent" : ""}`} />
        </span>
      ))}
    </div>
  )
}
