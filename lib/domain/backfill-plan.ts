import { assertNever } from "./assert-never.ts"
import type { Partition } from "./partition.ts"
import { splitPartitionKey } from "./partition-scheme.ts"

/** What of a backfill's slots: all, or those in one state. */
export const SLOT_STATES = ["waiting", "running", "success", "failed", "cancelled", "skipped"] as const
export type SlotState = (typeof SLOT_STATES)[number]

export const BACKFILL_SELECTIONS = ["all", "missing", "missing_failed", "failed", "stale"] as const
export type BackfillSelection = (typeof BACKFILL_SELECTIONS)[number]

/** What is known of a partition before a backfill, from its runs. */
export interface PartitionFacts {
  /** Of its newest run; one that lives counts as running. */
  state: "success" | "failed" | "running" | "cancelled"
  /** Why what its newest good run loaded is out of date; null where it is not, or where none was good. */
  stale: string | null
  /** Rows and time of its newest good run; null where none was good. */
  rows: number | null
  durationMs: number | null
}

/** By partition key; a partition that never ran has no entry. */
export type PartitionHistory = ReadonlyMap<string, PartitionFacts>

export interface BackfillSlotPlan {
  partition: Partition
  action: "create" | "skip"
  /** Why, in words. */
  reason: string
  /** Place in the plan of the first slot that its run loads. */
  group: number
}

/**
 * The backfill as data: preview shows it, execution stores and walks it. One slot a partition, in order of execution. Up to
 * `perRun` slots that follow each other in time, of one key, have one run, and stand side by side.
 */
export function planBackfill(input: {
  partitions: readonly Partition[]
  history: PartitionHistory
  selection: BackfillSelection
  order: "oldest" | "newest"
  perRun?: number
}): BackfillSlotPlan[] {
  const ordered = input.order === "oldest" ? input.partitions : [...input.partitions].reverse()
  const decided = ordered.map((partition) => ({
    partition,
    ...decide(input.selection, input.history.get(partition.key)),
  }))
  const groups = groupSlots(decided, input.perRun ?? 1)
  const plan: BackfillSlotPlan[] = []
  for (const group of groups) {
    const first = plan.length
    for (const slot of group) plan.push({ ...slot, group: first })
  }
  return plan
}

type DecidedSlot = Omit<BackfillSlotPlan, "group">

/** In the order of each group's first slot. A slot that is skipped is a group of its own. */
function groupSlots(slots: readonly DecidedSlot[], perRun: number): DecidedSlot[][] {
  const groups: DecidedSlot[][] = []
  const open = new Map<string | null, DecidedSlot[]>()
  for (const slot of slots) {
    const { key } = splitPartitionKey(slot.partition.key)
    const group = open.get(key)
    if (slot.action === "create" && group && group.length < perRun && isNextTo(group.at(-1)!, slot)) group.push(slot)
    else {
      const own = [slot]
      groups.push(own)
      if (slot.action === "create") open.set(key, own)
    }
  }
  return groups
}

function isNextTo({ partition: a }: DecidedSlot, { partition: b }: DecidedSlot): boolean {
  const isTimed = a.start < a.end && b.start < b.end
  return isTimed && (a.end.getTime() === b.start.getTime() || b.end.getTime() === a.start.getTime())
}

/** How many runs a plan makes. */
export function countRuns(plan: readonly BackfillSlotPlan[]): number {
  return new Set(plan.filter((slot) => slot.action === "create").map((slot) => slot.group)).size
}

/**
 * Time and rows that a plan will take, each partition as its newest good run took, those without one as the median of the
 * others; shared by those that run at a time. Null without any history.
 */
export function estimatePlan(
  plan: readonly BackfillSlotPlan[],
  history: PartitionHistory,
  concurrency: number,
): { durationMs: number | null; rows: number | null } {
  const chosen = plan.filter((slot) => slot.action === "create").map((slot) => history.get(slot.partition.key))
  const atOnce = Math.max(1, Math.min(concurrency, countRuns(plan)))
  const total = (value: (facts: PartitionFacts) => number | null): number | null => {
    const known = [...history.values()].map(value).filter((each) => each !== null)
    if (known.length === 0) return null
    const usual = median(known)
    return chosen.reduce((sum, facts) => sum + ((facts && value(facts)) ?? usual), 0)
  }
  const durationMs = total((facts) => facts.durationMs)
  const rows = total((facts) => facts.rows)
  return {
    durationMs: durationMs === null ? null : Math.round(durationMs / atOnce),
    rows: rows === null ? null : Math.round(rows),
  }
}

type Decision = Pick<BackfillSlotPlan, "action" | "reason">
const create = (reason: string): Decision => ({ action: "create", reason })
const skip = (reason: string): Decision => ({ action: "skip", reason })

function decide(selection: BackfillSelection, facts: PartitionFacts | undefined): Decision {
  // A second run beside a live one would load the same partition twice at a time for nothing.
  if (facts?.state === "running") return skip("a run of it is going on")
  const last = facts === undefined ? "never loaded" : LAST[facts.state]
  const isMissing = facts === undefined || facts.state === "cancelled"
  const isFailed = facts?.state === "failed" || facts?.state === "cancelled"
  switch (selection) {
    case "all":
      return create(facts?.state === "success" ? "loads it again" : last)
    case "missing":
      if (facts?.state === "failed") return skip(`${last}, and only missing ones are wanted`)
      return isMissing ? create(last) : skip(last)
    case "missing_failed":
      return isMissing || isFailed ? create(last) : skip(last)
    case "failed":
      return isFailed ? create(last) : skip(facts ? last : "never loaded, and only failed ones are wanted")
    case "stale":
      if (facts?.stale) return create(facts.stale)
      return skip(facts?.state === "success" ? "up to date" : `${last}, and only stale ones are wanted`)
    default:
      return assertNever(selection)
  }
}

const LAST = {
  success: "loaded already",
  failed: "last run failed",
  cancelled: "last run was cancelled",
  running: "a run of it is going on",
} as const satisfies Record<PartitionFacts["state"], string>

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
