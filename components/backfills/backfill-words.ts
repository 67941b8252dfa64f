import type { Backfill } from "#lib/contracts/api/backfills.ts"
import type { BackfillSelection } from "#lib/domain/backfill-plan.ts"
import { formatCount, plural } from "../format/count.ts"
import { formatMinutes } from "../format/duration.ts"
import type { AnyState } from "../status/status-map.ts"

type Slot = Backfill["slots"][number]

/** What a backfill loads, as a person chose it. */
export const SELECTION_WORDS: Readonly<Record<string, string>> = {
  all: "all partitions",
  missing: "missing",
  missing_failed: "missing and failed",
  failed: "failed",
  stale: "stale",
} satisfies Record<BackfillSelection, string>

/** How a slot looks: its run's state, or what the plan says of it while it has none. */
export function slotState(slot: Slot): AnyState {
  return slot.runState ?? (slot.action === "skip" ? "skipped" : "pending")
}

/** How a partition stands in a preview: its newest run, or missing. */
export function lastStateOf(slot: Slot): AnyState {
  return slot.isStale && slot.lastState === "success" ? "stale" : (slot.lastState ?? "missing")
}

/** How many partitions each choice would load, from the states that a preview reports. Live ones are never loaded. */
export function countSelections(slots: readonly Slot[]): Record<BackfillSelection, number> {
  const count = (...states: (Slot["lastState"] | "missing")[]) =>
    slots.filter((slot) => states.includes(slot.lastState ?? "missing")).length
  return {
    all: count("missing", "success", "failed", "cancelled"),
    missing: count("missing", "cancelled"),
    missing_failed: count("missing", "cancelled", "failed"),
    failed: count("failed", "cancelled"),
    stale: slots.filter((slot) => slot.isStale && slot.lastState !== "running").length,
  }
}

/** What a plan will do, in one sentence and one more: `Will run 14 of 31 partitions, about 12 min.` */
export function planWords(plan: Backfill): { title: string; note: string } {
  const { total, create, skip } = plan.counts
  if (create === 0) {
    const note =
      total === 1 ? "The one partition stays as it is." : `All ${formatCount(total)} partitions stay as they are.`
    return { title: "Nothing to load", note }
  }
  const time = plan.estimateMs === null ? "" : `, about ${formatMinutes(plan.estimateMs)}`
  const rows =
    plan.estimateRows === null || plan.estimateRows === 0 ? "" : ` and ${formatCount(plan.estimateRows)} rows`
  const atOnce = plan.concurrency === 1 ? "one after another" : `${plan.concurrency} at a time`
  return {
    title: `Will run ${formatCount(create)} of ${plural(total, "partition")}${time}${rows}`,
    note: `${capitalised(atOnce)}, ${plan.order} first, ${plan.priority >= 1000 ? "like" : "below"} live runs.${skip > 0 ? ` ${formatCount(skip)} stay as they are.` : ""}`,
  }
}

/** How far a backfill is: `9 of 14 partitions done, 1 failed, 2 running`. */
export function progressWords({ counts }: Backfill): string {
  const parts = [`${formatCount(counts.done)} of ${plural(counts.create, "partition")} done`]
  if (counts.failed > 0) parts.push(`${formatCount(counts.failed)} failed`)
  if (counts.running > 0) parts.push(`${formatCount(counts.running)} running`)
  return parts.join(", ")
}

/** Milliseconds until a running backfill is done. */
export function remainingMs(backfill: Backfill): number | null {
  return backfill.state === "running" ? backfill.estimateMs : null
}

/** The partitions' keys from first to last in time, whatever order they run in. */
export function rangeOf(backfill: Backfill): { from: string; to: string } | null {
  if (backfill.range) return backfill.range
  const [first, last] = [backfill.slots[0], backfill.slots.at(-1)]
  if (!first || !last) return null
  const [from, to] = first.logicalAt <= last.logicalAt ? [first, last] : [last, first]
  return { from: from.partitionKey, to: to.partitionKey }
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
