"use client"
import { type PointerEvent, useEffect, useRef, useState } from "react"
import type { CellMap, PartitionCell } from "./partition-strip.tsx"
import { statusOf } from "./status-map.ts"

const CELL = 8
const STEP = CELL + 2

/** Thousands of partitions as small squares, painted at once; a frame marks the one under the pointer or cursor. */
export function PartitionCanvas({ cells, at, onPoint, onOpen, onColumns }: CellMap) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const [columns, setColumns] = useState(1)
  // Painting follows the element's width and the theme, which only the browser knows.
  useEffect(() => {
    const element = canvas.current
    if (!element) return
    const draw = () => {
      const fitting = paint(element, cells)
      setColumns(fitting)
      onColumns(fitting)
    }
    const resize = new ResizeObserver(draw)
    resize.observe(element.parentElement?.parentElement ?? element)
    const theme = new MutationObserver(draw)
    theme.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] })
    return () => {
      resize.disconnect()
      theme.disconnect()
    }
  }, [cells, onColumns])
  const frame = useRef<HTMLSpanElement>(null)
  // The browser's scrolling: keeps the cursor's cell in view.
  useEffect(() => {
    if (at !== null) frame.current?.scrollIntoView({ block: "nearest" })
  }, [at])
  const cellAt = ({ nativeEvent: { offsetX, offsetY } }: PointerEvent) => {
    const index = Math.floor(offsetY / STEP) * columns + Math.min(columns - 1, Math.floor(offsetX / STEP))
    return index < cells.length ? index : null
  }
  return (
    <div className="relative max-h-[220px] w-full overflow-auto" aria-hidden="true">
      <canvas
        ref={canvas}
        onPointerMove={(event) => onPoint(cellAt(event))}
        onPointerUp={(event) => {
          const index = cellAt(event)
          if (index !== null) onOpen?.(index)
        }}
        className={onOpen ? "cursor-pointer" : ""}
      />
      {at !== null && (
        <span
          ref={frame}
          className="pointer-events-none absolute outline-2 outline-accent"
          style={{ left: (at % columns) * STEP, top: Math.floor(at / columns) * STEP, width: CELL, height: CELL }}
        />
      )}
    </div>
  )
}

/** Paints the cells in rows as wide as the page allows; gives how many stand in one. */
function paint(canvas: HTMLCanvasElement, cells: readonly PartitionCell[]): number {
  const room = canvas.closest("figure")?.clientWidth ?? 0
  const columns = Math.max(1, Math.floor((room - 14) / STEP))
  const width = columns * STEP
  const height = Math.ceil(cells.length / columns) * STEP
  const scale = window.devicePixelRatio || 1
  canvas.width = width * scale
  canvas.height = height * scale
  canvas.style.width = `${width}px`
  canvas.style.height = `${height}px`
  canvas.style.display = "block"
  const context = canvas.getContext("2d")
  if (!context) return columns
  context.scale(scale, scale)
  const style = getComputedStyle(document.documentElement)
  const colours = new Map<string, string>()
  for (const [index, cell] of cells.entries()) {
    const { glyph } = statusOf(cell.state)
    let colour = colours.get(glyph)
    if (colour === undefined) {
      colour = style.getPropertyValue(`--st-${glyph}`).trim() || style.getPropertyValue("--line").trim()
      colours.set(glyph, colour)
    }
    const [left, top] = [(index % columns) * STEP, Math.floor(index / columns) * STEP]
    context.fillStyle = colour
    context.fillRect(left, top, CELL, CELL)
    if (cell.isPlanned) {
      context.fillStyle = style.getPropertyValue("--accent").trim()
      context.fillRect(left, top + CELL - 2, CELL, 2)
    }
  }
  return columns
}
