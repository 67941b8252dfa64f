import type { Backfill, BackfillMap } from "#lib/contracts/api/backfills.ts"
import type { BackfillSelection, SlotState } from "#lib/domain/backfill-plan.ts"
import { splitPartitionKey } from "#lib/domain/partition-scheme.ts"
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

/** The states of a backfill's map, as letters. */
const MAP_STATES: Readonly<Record<string, AnyState>> = {
  w: "pending",
  r: "running",
  s: "success",
  f: "failed",
  c: "cancelled",
  k: "skipped",
}

/** A backfill's map as cells. */
export function mapCells({ keys, states }: BackfillMap): { key: string; state: AnyState }[] {
  return keys.map((key, index) => ({ key, state: MAP_STATES[states[index]!] ?? "pending" }))
}

/** What a list of slots is narrowed to, as a person says it. */
export const SLOT_STATE_WORDS = {
  waiting: "Waiting",
  running: "Running",
  success: "Success",
  failed: "Failed",
  cancelled: "Cancelled",
  skipped: "Skipped",
} as const satisfies Record<SlotState, string>

/**
 * Partitions as a plan names them: days with the key behind them, hours by their day, weeks and months by their first day,
 * fixed keys as they are; each once.
 */
export function listOfKeys(keys: readonly string[]): string {
  const items = keys.map((partitionKey) => {
    const { time, key } = splitPartitionKey(partitionKey)
    const day = time && dayOf(time)
    return day && key ? `${day}|${key}` : (day ?? key ?? "")
  })
  return [...new Set(items)].join(", ")
}

/** The first day of a time's key: `2026-03-08T01:00-05:00`, `2026-03-08`, `2026-W10`, `2026-03`. */
function dayOf(time: string): string {
  const week = /^(\d{4})-W(\d{2})$/.exec(time)
  if (!week) return time.length === 7 ? `${time}-01` : time.slice(0, 10)
  // 4 January is in week 1.
  const fourth = new Date(Date.UTC(Number(week[1]), 0, 4))
  const monday = fourth.getTime() - ((fourth.getUTCDay() + 6) % 7) * DAY_MS + (Number(week[2]) - 1) * 7 * DAY_MS
  return new Date(monday).toISOString().slice(0, 10)
}

const DAY_MS = 86_400_000

/** How a partition stands in a preview: its newest run, or missing. */
export function lastStateOf(slot: Slot): AnyState {
  return slot.isStale && slot.lastState === "success" ? "stale" : (slot.lastState ?? "missing")
}

/** How the days of a preview stand, each as the worst of its partitions, and which would be loaded. */
export function daysOf(slots: readonly Slot[]): { states: Map<string, AnyState>; planned: Set<string> } {
  const states = new Map<string, AnyState>()
  const planned = new Set<string>()
  for (const slot of slots) {
    const { time } = splitPartitionKey(slot.partitionKey)
    // Of weeks and months a day is only a part.
    if (time === null || !/^\d{4}-\d{2}-\d{2}/.test(time)) continue
    const day = time.slice(0, 10)
    const state = lastStateOf(slot)
    const before = states.get(day)
    if (before === undefined || WORST.indexOf(state) < WORST.indexOf(before)) states.set(day, state)
    if (slot.action === "create") planned.add(day)
  }
  return { states, planned }
}

const WORST: readonly AnyState[] = ["failed", "running", "cancelled", "missing", "stale", "success"]

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
  const time = plan.estimateMs === null ? "" : `, ${about(plan.estimateMs)}`
  const rows =
    plan.estimateRows === null || plan.estimateRows === 0 ? "" : ` and ${formatCount(plan.estimateRows)} rows`
  const runs = plan.perRun > 1 ? `${plural(runsOf(plan.slots), "run")} of up to ${plan.perRun} partitions, ` : ""
  const atOnce = `${runs}${plan.concurrency === 1 ? "one after another" : `${plan.concurrency} at a time`}`
  return {
    title: `Will run ${formatCount(create)} of ${plural(total, "partition")}${time}${rows}`,
    note: `${capitalised(atOnce)}, ${plan.order} first, ${plan.priority >= 1000 ? "like" : "below"} live runs.${skip > 0 ? ` ${formatCount(skip)} stay as they are.` : ""}`,
  }
}

function about(ms: number): string {
  const words = formatMinutes(ms)
  return words.startsWith("under") ? words : `about ${words}`
}

function runsOf(slots: readonly Slot[]): number {
  return new Set(slots.filter((slot) => slot.action === "create").map((slot) => slot.group)).size
}

/** How far a backfill is: `9 of 14 partitions done, 1 failed, 2 running`. */
export function progressWords({ counts }: Backfill): string {
  const parts = [`${formatCount(counts.done)} of ${plural(counts.create, "partition")} done`]
  if (counts.failed > 0) parts.push(`${formatCount(counts.failed)} failed`)
  if (counts.cancelled > 0) parts.push(`${formatCount(counts.cancelled)} cancelled`)
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
