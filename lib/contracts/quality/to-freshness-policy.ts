import { parseDuration } from "../../domain/duration.ts"
import type { DataProbe, FreshnessPolicy, Limits } from "../../domain/freshness/freshness-policy.ts"
import type { DocumentedFreshness } from "../dataset-document.ts"
import { type FreshnessSection, ticksOf } from "./freshness-section.ts"

/** A checked section as the rules that are evaluated. With a column or query data is looked at, unless it says otherwise. */
export function toFreshnessPolicy(section: FreshnessSection): FreshnessPolicy {
  const { maxAge, deadline, partition, column, filter, query, every } = section
  const hasProbe = column !== undefined || query !== undefined
  const measure = section.measure ?? (hasProbe ? "data" : "loads")
  const probe: DataProbe = { column: column ?? null, expression: null, filter: filter ?? null, query: query ?? null }
  return {
    measure,
    probe: measure === "loads" ? null : probe,
    maxAge: maxAge ? { warnAfterMs: toMs(maxAge.warn), errorAfterMs: toMs(maxAge.error) } : null,
    deadline: deadline
      ? { ticks: ticksOf(deadline)!, withinMs: toMs(deadline.within), limits: limitsOf(deadline) }
      : null,
    partitions: partition
      ? {
          unit: partition.unit,
          timezone: partition.timezone,
          keys: partition.keys ?? null,
          afterMs: toMs(partition.after) ?? 0,
          ticks: ticksOf(partition),
          limits: limitsOf(partition),
        }
      : null,
    everyMs: toMs(every),
  }
}

/** What a dbt project says of a source, or of a model, which is loaded when it is built. */
export function documentedPolicy({ warnAfterMs, errorAfterMs, probe }: DocumentedFreshness): FreshnessPolicy {
  return {
    measure: probe === null ? "loads" : "data",
    probe,
    maxAge: { warnAfterMs, errorAfterMs },
    deadline: null,
    partitions: null,
    everyMs: null,
  }
}

function limitsOf({ grace, severity }: { grace?: string | number; severity: "warn" | "error" }): Limits {
  const graceMs = toMs(grace)
  if (severity === "warn") return { warnAfterMs: graceMs ?? 0, errorAfterMs: null }
  return graceMs === null ? { warnAfterMs: null, errorAfterMs: 0 } : { warnAfterMs: 0, errorAfterMs: graceMs }
}

function toMs(duration: string | number | undefined): number | null {
  return duration === undefined ? null : parseDuration(duration)
}
