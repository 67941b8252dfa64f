"use client"
import { useSyncExternalStore } from "react"

const KEY = "headrace.zone"
const listeners = new Set<() => void>()
let chosen: string | null | undefined
let own: string | undefined

/** The zone this person reads times in: the one they picked, else the browser's. UTC while rendering on the server. */
export function useZone(): string {
  return useSyncExternalStore(subscribe, currentZone, () => "UTC")
}

/** The pick itself: an IANA name, or null for "the browser's". */
export function useZonePick(): string | null {
  return useSyncExternalStore(subscribe, pick, () => null)
}

/** Picks a zone for this browser; null goes back to the browser's own. */
export function setZone(zone: string | null): void {
  chosen = zone
  try {
    if (zone === null) localStorage.removeItem(KEY)
    else localStorage.setItem(KEY, zone)
  } catch {
    // Storage is refused (private mode): the pick lasts for this page.
  }
  for (const listener of listeners) listener()
}

/** True for names that this browser knows. */
export function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat("en-GB", { timeZone: zone })
    return true
  } catch {
    return false
  }
}

function currentZone(): string {
  // Asking costs a tenth of a millisecond, and every time on a page asks at every render.
  own ??= Intl.DateTimeFormat().resolvedOptions().timeZone ?? "UTC"
  return pick() ?? own
}

function pick(): string | null {
  if (chosen === undefined) {
    try {
      const stored = localStorage.getItem(KEY)
      chosen = stored && isZone(stored) ? stored : null
    } catch {
      chosen = null
    }
  }
  return chosen
}

function subscribe(listener: () => void) {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
