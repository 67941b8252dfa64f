import type { TickSource } from "../schedule.ts"
import { durationText as exactText, scheduleText } from "../schedule-text.ts"
import type { FreshnessPolicy, Limits, PartitionPolicy } from "./freshness-policy.ts"

/** What a policy asks for, in words: "at most 6h old; by 07:00 on every working day (Europe/Berlin)". */
export function policyText({ maxAge, deadline, partitions }: FreshnessPolicy): string {
  const parts: string[] = []
  if (maxAge) parts.push(ageText(maxAge))
  if (deadline) parts.push(`${byText(deadline.ticks)}${graceText(deadline.limits)}`)
  if (partitions) parts.push(partitionText(partitions))
  return parts.join("; ")
}

function ageText({ warnAfterMs, errorAfterMs }: Limits): string {
  if (warnAfterMs === null) return `at most ${durationText(errorAfterMs!)} old`
  const error = errorAfterMs === null ? "" : ` (error ${durationText(errorAfterMs)})`
  return `at most ${durationText(warnAfterMs)} old${error}`
}

function partitionText({ unit, keys, afterMs, ticks, limits }: PartitionPolicy): string {
  const each = keys === null ? `each ${unit}` : `each ${unit} of ${keys.length} keys`
  const when = ticks ? byText(ticks) : `within ${durationText(afterMs)} of its end`
  return `${each} ${when}${graceText(limits)}`
}

/** What begins "At 07:00", as most rules do, is a deadline "by 07:00". */
function byText(ticks: TickSource): string {
  const text = scheduleText(ticks)
  return /^At /.test(text) ? `by ${text.slice(3)}` : `by each of: ${text}`
}

function graceText({ warnAfterMs, errorAfterMs }: Limits): string {
  return warnAfterMs !== null && errorAfterMs ? `, error ${durationText(errorAfterMs)} later` : ""
}

/** Hours are told in hours up to three days: `36h`, not `1d12h`. */
function durationText(ms: number): string {
  return ms < 3 * 86_400_000 && ms % 86_400_000 !== 0 && ms % 3_600_000 === 0 ? `${ms / 3_600_000}h` : exactText(ms)
}
