import { parseAsIsoDateTime, parseAsString, parseAsStringLiteral } from "nuqs"
import type { LogSearchQuery } from "#lib/contracts/api/log-search.ts"
import { RANGES } from "../runs/run-filter.ts"

const LEVELS = ["debug", "info", "warn", "error"] as const

/** What the address of a log search holds. `from` and `to` win over the range by name. */
export const searchParsers = {
  q: parseAsString.withDefault(""),
  level: parseAsStringLiteral(LEVELS).withDefault("debug"),
  pipeline: parseAsString,
  range: parseAsStringLiteral(["1h", "24h", "7d", "30d", "all"] as const).withDefault("7d"),
  from: parseAsIsoDateTime,
  to: parseAsIsoDateTime,
}

export interface SearchFilter {
  q: string
  level: (typeof LEVELS)[number]
  pipeline: string | null
  range: keyof typeof RANGES | "all"
  from: Date | null
  to: Date | null
}

const STEP_MS = 60_000

/** The API's query for what the address says; a range by name is cut to full minutes, so that its answer is kept for one. */
export function toSearchQuery(filter: SearchFilter, now: number): Omit<LogSearchQuery, "cursor" | "limit"> {
  const { q, level, pipeline, range, from, to } = filter
  const since = from ?? (range === "all" || to ? null : new Date(Math.floor((now - RANGES[range]) / STEP_MS) * STEP_MS))
  return {
    q: q.trim(),
    level,
    ...(pipeline && { pipelineId: pipeline }),
    ...(since && { from: since.toISOString() }),
    ...(to && { to: to.toISOString() }),
  }
}
