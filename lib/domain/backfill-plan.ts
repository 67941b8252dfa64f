import type { Partition } from "./partition.ts"

export type BackfillSelection = "all" | "missing" | "missing_failed"

/** What is known of a partition before a backfill: the state of its newest run, or null when it never ran. */
export type PartitionHistory = ReadonlyMap<string, { state: "success" | "failed" | "running" | "cancelled" }>

export interface BackfillSlotPlan {
  partition: Partition
  action: "create" | "skip"
  /** Why, in words. */
  reason: string
}

/** The backfill as data: preview shows it, execution stores and walks it. One slot a partition, in order of execution. */
export function planBackfill(input: {
  partitions: readonly Partition[]
  history: PartitionHistory
  selection: BackfillSelection
  order: "oldest" | "newest"
}): BackfillSlotPlan[] {
  const ordered = input.order === "oldest" ? input.partitions : [...input.partitions].reverse()
  return ordered.map((partition) => ({
    partition,
    ...decide(input.selection, input.history.get(partition.key)?.state),
  }))
}

function decide(
  selection: BackfillSelection,
  state: "success" | "failed" | "running" | "cancelled" | undefined,
): { action: "create" | "skip"; reason: string } {
  // A second run beside a live one would load the same partition twice at a time for nothing.
  if (state === "running") return { action: "skip", reason: "a run of it is going on" }
  if (state === undefined) return { action: "create", reason: "never loaded" }
  if (state === "success") {
    return selection === "all"
      ? { action: "create", reason: "loads it again" }
      : { action: "skip", reason: "loaded already" }
  }
  const last = state === "failed" ? "last run failed" : "last run was cancelled"
  return selection === "missing" && state === "failed"
    ? { action: "skip", reason: `${last}, and only missing ones are wanted` }
    : { action: "create", reason: last }
}
