import { parseAsIsoDateTime, parseAsString, parseAsStringLiteral } from "nuqs"
import type { RunFilter } from "../queries/keys.ts"

/** Time ranges offered by name; `all` is no limit. */
export const RANGES = { "1h": 3_600_000, "24h": 86_400_000, "7d": 604_800_000, "30d": 2_592_000_000 } as const
export type Range = keyof typeof RANGES | "all"

/** What the address of the list of runs holds. A filter that is not set is not in it. */
export const runFilterParsers = {
  q: parseAsString.withDefault(""),
  state: parseAsString,
  pipeline: parseAsString,
  kind: parseAsString,
  range: parseAsStringLiteral(["1h", "24h", "7d", "30d", "all"] as const).withDefault("all"),
  from: parseAsIsoDateTime,
  to: parseAsIsoDateTime,
  backfill: parseAsString,
}
export interface RunFilterState {
  q: string
  state: string | null
  pipeline: string | null
  kind: string | null
  range: Range
  from: Date | null
  to: Date | null
  backfill: string | null
}

const STEP_MS = 60_000

/**
 * The API's filter for what the address says. A range by name ends now and is cut to full minutes, so that the same list
 * keeps the same cache key for a minute; `from` and `to` win over it.
 */
export function toRunQuery(state: RunFilterState, now: number): RunFilter {
  const since =
    state.from ??
    (state.range === "all" || state.to ? null : new Date(Math.floor((now - RANGES[state.range]) / STEP_MS) * STEP_MS))
  return compact({
    q: state.q.trim() || undefined,
    state: state.state ?? undefined,
    pipelineId: state.pipeline ?? undefined,
    kind: state.kind ?? undefined,
    backfillId: state.backfill ?? undefined,
    from: since?.toISOString(),
    to: state.to?.toISOString(),
  })
}

/** True where anything narrows the list. */
export function isFiltered(state: RunFilterState): boolean {
  return Object.keys(toRunQuery(state, 0)).length > 0
}

function compact(filter: Record<string, string | undefined>): RunFilter {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined))
}
