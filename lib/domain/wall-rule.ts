import { type ClockChange, lastChange, nextChange } from "./zone.ts"

/**
 * Times on a wall clock without changes, in ms as if the clock showed UTC. `next` and `previous` are strict. A rule that
 * follows elapsed time (every 15 minutes) fires nothing in a gap and in both passes of a repeated hour, whatever the policy.
 */
export interface WallRule {
  next(after: number): number | null
  previous(before: number): number | null
  followsElapsedTime: boolean
}

/**
 * What becomes of a time of day on the days when the clock changes. `gap`: a time that the clock skips in spring fires at
 * the first instant after the gap (`shift`) or not at all (`skip`). `fold`: of a time that comes twice in autumn, the
 * `first` pass fires, the `last`, or `both`.
 */
export interface ClockPolicy {
  gap: "shift" | "skip"
  fold: "first" | "last" | "both"
}

export const GAP_POLICIES = ["shift", "skip"] as const
export const FOLD_POLICIES = ["first", "last", "both"] as const
export const DEFAULT_POLICY: ClockPolicy = { gap: "shift", fold: "first" }

/** Times of a rule on the clock of a zone: what both directions of the walk need. */
export interface ZonedRule extends ClockPolicy {
  rule: WallRule
  timezone: string
}

/**
 * The first instant strictly after `after` at which the rule fires. Walks the stretches between clock changes, in each of
 * which wall time and elapsed time run alike; what a change itself fires is decided at its instant.
 */
export function nextInstant(zoned: ZonedRule, after: number): number | null {
  const { rule, timezone } = zoned
  let wasEmpty = false
  for (let low = after; ; ) {
    const change = nextChange(timezone, low)
    let wall = rule.next(low + change.before)
    for (; wall !== null && wall - change.before < change.at; wall = rule.next(wall)) {
      if (fires(zoned, wall - change.before)) return wall - change.before
    }
    if (firesAtChange(zoned, change)) return change.at
    // After the last time of a rule, one more stretch: a fold shows the same wall times again.
    if (wall === null && wasEmpty) return null
    wasEmpty = wall === null
    low = change.at
  }
}

/** The last instant strictly before `before` at which the rule fires. */
export function previousInstant(zoned: ZonedRule, before: number): number | null {
  const { rule, timezone } = zoned
  let wasEmpty = false
  for (let high = before; ; ) {
    const change = lastChange(timezone, high - 1)
    let wall = rule.previous(high + change.after)
    for (; wall !== null && wall - change.after > change.at; wall = rule.previous(wall)) {
      if (fires(zoned, wall - change.after)) return wall - change.after
    }
    if (firesAtChange(zoned, change)) return change.at
    if (wall === null && wasEmpty) return null
    wasEmpty = wall === null
    high = change.at
  }
}

/** The wall times that a change skips and that the rule names, at most 10; empty for a change that skips nothing. */
export function skippedTimes({ rule }: ZonedRule, change: ClockChange): number[] {
  const times: number[] = []
  for (let wall = rule.next(change.at + change.before - 1); wall !== null; wall = rule.next(wall)) {
    if (wall >= change.at + change.after || times.length === 10) break
    times.push(wall)
  }
  return times
}

/** Which pass of a repeated wall time an instant is; null for one that comes once. */
export function passOf(timezone: string, instant: number): "first" | "second" | null {
  const last = lastChange(timezone, instant)
  if (last.after < last.before && instant + last.after < last.at + last.before) return "second"
  const next = nextChange(timezone, instant)
  return next.after < next.before && instant + next.before >= next.at + next.after ? "first" : null
}

function fires({ rule, timezone, fold }: ZonedRule, instant: number): boolean {
  if (rule.followsElapsedTime || fold === "both") return true
  return passOf(timezone, instant) !== (fold === "first" ? "second" : "first")
}

function firesAtChange(zoned: ZonedRule, change: ClockChange): boolean {
  const { rule, gap } = zoned
  const wall = change.at + change.after
  if (rule.next(wall - 1) === wall && fires(zoned, change.at)) return true
  return gap === "shift" && !rule.followsElapsedTime && skippedTimes(zoned, change).length > 0
}
