"use client"
import { useEffect, useRef, useState } from "react"
import type { PartitionCell } from "./partition-strip.tsx"
import { statusOf } from "./status-map.ts"

const CELL = 8
const STEP = CELL + 2

/** Thousands of partitions as small squares, painted at once; the pointer names the one it is over. */
export function PartitionCanvas({ cells }: { cells: readonly PartitionCell[] }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const [title, setTitle] = useState("")
  // Painting follows the element's width and the theme, which only the browser knows.
  useEffect(() => {
    const element = canvas.current
    if (!element) return
    const draw = () => paint(element, cells)
    const resize = new ResizeObserver(draw)
    resize.observe(element.parentElement ?? element)
    const theme = new MutationObserver(draw)
    theme.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] })
    return () => {
      resize.disconnect()
      theme.disconnect()
    }
  }, [cells])
  return (
    <div className="max-h-[220px] overflow-auto" aria-hidden="true">
      <canvas
        ref={canvas}
        title={title}
        onPointerMove={(event) => {
          const columns = columnsOf(event.currentTarget.parentElement?.clientWidth ?? 0)
          const { offsetX, offsetY } = event.nativeEvent
          const cell = cells[Math.floor(offsetY / STEP) * columns + Math.min(columns - 1, Math.floor(offsetX / STEP))]
          setTitle(
            cell ? `${cell.key}: ${statusOf(cell.state).label.toLowerCase()}${cell.isPlanned ? ", will run" : ""}` : "",
          )
        }}
      />
    </div>
  )
}

function columnsOf(width: number): number {
  return Math.max(1, Math.floor(width / STEP))
}

function paint(canvas: HTMLCanvasElement, cells: readonly PartitionCell[]): void {
  const width = canvas.parentElement?.clientWidth ?? 0
  const columns = columnsOf(width)
  const height = Math.ceil(cells.length / columns) * STEP
  const scale = window.devicePixelRatio || 1
  canvas.width = width * scale
  canvas.height = height * scale
  canvas.style.width = `${width}px`
  canvas.style.height = `${height}px`
  const context = canvas.getContext("2d")
  if (!context) return
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
    context.fillStyle = colour
    context.fillRect((index % columns) * STEP, Math.floor(index / columns) * STEP, CELL, CELL)
  }
}
