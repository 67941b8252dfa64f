import type { ActionGlyph } from "../ui/glyphs.ts"

/** A screen in the rail. Only screens that exist stand here. */
export interface Place {
  href: string
  label: string
  icon: ActionGlyph
  /** The key after `g` that goes there. */
  key: string
  /** A line is drawn above it. */
  startsGroup?: boolean
  /** Reached by its key, the palette and from other screens; the rail leaves it out. */
  isAside?: boolean
}

/** The screens, in the order of the rail, the palette and the key sheet. */
export const PLACES: readonly Place[] = [
  { href: "/", label: "Overview", icon: "overview", key: "o" },
  { href: "/pipelines", label: "Pipelines", icon: "pipelines", key: "p" },
  { href: "/runs", label: "Runs", icon: "runs", key: "r" },
  { href: "/backfills", label: "Backfills", icon: "backfills", key: "b" },
  { href: "/triage", label: "Triage", icon: "triage", key: "t" },
  { href: "/logs", label: "Log search", icon: "search", key: "e", isAside: true },
  { href: "/approvals", label: "Approvals", icon: "user", key: "a" },
  { href: "/datasets", label: "Datasets", icon: "datasets", key: "d", startsGroup: true },
  { href: "/lineage", label: "Lineage", icon: "lineage", key: "l" },
  { href: "/diff", label: "Compare", icon: "copy", key: "c", isAside: true },
  { href: "/quality", label: "Quality", icon: "quality", key: "q" },
  { href: "/freshness", label: "Freshness", icon: "freshness", key: "f" },
  { href: "/alerts", label: "Alerts", icon: "bell", key: "n", startsGroup: true },
  { href: "/webhooks", label: "Webhooks", icon: "external", key: "w" },
  { href: "/system", label: "System", icon: "admin", key: "s" },
]

/** The place that a path belongs to: `/runs/12` belongs to Runs. */
export function placeOf(path: string): Place | undefined {
  return PLACES.find((place) =>
    place.href === "/" ? path === "/" : path === place.href || path.startsWith(`${place.href}/`),
  )
}
