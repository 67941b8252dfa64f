import { AdapterResponse, adapterResponse } from "../adapter/adapter-response.ts"
import type { FreshnessThreshold, SourceNode } from "../project/node.ts"
import { describeSqlError, openConnection, type SessionOptions, type WarehouseSession } from "../run/open-connection.ts"
import { mapConcurrently } from "./map-concurrently.ts"

export type FreshnessStatus = "pass" | "warn" | "error" | "runtime error"

/** How old the newest row of a source is. */
export interface FreshnessResult {
  source: SourceNode
  status: FreshnessStatus
  /** ISO instants with microseconds; null where the query failed. */
  maxLoadedAt: string | null
  snapshottedAt: string | null
  ageSeconds: number | null
  criteria: FreshnessThreshold
  adapterResponse: Record<string, unknown>
  message: string | null
  startedAt: Date
  completedAt: Date
  /** Seconds. */
  executionTime: number
  threadId: string
}

export interface FreshnessOptions {
  sources: readonly SourceNode[]
  session: SessionOptions
  threads: number
  onStart?(source: SourceNode, index: number): void
  onEnd?(result: FreshnessResult, index: number): void
}

/** Whether there is anything that a source's age is held against; dbt checks no others. */
export function hasFreshness({ freshness }: SourceNode): boolean {
  return freshness !== null && (isSet(freshness.warn_after) || isSet(freshness.error_after))
}

/**
 * Asks each source for its newest row and judges its age (dbt's documentation, "freshness"). An empty source counts as loaded
 * at the beginning of all time. What a query fails with is the source's result.
 */
export async function checkFreshness(options: FreshnessOptions): Promise<FreshnessResult[]> {
  const { sources, threads, session: sessionOptions } = options
  const sessions: WarehouseSession[] = []
  try {
    // The first session says whether the warehouse answers at all.
    if (sources.length > 0) sessions[0] = await openConnection(sessionOptions)
    let started = 0
    return await mapConcurrently(sources, threads, async (source, worker) => {
      const index = ++started
      options.onStart?.(source, index)
      sessions[worker] ??= await openConnection(sessionOptions)
      const result = await checkSource(sessions[worker], source, `Thread-${worker + 1} (worker)`)
      options.onEnd?.(result, index)
      return result
    })
  } finally {
    await Promise.all(sessions.map((session) => session.close().catch(() => undefined)))
  }
}

async function checkSource(session: WarehouseSession, source: SourceNode, threadId: string): Promise<FreshnessResult> {
  const startedAt = new Date()
  const criteria = source.freshness!
  const end = (result: Partial<FreshnessResult> & Pick<FreshnessResult, "status">): FreshnessResult => {
    const completedAt = new Date()
    return {
      source,
      maxLoadedAt: null,
      snapshottedAt: null,
      ageSeconds: null,
      criteria,
      adapterResponse: {},
      message: null,
      startedAt,
      completedAt,
      executionTime: (completedAt.getTime() - startedAt.getTime()) / 1000,
      threadId,
      ...result,
    }
  }
  const sql = freshnessSql(source)
  if (sql === null) {
    const message = `Source ${source.source_name}.${source.name} has no loaded_at_field or loaded_at_query, and PostgreSQL does not say when a table was last written to. Add one of them.`
    return end({ status: "runtime error", message })
  }
  try {
    const answer = (await session.run(sql)).at(-1)!
    const [maxLoadedAt, snapshottedAt, age] = answer.rows[0]!
    const ageSeconds = Number(age)
    const response = adapterResponse(answer)
    return end({
      status: judge(ageSeconds, criteria),
      maxLoadedAt: maxLoadedAt!,
      snapshottedAt: snapshottedAt!,
      ageSeconds,
      adapterResponse: (response instanceof AdapterResponse ? response.toPlain() : {}) as Record<string, unknown>,
    })
  } catch (error) {
    return end({ status: "runtime error", message: describeSqlError(error).message })
  }
}

/** An empty table was loaded infinitely long ago, which dbt writes as the first day of the first year. */
const EMPTY = "timestamptz '0001-01-01 00:00:00+00'"
const FORMAT = `'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'`

/** Newest row, now, and seconds between them. A time without a zone is one of UTC. */
function freshnessSql({ loaded_at_field, loaded_at_query, relation_name, freshness }: SourceNode): string | null {
  const filter = freshness?.filter ? `\n    where ${freshness.filter}` : ""
  const newest = loaded_at_query
    ? `select (\n${loaded_at_query}\n) as newest`
    : loaded_at_field
      ? `select max(${loaded_at_field}) as newest\n    from ${relation_name}${filter}`
      : null
  if (newest === null) return null
  return `with newest as (
    ${newest}
), instants as (
    select coalesce(to_timestamp(extract(epoch from newest)), ${EMPTY}) as loaded_at, now() as checked_at from newest
)
select
    to_char(loaded_at at time zone 'UTC', ${FORMAT}),
    to_char(checked_at at time zone 'UTC', ${FORMAT}),
    extract(epoch from checked_at - loaded_at)
from instants`
}

const SECONDS: Readonly<Record<string, number>> = { minute: 60, hour: 3_600, day: 86_400 }

function judge(age: number, { warn_after, error_after }: FreshnessThreshold): FreshnessStatus {
  if (isOlder(age, error_after)) return "error"
  return isOlder(age, warn_after) ? "warn" : "pass"
}

function isOlder(age: number, threshold: FreshnessThreshold["warn_after"]): boolean {
  return isSet(threshold) && age > threshold.count! * SECONDS[threshold.period!]!
}

function isSet({ count, period }: FreshnessThreshold["warn_after"]): boolean {
  return count !== null && period !== null && period in SECONDS
}
