import { parseDuration } from "./duration.ts"
import { nextTick } from "./schedule.ts"
import { DEFAULT_POLICY } from "./wall-rule.ts"

/** What a deferred task run may wait for. */
export const WAIT_KINDS = ["time", "poll", "dataset", "callback", "approval", "run"] as const
export type WaitKind = (typeof WAIT_KINDS)[number]

/** What becomes of a task whose wait takes too long. */
export const TIMEOUT_ACTIONS = ["fail", "skip"] as const
export type TimeoutAction = (typeof TIMEOUT_ACTIONS)[number]

/** How often something is looked at. Times in milliseconds. */
export interface PollPolicy {
  everyMs: number
  /** Each further delay is the one before times this; 1 keeps it constant. */
  factor: number
  maxDelayMs: number
}

/** Less than this would keep a worker busy with one sensor. */
const MIN_POLL_MS = 100

/** The delay after poll number `polls` (1-based): exponential, capped, never below a tenth of a second. */
export function pollDelayMs(policy: PollPolicy, polls: number): number {
  const grown = policy.everyMs * policy.factor ** Math.max(0, polls - 1)
  return Math.max(MIN_POLL_MS, Math.min(grown, Math.max(policy.everyMs, policy.maxDelayMs)))
}

/** A sensor's options as a policy; without `backoff` the delay stays. */
export function pollPolicy(options: {
  every: string | number
  backoff?: { factor: number; maxDelay: string | number } | undefined
}): PollPolicy {
  const everyMs = parseDuration(options.every) ?? 0
  if (!options.backoff) return { everyMs, factor: 1, maxDelayMs: everyMs }
  return { everyMs, factor: options.backoff.factor, maxDelayMs: parseDuration(options.backoff.maxDelay) ?? everyMs }
}

/**
 * The first instant at or after `from` at which the clock of a zone shows `HH:MM`. A time that the clock skips in spring is
 * the first instant after the gap; one that comes twice in autumn is the first of the two.
 */
export function nextLocalTime(time: string, timezone: string, from: Date): Date {
  const [hour, minute] = time.split(":").map(Number)
  const rule = { kind: "cron" as const, cron: `${minute} ${hour} * * *`, calendar: null, onHoliday: "skip" as const }
  const tick = nextTick({ ...DEFAULT_POLICY, rule, timezone }, new Date(from.getTime() - 1))
  // Every day has the time or its gap.
  return tick!
}

/** A length of time in the two largest units that matter: `1 d 2 h`, `3 min`, `20 s`. */
export function formatWait(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000))
  const units = [
    ["d", Math.floor(seconds / 86_400)],
    ["h", Math.floor(seconds / 3_600) % 24],
    ["min", Math.floor(seconds / 60) % 60],
    ["s", seconds % 60],
  ] as const
  const first = units.findIndex(([, count]) => count > 0)
  if (first < 0) return "0 s"
  return units
    .slice(first, first + 2)
    .filter(([, count]) => count > 0)
    .map(([unit, count]) => `${count} ${unit}`)
    .join(" ")
}
