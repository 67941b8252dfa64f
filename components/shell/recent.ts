"use client"
import { usePathname } from "next/navigation"
import { useEffect } from "react"
import { crumbsOf } from "./crumbs-of.ts"

const KEY = "headrace.recent"
const KEEP = 8

/** A page that was visited, newest first in {@link readRecent}. */
export interface Visit {
  href: string
  label: string
}

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

/** The list with `visit` at its head, each address once, eight at most. */
export function addVisit(visits: readonly Visit[], visit: Visit): Visit[] {
  return [visit, ...visits.filter((one) => one.href !== visit.href)].slice(0, KEEP)
}

function isVisit(value: unknown): value is Visit {
  const visit = value as Visit | null
  // Storage may hold anything; only our own addresses are followed.
  return typeof visit?.href === "string" && /^\/(?!\/)/.test(visit.href) && typeof visit.label === "string"
}
