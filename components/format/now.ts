"use client"
import { useSyncExternalStore } from "react"

/** A clock that all components share, so that one timer repaints them together. Server render: 0, meaning "not known yet". */
export function useNow(stepMs: 1_000 | 10_000 | 60_000 = 10_000): number {
  const clock = CLOCKS[stepMs]
  return useSyncExternalStore(clock.subscribe, clock.read, () => 0)
}

const CLOCKS = { 1000: makeClock(1_000), 10000: makeClock(10_000), 60000: makeClock(60_000) }

function makeClock(stepMs: number) {
  let now = 0
  let timer: ReturnType<typeof setInterval> | undefined
  const listeners = new Set<() => void>()
  const tick = () => {
    now = Date.now()
    for (const listener of listeners) listener()
  }
  return {
    read: () => {
      if (now === 0) now = Date.now()
      return now
    },
    subscribe: (listener: () => void) => {
      if (listeners.size === 0) {
        now = Date.now()
        timer = setInterval(tick, stepMs)
      }
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0) clearInterval(timer)
      }
    },
  }
}
