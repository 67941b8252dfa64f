import type { SeriesName, SeriesSummary } from "#lib/contracts/api/series.ts"
import { formatExact } from "../format/count.ts"

const TABLE_WORDS: Record<string, string> = {
  row_count: "Rows in the table",
  rows: "Rows of each load",
  rows_inserted: "Rows added",
  rows_updated: "Rows changed",
  rows_deleted: "Rows deleted",
}
const COLUMN_WORDS: Record<string, string> = {
  null_share: "empty",
  distinct: "distinct values",
  unique_share: "share of distinct values",
  min: "smallest",
  max: "largest",
  mean: "mean",
  stdev: "standard deviation",
  sum: "sum",
  mean_length: "mean length",
}

/** A series in words: `Rows in each partition, eu`, `total: mean`. */
export function seriesWords({ metric, column, kind, key }: SeriesName): string {
  const table = metric === "rows" && kind === "partitions" ? "Rows in each partition" : (TABLE_WORDS[metric] ?? metric)
  const name = column === "" ? table : `${column}: ${COLUMN_WORDS[metric] ?? metric}`
  return [name, kind === "partitions" && metric !== "rows" ? "by partition" : "", key].filter(Boolean).join(", ")
}

/** A series as the address has it; {@link findSeries} reads it. */
export function seriesId({ metric, column, kind, key }: SeriesName): string {
  return [metric, column, kind, key].join("~")
}

/** The series that an address names, else the one that people ask for first; undefined where there is none. */
export function findSeries(items: readonly SeriesSummary[], id: string | null): SeriesSummary | undefined {
  return (
    items.find((item) => seriesId(item) === id) ??
    items.find(({ metric, kind }) => metric === "rows" && kind === "partitions") ??
    items[0]
  )
}

/** Whether a column's smallest and largest are instants, which are measured in seconds since 1970. */
export function isInstantSeries({ metric }: SeriesName, columnType: string | null | undefined): boolean {
  return (metric === "min" || metric === "max") && /^(timestamp|date)/.test(columnType ?? "")
}

type Unit = SeriesSummary["unit"] | "instant"

const AXIS = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 4 })

/** A measurement at an axis, where neighbours differ little: `1.095M`, `4.1 %`, a day for an instant. */
export function axisText(value: number, unit: Unit): string {
  if (unit === "instant") return dayText(value)
  return unit === "share" ? percentText(value) : AXIS.format(value)
}

/** A measurement as exactly as it helps. */
export function exactText(value: number, unit: Unit): string {
  if (unit === "instant") return new Date(value * 1_000).toISOString().replace("T", " ").slice(0, 16)
  if (unit === "share") return percentText(value)
  return formatExact(unit === "count" ? Math.round(value) : roundedTo(value))
}

function dayText(seconds: number): string {
  const date = new Date(seconds * 1_000)
  return Number.isNaN(date.getTime()) ? "–" : date.toISOString().slice(0, 10)
}

function percentText(share: number): string {
  const percent = share * 100
  return `${percent.toFixed(percent !== 0 && Math.abs(percent) < 10 ? 2 : 1).replace(/\.?0+$/, "")} %`
}

function roundedTo(value: number): number {
  return Math.abs(value) < 1 ? Number(value.toPrecision(2)) : value
}
