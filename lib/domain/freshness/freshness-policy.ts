import type { PartitionUnit } from "../partition.ts"
import type { TickSource } from "../schedule.ts"

/** From what it is seen that something arrived: the loads of pipelines, the newest value in the table, or both. */
export const FRESHNESS_MEASURES = ["loads", "data", "both"] as const
export type FreshnessMeasure = (typeof FRESHNESS_MEASURES)[number]

export const FRESHNESS_STATES = ["unknown", "fresh", "warn", "error"] as const
export type FreshnessState = (typeof FRESHNESS_STATES)[number]

/** How long after an instant something is late, and how bad that is; at least one is given. */
export interface Limits {
  warnAfterMs: number | null
  errorAfterMs: number | null
}

/** Something must arrive by each tick, and no longer before it than `withinMs`; null: than half the time between ticks. */
export interface DeadlinePolicy {
  ticks: TickSource
  withinMs: number | null
  /** After the tick. */
  limits: Limits
}

/** Each partition must be there at the first tick at or after its end and `afterMs`; without ticks, then. */
export interface PartitionPolicy {
  unit: PartitionUnit
  timezone: string
  /** Each of them makes a partition of every time; null: partitions are by time alone. */
  keys: readonly string[] | null
  afterMs: number
  ticks: TickSource | null
  /** After the partition is due. */
  limits: Limits
}

/** How the newest instant of a table is found: `column` with a condition on rows, or a query that gives one value. */
export interface DataProbe {
  column: string | null
  /** As the author wrote it; null for a quoted column's sake. dbt's `loaded_at_field` may be any expression. */
  expression: string | null
  filter: string | null
  query: string | null
}

/** When a dataset's data is late, as plain data. At least one of the three rules is given. */
export interface FreshnessPolicy {
  measure: FreshnessMeasure
  /** Null where only loads count. */
  probe: DataProbe | null
  maxAge: Limits | null
  deadline: DeadlinePolicy | null
  partitions: PartitionPolicy | null
  /** How often data is looked at; null: as the rules need it. */
  everyMs: number | null
}
