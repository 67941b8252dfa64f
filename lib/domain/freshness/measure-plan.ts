import type { FreshnessVerdict } from "./evaluate-freshness.ts"

/** Looks at a warehouse no more often than this by itself, and no more rarely. */
const MIN_GAP_MS = 15_000
const MAX_GAP_MS = 3_600_000
/** While something is late, or cannot be asked, it is looked at this often at least. */
const MAX_LATE_GAP_MS = 300_000

/**
 * When data is read next. What is fresh stays so until its deadline, whatever arrives: half the time until then is waited,
 * again and again, and at the deadline it is read once more before anything is called late. What is late, or does not answer,
 * is read ever more rarely.
 */
export function nextMeasureAt(
  { state, since, nextChangeAt }: FreshnessVerdict,
  context: { now: Date; everyMs: number | null; failures: number },
): Date {
  const { now, everyMs, failures } = context
  const after = (ms: number) => new Date(now.getTime() + ms)
  const bound = (ms: number, most: number) => Math.min(Math.max(ms, MIN_GAP_MS), most)
  if (failures > 0)
    return after(bound(Math.min(everyMs ?? MIN_GAP_MS, MIN_GAP_MS) * 2 ** (failures - 1), MAX_LATE_GAP_MS))
  const untilChangeMs = nextChangeAt ? nextChangeAt.getTime() - now.getTime() : MAX_GAP_MS
  const lateMs = since ? (now.getTime() - since.getTime()) / 10 : MAX_GAP_MS
  const ownMs =
    state === "warn" || state === "error" ? bound(lateMs, MAX_LATE_GAP_MS) : bound(untilChangeMs / 2, MAX_GAP_MS)
  return after(Math.max(1, Math.min(everyMs ?? ownMs, untilChangeMs > 0 ? untilChangeMs : ownMs)))
}
