"use client"
import { type RefObject, useEffect, useState } from "react"

/** The part of a scrolling pane that is in view, in pixels of its content, and the pane's size. */
export interface VisibleArea {
  top: number
  left: number
  width: number
  height: number
}

/**
 * What of a pane is in view, its corner rounded down to steps: the component draws again when a step is crossed and not at
 * each pixel. Draw at least one step beyond each edge. Before the pane is measured it is a large screen at the top.
 */
export function useVisibleArea(
  pane: RefObject<HTMLElement | null>,
  { stepX = 1, stepY = 1 }: { stepX?: number; stepY?: number },
): VisibleArea {
  const [area, setArea] = useState<VisibleArea>({ top: 0, left: 0, width: 1_200, height: 900 })
  // Outside React: the pane's scroll position and size.
  useEffect(() => {
    const element = pane.current
    if (!element) return
    const read = () => {
      const next = {
        top: Math.floor(element.scrollTop / stepY) * stepY,
        left: Math.floor(element.scrollLeft / stepX) * stepX,
        width: element.clientWidth,
        height: element.clientHeight,
      }
      setArea((before) => (isSame(before, next) ? before : next))
    }
    const observer = new ResizeObserver(read)
    observer.observe(element)
    element.addEventListener("scroll", read, { passive: true })
    return () => {
      observer.disconnect()
      element.removeEventListener("scroll", read)
    }
  }, [pane, stepX, stepY])
  return area
}

/** Indexes [first, last) of equal items in view, with `beyond` more on each side. */
export function itemsIn(start: number, length: number, size: number, count: number, beyond: number): [number, number] {
  const first = Math.max(0, Math.floor(start / size) - beyond)
  const last = Math.min(count, Math.ceil((start + length) / size) + beyond)
  return [Math.min(first, last), last]
}

function isSame(a: VisibleArea, b: VisibleArea): boolean {
  return a.top === b.top && a.left === b.left && a.width === b.width && a.height === b.height
}
