import type { MetricUnit } from "./expected-band.ts"

/** What is measured of a table, without looking at a column. */
export const TABLE_METRICS = ["row_count", "rows", "rows_inserted", "rows_updated", "rows_deleted"] as const
export type TableMetric = (typeof TABLE_METRICS)[number]

/** What is measured of a column. Shares are of all rows (`null_share`), or of those with a value (`unique_share`). */
export const COLUMN_METRICS = [
  "null_share",
  "distinct",
  "unique_share",
  "min",
  "max",
  "mean",
  "stdev",
  "sum",
  "mean_length",
] as const
export type ColumnMetric = (typeof COLUMN_METRICS)[number]

/** Watched unless a policy says otherwise: how many rows there are, and how many a load or a partition brings. */
export const VOLUME_METRICS: ReadonlySet<string> = new Set<TableMetric>(["row_count", "rows"])

/** What the numbers of a metric are. */
export function unitOf(metric: string): MetricUnit {
  if (metric === "null_share" || metric === "unique_share") return "share"
  return (TABLE_METRICS as readonly string[]).includes(metric) || metric === "distinct" ? "count" : "number"
}
