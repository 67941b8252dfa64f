import type { BandRule } from "../../domain/anomaly/expected-band.ts"
import type { Direction } from "../../domain/anomaly/judge-point.ts"
import { type ColumnMetric, unitOf, VOLUME_METRICS } from "../../domain/anomaly/metric.ts"
import type { AnomaliesSection, Tuning } from "./anomalies-section.ts"

/** How a series is judged. */
export interface WatchRule extends BandRule {
  direction: Direction
  severity: "warn" | "error"
}

/** Two weeks of a daily load: each weekday was met twice. */
const MIN_POINTS = 14
/** A quarter of daily loads. Of hourly ones a policy may ask for more, to know weekdays apart, too. */
const LOOKBACK = 90
/** The usual limits: three standard deviations, and 3.5 of a robust one (Iglewicz & Hoaglin 1993). */
const SENSITIVITY = { zscore: 3, seasonal: 3.5 } as const
const MIN_CHANGE = 0.01

/** How a series of a dataset is judged by the section `anomalies` of its policy, if it has one; null: it is not watched. */
export function watchRule(section: AnomaliesSection | null, metric: string, column: string): WatchRule | null {
  const own = tuningOf(section, metric, column)
  if (own === null) return null
  const pick = <Key extends keyof Tuning>(key: Key) => own[key] ?? section?.[key]
  const method = pick("method") ?? "seasonal"
  return {
    method,
    sensitivity: pick("sensitivity") ?? SENSITIVITY[method],
    minPoints: pick("minPoints") ?? MIN_POINTS,
    lookback: pick("lookback") ?? LOOKBACK,
    minChange: pick("minChange") ?? MIN_CHANGE,
    direction: pick("direction") ?? "both",
    severity: pick("severity") ?? "warn",
    timezone: section?.timezone ?? "UTC",
    unit: unitOf(metric),
  }
}

function tuningOf(section: AnomaliesSection | null, metric: string, column: string): Tuning | null {
  if (column === "") {
    if (!VOLUME_METRICS.has(metric) || section?.volume === false) return null
    return typeof section?.volume === "object" ? section.volume : {}
  }
  const entry = section?.columns.find((one) => (typeof one === "string" ? one : one.column) === column)
  if (entry === undefined) return null
  if (typeof entry === "string") return {}
  return (entry.metrics as readonly string[]).includes(metric) ? entry : null
}

/** Columns to be measured, and what of them; null: what is usual for its type. */
export function measuredColumns(section: AnomaliesSection | null): Map<string, readonly ColumnMetric[] | null> {
  return new Map(
    section?.columns.map((entry) => (typeof entry === "string" ? [entry, null] : [entry.column, entry.metrics])) ?? [],
  )
}
