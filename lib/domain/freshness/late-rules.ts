import { type Partition, partitionInterval } from "../partition.ts"
import { joinPartitionKey } from "../partition-scheme.ts"
import { nextTick, previousTick } from "../schedule.ts"
import type { DeadlinePolicy, PartitionPolicy } from "./freshness-policy.ts"

/** Partitions that are looked at, newest first counted: four days of hours, three months of days. */
const MAX_PARTITIONS = 100
/** Looked at beyond the first that is not due yet: what was loaded early must not hide the next one. */
const AHEAD = 2

/** What arrives longer than this before a deadline was meant for an earlier one. */
const MAX_WITHIN_MS = 12 * 3_600_000

/**
 * The first deadline that an arrival at `arrivedAt` does not keep; null where none follows. It keeps those before it, late,
 * and those it precedes by at most `withinMs`: by default half the time since the deadline before, and 12 hours at most, so
 * that what comes late today does not count for tomorrow.
 */
export function firstUnkeptDeadline({ ticks, withinMs }: DeadlinePolicy, arrivedAt: Date): Date | null {
  if (withinMs !== null) return nextTick(ticks, new Date(arrivedAt.getTime() + withinMs))
  let tick = nextTick(ticks, new Date(arrivedAt.getTime() - 1))
  while (tick !== null) {
    const sinceLastMs = tick.getTime() - (previousTick(ticks, tick)?.getTime() ?? Number.NEGATIVE_INFINITY)
    if (tick.getTime() - arrivedAt.getTime() > Math.min(MAX_WITHIN_MS, sinceLastMs / 2)) return tick
    tick = nextTick(ticks, tick)
  }
  return null
}

/** The first deadline that nothing has kept since `watchedSince`: one at that very instant is not asked for. */
export function firstDeadline({ ticks }: DeadlinePolicy, watchedSince: Date): Date | null {
  return nextTick(ticks, watchedSince)
}

/** A partition that has to be there by `dueAt`. */
export interface DuePartition extends Pick<Partition, "start" | "end"> {
  key: string
  dueAt: Date
}

/**
 * The partitions that fell due after `watchedSince`, and the next ones, oldest first: at most {@link MAX_PARTITIONS} times, the
 * newest. With fixed keys, each time comes once a key.
 */
export function duePartitions(policy: PartitionPolicy, watchedSince: Date, now: Date): DuePartition[] {
  const times: (Partition & { dueAt: Date })[] = []
  let ahead = 0
  let partition = earliest(policy, watchedSince, now)
  while (ahead <= AHEAD) {
    const dueAt = partitionDueAt(policy, partition.end)
    if (dueAt === null) break
    if (dueAt > watchedSince) times.push({ ...partition, dueAt })
    if (dueAt >= now) ahead++
    partition = partitionInterval(policy.unit, policy.timezone, partition.end)
  }
  return times
    .slice(-MAX_PARTITIONS)
    .flatMap(({ key: time, start, end, dueAt }) =>
      (policy.keys ?? [null]).map((key) => ({ key: joinPartitionKey({ time, key }), start, end, dueAt })),
    )
}

/** When a partition that ends at `end` has to be there. */
export function partitionDueAt({ ticks, afterMs }: PartitionPolicy, end: Date): Date | null {
  const from = new Date(end.getTime() + afterMs)
  return ticks === null ? from : nextTick(ticks, new Date(from.getTime() - 1))
}

/** Where the walk begins: before all that can still be due after `watchedSince`, and no further back than is looked at. */
function earliest({ unit, timezone, ticks, afterMs }: PartitionPolicy, watchedSince: Date, now: Date): Partition {
  const longest = { hour: 3_600_000, day: 90_000_000, week: 608_400_000, month: 2_682_000_000 }[unit]
  // A tick may follow the end of a partition after days off; two weeks of them are bridged.
  const slack = afterMs + (ticks === null ? 0 : 14 * 86_400_000)
  const bound = now.getTime() - (MAX_PARTITIONS + 1) * longest - slack
  return partitionInterval(unit, timezone, new Date(Math.max(watchedSince.getTime() - slack - longest, bound)))
}
