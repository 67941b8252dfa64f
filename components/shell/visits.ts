const KEEP = 8

/** A page that was visited, as `recent.ts` keeps it. */
export interface Visit {
  href: string
  label: string
}

/** The list with `visit` at its head, each address once, eight at most. */
export function addVisit(visits: readonly Visit[], visit: Visit): Visit[] {
  return [visit, ...visits.filter((one) => one.href !== visit.href)].slice(0, KEEP)
}

/** True for what may be followed: storage may hold anything, and only our own addresses count. */
export function isVisit(value: unknown): value is Visit {
  const visit = value as Visit | null
  return typeof visit?.href === "string" && /^\/(?!\/)/.test(visit.href) && typeof visit.label === "string"
}
