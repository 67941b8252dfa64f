import type { Wait } from "#lib/contracts/api/waits.ts"
import { formatDuration, formatMinutes } from "../format/duration.ts"
import { formatUpcoming } from "../format/instant.ts"

type WordedWait = Pick<Wait, "kind" | "wakeAt" | "expiresAt" | "onTimeout" | "polls" | "timezone">

/**
 * When a wait ends or is looked at again: `until 07:00 Europe/Berlin, in 3 h 12 min`, `next look in 20 s, looked 14 times`.
 * Null where only an event ends it.
 */
export function wakeWords(wait: WordedWait, zone: string, now: number): string | null {
  if (wait.kind === "poll") {
    const next = wait.wakeAt === null ? "looks now" : leftWords(wait.wakeAt, now, "next look")
    return `${next}, looked ${wait.polls === 1 ? "once" : `${wait.polls} times`}`
  }
  if (wait.kind !== "time" || wait.wakeAt === null) return null
  // In the author's zone: that is the time they wrote.
  const at = wait.timezone ?? zone
  return `until ${formatUpcoming(wait.wakeAt, at, now)} ${at}, ${leftWords(wait.wakeAt, now, "")}`
}

/** What happens when nothing comes: `fails in 23 h`, `is skipped in 5 min`. Null where it waits for ever. */
export function expiryWords(wait: WordedWait, now: number): string | null {
  if (wait.expiresAt === null) return null
  return leftWords(wait.expiresAt, now, wait.onTimeout === "skip" ? "is skipped" : "fails")
}

/** `20 s` are counted, hours are not. */
function leftWords(at: string, now: number, verb: string): string {
  const ms = Date.parse(at) - now
  if (ms <= 0) return `${verb} any moment`.trim()
  const left = ms < 120_000 ? formatDuration(Math.ceil(ms / 1_000) * 1_000) : formatMinutes(ms)
  return `${verb} in ${left}`.trim()
}

/** "ann", "ann or bob", "ann, bob or eve"; null where anybody may. */
export function approverWords(approvers: readonly string[]): string | null {
  if (approvers.length === 0) return null
  const [last, ...rest] = [...approvers].reverse()
  return rest.length === 0 ? last! : `${rest.reverse().join(", ")} or ${last}`
}
