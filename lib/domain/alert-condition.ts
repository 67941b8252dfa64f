/** A condition between two looks. */
export interface ConditionState {
  holdsSince: Date
  /** Since when it is over, while that is not for long enough. */
  clearedSince: Date | null
  isFiring: boolean
  /** What was counted last. */
  evidence: string
}

/** What one look found. */
export interface ConditionLook {
  holds: boolean
  /** Since when it holds, where that is known; else since this look. */
  since: Date | null
  /** Equal for equal findings: looking again at the same thing counts nothing twice. */
  evidence: string
}

/** `open` it has held for long enough; `again` there is something new of it; `close` it is over for long enough. */
export type ConditionEffect = "none" | "open" | "again" | "close"

export interface ConditionStep {
  /** Null: nothing of it is left. */
  state: ConditionState | null
  effect: ConditionEffect
  /** When to look again though nothing happens. */
  nextAt: Date | null
}

/**
 * What a look makes of a condition: it must hold for `forSeconds` without a break before it fires, and be over for
 * `clearSeconds` without a break before it ends, so that what flaps makes one incident.
 */
export function stepCondition(
  before: ConditionState | null,
  look: ConditionLook,
  limits: { forSeconds: number; clearSeconds: number },
  now: Date,
): ConditionStep {
  return look.holds ? stepHolding(before, look, limits.forSeconds, now) : stepOver(before, limits.clearSeconds, now)
}

function stepHolding(before: ConditionState | null, look: ConditionLook, forSeconds: number, now: Date): ConditionStep {
  if (before?.isFiring) {
    const effect = before.evidence === look.evidence ? "none" : "again"
    return { state: { ...before, clearedSince: null, evidence: look.evidence }, effect, nextAt: null }
  }
  const known = before?.holdsSince ?? look.since
  const holdsSince = known && known < now ? known : now
  const firesAt = after(holdsSince, forSeconds)
  const isFiring = firesAt <= now
  return {
    state: { holdsSince, clearedSince: null, isFiring, evidence: look.evidence },
    effect: isFiring ? "open" : "none",
    nextAt: isFiring ? null : firesAt,
  }
}

function stepOver(before: ConditionState | null, clearSeconds: number, now: Date): ConditionStep {
  if (!before?.isFiring) return { state: null, effect: "none", nextAt: null }
  const clearedSince = before.clearedSince ?? now
  const endsAt = after(clearedSince, clearSeconds)
  if (endsAt <= now) return { state: null, effect: "close", nextAt: null }
  return { state: { ...before, clearedSince }, effect: "none", nextAt: endsAt }
}

function after(instant: Date, seconds: number): Date {
  return new Date(instant.getTime() + seconds * 1_000)
}
