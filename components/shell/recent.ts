"use client"
import { usePathname } from "next/navigation"
import { useEffect } from "react"
import { crumbsOf } from "./crumbs-of.ts"
import { addVisit, isVisit, type Visit } from "./visits.ts"

const KEY = "headrace.recent"

/** Notes each pipeline, run, dataset or backfill that is opened, for the palette's "Recent". */
export function useRecordVisit(): void {
  const path = usePathname()
  // Outside React: the browser's storage.
  useEffect(() => {
    if (path.split("/").length < 3 || path.endsWith("/new")) return
    const label = crumbsOf(path).at(-1)?.label ?? path
    try {
      localStorage.setItem(KEY, JSON.stringify(addVisit(readRecent(), { href: path, label })))
    } catch {
      // Storage is refused or full: then there is no list of recent pages, and nothing else depends on it.
    }
  }, [path])
}

/** The pages visited last; empty where storage holds none or something unreadable. */
export function readRecent(): Visit[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]")
    return Array.isArray(stored) ? stored.filter(isVisit) : []
  } catch {
    return []
  }
}
