/** When a table was profiled last, and what happened since. */
export interface ProfileStanding {
  /** From the policy; null: not by the clock. */
  everyMs: number | null
  /** From the policy: whenever something was loaded. */
  isAfterLoad: boolean
  /** When the last profile was asked for, whatever became of it; null: never. */
  askedAt: Date | null
  loadedAt: Date | null
}

/** A table that is loaded each second is not profiled each second. */
const MIN_GAP_MS = 60_000

/** What makes a table be profiled now, or null. A failure counts as a look: it is not tried again before its time. */
export function profileDue(standing: ProfileStanding, now: Date): "load" | "clock" | null {
  const { everyMs, isAfterLoad, askedAt, loadedAt } = standing
  const age = askedAt === null ? Number.POSITIVE_INFINITY : now.getTime() - askedAt.getTime()
  if (isAfterLoad && loadedAt !== null && age >= MIN_GAP_MS && (askedAt === null || loadedAt > askedAt)) return "load"
  return everyMs !== null && age >= everyMs ? "clock" : null
}
