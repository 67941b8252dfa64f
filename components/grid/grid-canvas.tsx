"use client"
import "./grid.css"
import { type CSSProperties, type KeyboardEvent, type MouseEvent, useEffect, useMemo, useRef } from "react"
import type { PipelineGrid } from "#lib/contracts/api/pipeline-views.ts"
import { isFinalRunState } from "#lib/domain/run-state.ts"
import { stateOfCode } from "#lib/domain/severity.ts"
import { useNow } from "../format/now.ts"
import { useZone } from "../format/zone.ts"
import { statusOf } from "../status/status-map.ts"
import { itemsIn, useVisibleArea } from "../ui/use-visible-area.ts"
import { GridHeader } from "./grid-header.tsx"
import { GridLegend } from "./grid-legend.tsx"
import { cellsOf, type GridRow } from "./grid-model.ts"
import { ACTIVE_CELL, GridRowItem } from "./grid-row.tsx"
import { CELL, HEADER, namesWidth } from "./grid-size.ts"

/** A cell by its row and column; -1 is the row of runs and the column of names. */
export interface GridCursor {
  row: number
  column: number
}

/** Rows and columns are drawn in blocks: scrolling by a pixel draws nothing. */
const BLOCK = 8

/**
 * Tasks by runs. One tab stop: arrow keys move through it, Enter opens, Home and End go along a row, Page keys down a
 * screen. Only cells in view exist. `cursor` is the active cell; a new object brings it into view.
 */
export function GridCanvas({
  label,
  grid,
  rows,
  cursor,
  onCursor,
  onOpen,
  onEscape,
  selectedRow,
  selectedColumn,
}: {
  label: string
  grid: PipelineGrid
  rows: readonly GridRow[]
  cursor: GridCursor | null
  onCursor: (cursor: GridCursor) => void
  onOpen: (cursor: GridCursor) => void
  onEscape: () => void
  selectedRow: string | null
  selectedColumn: number | null
}) {
  const pane = useRef<HTMLDivElement>(null)
  const hover = useRef<HTMLOutputElement>(null)
  const { runs } = grid
  const area = useVisibleArea(pane, { stepX: BLOCK * CELL, stepY: BLOCK * CELL })
  const names = namesWidth(area.width)
  const [firstRow, lastRow] = itemsIn(area.top, area.height, CELL, rows.length, BLOCK)
  const [first, last] = itemsIn(area.left, area.width, CELL, runs.length, BLOCK)
  const pool = Math.ceil(area.height / CELL) + 3 * BLOCK
  const shown = useMemo(() => runs.slice(first, last), [runs, first, last])
  const zone = useZone()
  const isOpen = runs.some((run) => !isFinalRunState(run.state))
  const tick = useNow(10_000)
  const now = isOpen ? tick : 0
  const longestMs = useMemo(() => longest(grid, now), [grid, now])
  const active = cursor ?? { row: rows.length > 0 ? 0 : -1, column: runs.length - 1 }

  // Outside React: the scroll position. The newest runs are at the right, where a grid that is too wide opens.
  useEffect(() => {
    const element = pane.current
    if (element) element.scrollLeft = element.scrollWidth
  }, [])
  useEffect(() => {
    if (cursor && pane.current) reveal(pane.current, cursor, names)
  }, [cursor, names])

  const move = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor(area.height / CELL) - 6)
    const next = moved(event, active, { rows: rows.length, columns: runs.length, page })
    if (event.key === "Escape") onEscape()
    else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault()
      onOpen(active)
    } else if (next) {
      event.preventDefault()
      onCursor(next)
    }
  }
  const click = (event: MouseEvent) => {
    const at = placeOf(event.target)
    if (!at) return
    onCursor(at)
    onOpen(at)
  }
  // Written past React: pointing at cells must not draw the grid again.
  const say = (target: EventTarget | null) => {
    if (hover.current) hover.current.textContent = words(placeOf(target), grid, rows)
  }
  return (
    <>
      <div
        ref={pane}
        role="grid"
        aria-label={label}
        aria-rowcount={rows.length + 1}
        aria-colcount={runs.length + 1}
        aria-activedescendant={ACTIVE_CELL}
        tabIndex={0}
        onKeyDown={move}
        onClick={click}
        onPointerOver={(event) => say(event.target)}
        onPointerLeave={() => say(null)}
        className="group/grid relative min-h-0 flex-1 overflow-auto focus-visible:-outline-offset-2"
        style={{ "--cell": `${CELL}px`, "--names": `${names}px` } as CSSProperties}
      >
        <div role="rowgroup" className="contents">
          <GridHeader
            runs={runs}
            first={first}
            last={last}
            width={names + (runs.length + 1) * CELL}
            longestMs={longestMs}
            medianMs={grid.medianDurationMs}
            now={now}
            zone={zone}
            active={active.row === -1 ? active.column : null}
            selectedColumn={selectedColumn}
          />
        </div>
        <div
          role="rowgroup"
          className="relative"
          style={{ height: rows.length * CELL, width: names + (runs.length + 1) * CELL }}
        >
          {selectedColumn !== null && (
            <div
              role="presentation"
              className="absolute inset-y-0 bg-selected"
              style={{ left: names + selectedColumn * CELL, width: CELL }}
            />
          )}
          {rows.slice(firstRow, lastRow).map((row, i) => {
            const index = firstRow + i
            const isSelected = row.id === selectedRow
            return (
              <GridRowItem
                // Elements are used again for other rows: most cells are alike, so little of them changes.
                key={index % pool}
                row={row}
                index={index}
                cells={cellsOf(shown, row)}
                firstColumn={first}
                active={active.row === index ? active.column : null}
                isSelected={isSelected}
                selectedColumn={isSelected ? selectedColumn : null}
              />
            )
          })}
        </div>
      </div>
      <div className="flex min-h-10 flex-none items-center gap-x-4 border-line border-t px-6 py-1.5 text-12 text-t2 max-sm:px-4">
        <GridLegend />
        <output ref={hover} className="ml-auto truncate max-lg:hidden" />
      </div>
    </>
  )
}

