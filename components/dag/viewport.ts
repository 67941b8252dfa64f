"use client"
import type { ReactFlowInstance } from "@xyflow/react"
import { type RefObject, useEffect, useRef } from "react"
import type { Box, GraphLayout } from "./layout-graph.ts"

type Boxes = ReadonlyMap<string, Box>
/** A graph that fits at this zoom opens whole: names are 7 px tall there. A larger one opens at {@link READING_ZOOM}. */
const SMALLEST_OPENING_ZOOM = 0.62
const READING_ZOOM = 0.8
/** Ten thousand tasks in a column still fit. */
export const SMALLEST_ZOOM = 0.01
const MARGIN = 16

/**
 * Keeps the eye's place: the first view shows all of the graph if that can be read, else its beginning or `chosen`; after
 * a group was opened or closed, what was in view stays where it was.
 */
export function useKeptPlace(
  flow: ReactFlowInstance | null,
  pane: RefObject<HTMLElement | null>,
  layout: GraphLayout,
  boxes: Boxes,
  chosen: Box | null,
): void {
  const before = useRef<Boxes | null>(null)
  const first = useRef(chosen)
  // Outside React: the viewport, which React Flow owns.
  useEffect(() => {
    if (!flow) return
    const old = before.current
    before.current = boxes
    if (old) return stayAt(flow, layout, old, boxes, pane.current)
    open(flow, layout, pane.current, first.current)
  }, [flow, pane, layout, boxes])
}

/** Brings a box to the middle, at a zoom at which its name can be read. */
export function centreBox(flow: ReactFlowInstance, box: Box): void {
  const zoom = Math.max(READING_ZOOM, flow.getZoom())
  void flow.setCenter(box.x + box.width / 2, box.y + box.height / 2, { zoom, duration: motionMs() })
}

/** Shows the whole graph, however small that makes it. */
export function showAll(flow: ReactFlowInstance, layout: GraphLayout, pane: HTMLElement | null): void {
  place(flow, layout, pane, fittingZoom(layout, pane), motionMs())
}

/** Brings a node into view if need be, and gives it the focus once it is drawn. */
export function focusNode(
  domId: string,
  box: Box | undefined,
  flow: ReactFlowInstance | null,
  pane: HTMLElement | null,
): void {
  if (flow && box && !isInView(flow, box, pane)) centreBox(flow, box)
  const take = (tries: number) => {
    const element = document.getElementById(domId)
    if (element) element.focus({ preventScroll: true })
    else if (tries > 0) requestAnimationFrame(() => take(tries - 1))
  }
  take(30)
}

/** Length of movements; none for people who asked for none. */
export function motionMs(): number {
  return window.matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 160
}

function open(flow: ReactFlowInstance, layout: GraphLayout, pane: HTMLElement | null, chosen: Box | null): void {
  const fitting = fittingZoom(layout, pane)
  const isWhole = fitting >= SMALLEST_OPENING_ZOOM
  const zoom = isWhole ? fitting : READING_ZOOM
  place(flow, layout, pane, zoom, 0)
  if (isWhole || !chosen) return
  const { x, y } = flow.getViewport()
  const width = pane?.clientWidth ?? 0
  const height = pane?.clientHeight ?? 0
  // Only as far as needed: a graph that is merely wide stays at its top.
  const left = width / 2 - (chosen.x + chosen.width / 2) * zoom
  const isDown = layout.height * zoom > height
  void flow.setViewport({
    x: Math.min(8, Math.max(left, width - layout.width * zoom - 8, -layout.width * zoom), x),
    y: isDown ? height / 2 - (chosen.y + chosen.height / 2) * zoom : y,
    zoom,
  })
}

function stayAt(flow: ReactFlowInstance, layout: GraphLayout, old: Boxes, now: Boxes, pane: HTMLElement | null): void {
  // What fits is shown whole: keeping one node's place could push the others out for no reason.
  if (fittingZoom(layout, pane) >= flow.getZoom()) {
    place(flow, layout, pane, flow.getZoom(), motionMs())
    return
  }
  const anchor = [...now.keys()].find((id) => old.has(id) && isInView(flow, old.get(id)!, pane))
  if (anchor === undefined) return
  const { x, y, zoom } = flow.getViewport()
  const was = old.get(anchor)!
  const is = now.get(anchor)!
  void flow.setViewport({ x: x + (was.x - is.x) * zoom, y: y + (was.y - is.y) * zoom, zoom })
}

function fittingZoom(layout: GraphLayout, pane: HTMLElement | null): number {
  const across = ((pane?.clientWidth ?? 0) - MARGIN) / layout.width
  // 56 px: the zoom buttons stand at the bottom.
  const down = ((pane?.clientHeight ?? 0) - 56) / layout.height
  return Math.max(SMALLEST_ZOOM, Math.min(1, across, down))
}

function place(flow: ReactFlowInstance, layout: GraphLayout, pane: HTMLElement | null, zoom: number, duration: number) {
  const spareX = (pane?.clientWidth ?? 0) - layout.width * zoom
  const spareY = (pane?.clientHeight ?? 0) - layout.height * zoom
  // High rather than in the middle: the eye starts at the top.
  const y = Math.max(8, Math.min(24, spareY / 2))
  void flow.setViewport({ x: Math.max(8, spareX / 2), y, zoom }, { duration })
}

function isInView(flow: ReactFlowInstance, box: Box, pane: HTMLElement | null): boolean {
  const { x, y, zoom } = flow.getViewport()
  const left = box.x * zoom + x
  const top = box.y * zoom + y
  const isAcross = left >= 0 && left + box.width * zoom <= (pane?.clientWidth ?? 0)
  return isAcross && top >= 0 && top + box.height * zoom <= (pane?.clientHeight ?? 0)
}
