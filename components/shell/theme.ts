"use client"
import { useSyncExternalStore } from "react"
import { THEME_KEY } from "./theme-script.ts"

export const THEMES = ["system", "light", "dark"] as const
export type Theme = (typeof THEMES)[number]

const listeners = new Set<() => void>()
let current: Theme | undefined

/** The theme this person picked; "system" by default. */
export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, read, () => "system" as const)
}

/** Picks a theme for this browser. */
export function setTheme(theme: Theme): void {
  current = theme
  try {
    if (theme === "system") localStorage.removeItem(THEME_KEY)
    else localStorage.setItem(THEME_KEY, theme)
  } catch {
    // Storage is refused (private mode): the pick cannot last, so it is applied to this page alone below.
    if (theme !== "system") document.documentElement.dataset.theme = theme
  }
  window.dispatchEvent(new Event("headrace:theme"))
  for (const listener of listeners) listener()
}

function read(): Theme {
  if (current === undefined) {
    try {
      const stored = localStorage.getItem(THEME_KEY)
      current = stored === "light" || stored === "dark" ? stored : "system"
    } catch {
      current = "system"
    }
  }
  return current
}

function subscribe(listener: () => void) {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