/** The longest of these runs, and the median: what a bar's height is measured by. */
function longest({ runs, medianDurationMs }: PipelineGrid, now: number): number {
  const lengths = runs.map((run) => run.durationMs ?? (run.startedAt && now > 0 ? now - Date.parse(run.startedAt) : 0))
  // One run that hung for a day must not flatten all others: it is cut at three medians.
  const cut = medianDurationMs === null ? Number.POSITIVE_INFINITY : medianDurationMs * 3
  return Math.min(Math.max(medianDurationMs ?? 0, ...lengths), Math.max(cut, 1))
}

function moved(
  event: KeyboardEvent,
  { row, column }: GridCursor,
  { rows, columns, page }: { rows: number; columns: number; page: number },
): GridCursor | null {
  const at = (nextRow: number, nextColumn: number) => ({
    row: Math.max(-1, Math.min(rows - 1, nextRow)),
    column: Math.max(-1, Math.min(columns - 1, nextColumn)),
  })
  const isFar = event.ctrlKey || event.metaKey
  switch (event.key) {
    case "ArrowUp":
      return at(row - 1, column)
    case "ArrowDown":
      return at(row + 1, column)
    case "ArrowLeft":
      return at(row, column - 1)
    case "ArrowRight":
      return at(row, column + 1)
    case "Home":
      return at(isFar ? 0 : row, -1)
    case "End":
      return at(isFar ? rows - 1 : row, columns - 1)
    case "PageUp":
      return at(Math.max(0, row - page), column)
    case "PageDown":
      return at(row + page, column)
    default:
      return null
  }
}

/** Scrolls no further than needed, and clear of the names and the bars. */
function reveal(pane: HTMLElement, { row, column }: GridCursor, names: number): void {
  if (row >= 0) {
    const top = row * CELL
    if (top < pane.scrollTop) pane.scrollTop = top
    const bottom = top + CELL + HEADER + CELL
    if (bottom > pane.scrollTop + pane.clientHeight) pane.scrollTop = bottom - pane.clientHeight
  }
  if (column >= 0) {
    const left = column * CELL
    if (left < pane.scrollLeft) pane.scrollLeft = left
    const right = left + CELL + names + CELL
    if (right > pane.scrollLeft + pane.clientWidth) pane.scrollLeft = right - pane.clientWidth
  }
}

function placeOf(target: EventTarget | null): GridCursor | null {
  if (!(target instanceof Element)) return null
  const column = target.closest<HTMLElement>("[data-column]")?.dataset.column
  const row = target.closest<HTMLElement>("[data-row]")?.dataset.row
  return row === undefined || column === undefined ? null : { row: Number(row), column: Number(column) }
}

/** What the pointer is at, as the colours and shapes alone would not say. */
function words(at: GridCursor | null, grid: PipelineGrid, rows: readonly GridRow[]): string {
  const run = at && grid.runs[at.column]
  const row = at && rows[at.row]
  if (!run || !row) return ""
  const state = stateOfCode(cellsOf([run], row))
  return `${row.label} in run ${run.id}: ${state === null ? "not in this run" : statusOf(state).label.toLowerCase()}`
}
