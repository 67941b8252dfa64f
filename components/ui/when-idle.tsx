"use client"
import { type ReactNode, useEffect, useState } from "react"

/**
 * Mounts its children when the browser has nothing better to do, after `turn` others: heavy blocks appear one after
 * another and none of them holds up a click. `placeholder` keeps their place.
 */
export function WhenIdle({
  turn = 0,
  placeholder,
  children,
}: {
  turn?: number
  placeholder: ReactNode
  children: ReactNode
}) {
  const [left, setLeft] = useState(turn + 1)
  // Outside React: the browser's idle time. Safari has no requestIdleCallback.
  useEffect(() => {
    if (left === 0) return
    const next = () => setLeft(left - 1)
    if (typeof requestIdleCallback === "function") {
      const handle = requestIdleCallback(next, { timeout: 1_000 })
      return () => cancelIdleCallback(handle)
    }
    const timer = setTimeout(next, 50)
    return () => clearTimeout(timer)
  }, [left])
  return left > 0 ? placeholder : children
}
