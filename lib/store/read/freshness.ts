import type { FreshnessDetail, FreshnessItem, FreshnessPage, FreshnessQuery } from "../../contracts/api/freshness.ts"
import { complianceOf, type StateInterval } from "../../domain/freshness/compliance.ts"
import { forecastArrival, riskOf } from "../../domain/freshness/forecast-arrival.ts"
import type { FreshnessPolicy, FreshnessState } from "../../domain/freshness/freshness-policy.ts"
import { policyText } from "../../domain/freshness/policy-text.ts"
import { compareFreshness, STANDINGS, type Standing, standingOf } from "../../domain/freshness/rank-freshness.ts"
import type { Queryable } from "../transaction.ts"
import { decodeCursor, encodeCursor } from "./cursor.ts"
import { DESCRIBED_JOINS } from "./described.ts"
import { toInstant, toInstantOrNull } from "./instant.ts"

/** The strip and the share of what was kept look back this far. */
export const COMPLIANCE_DAYS = 30
const HISTORY = 200

/**
 * Datasets that have a policy, ranked: which of them stand worst follows from forecasts, so all are read, in a row each, and
 * the page is cut here (10,000 take tens of ms); the days are read for the page alone.
 */
export async function listFreshness(queryable: Queryable, query: FreshnessQuery, now: Date): Promise<FreshnessPage> {
  const all = (await readWatched(queryable, null)).map((row) => present(row, now))
  const found = all.filter((item) => fits(item, query)).sort(compareRows(query.sort))
  const start = query.cursor ? Number(decodeCursor(query.cursor, /^\d{1,7}$/)) : 0
  const end = start + query.limit
  const [items, kept] = await Promise.all([
    withDays(queryable, found.slice(start, end), query.zone, now),
    readKept(queryable, now),
  ])
  return {
    items,
    nextCursor: found.length > end ? encodeCursor(String(end)) : null,
    total: found.length,
    summary: { ...summaryOf(all), kept },
  }
}

/** One dataset's freshness with its history; null where it has no policy. */
export async function readFreshness(
  queryable: Queryable,
  id: string,
  zone: string,
  now: Date,
): Promise<FreshnessDetail["freshness"]> {
  const [row] = await readWatched(queryable, id)
  if (!row) return null
  const [[item], history, extra] = await Promise.all([
    withDays(queryable, [present(row, now)], zone, now),
    queryable.query<{ state: FreshnessState; from: Date; to: Date | null; message: string }>(
      `select state, from_at as "from", to_at as "to", message
       from freshness_interval
       where dataset_id = $1
       order by dataset_id, from_at desc, id desc
       limit $2`,
      [id, HISTORY],
    ),
    queryable.query<{ arrivals: Date[]; file: string | null; line: number | null }>(
      `select s.arrivals, coalesce(p.file, o.document ->> 'file') as file, p.line
       from freshness_status s
       join dataset d on d.id = s.dataset_id
       left join dataset_policy p on p.dataset_id = s.dataset_id and s.origin = 'policy'
       left join dataset_document o on o.id = d.document_id and s.origin = 'dbt'
       where s.dataset_id = $1`,
      [id],
    ),
  ])
  const { arrivals = [], file = null, line = null } = extra.rows[0] ?? {}
  return {
    ...item!,
    history: history.rows.map((one) => ({ ...one, from: toInstant(one.from), to: toInstantOrNull(one.to) })),
    arrivals: arrivals.map(toInstant),
    file,
    line,
  }
}

interface WatchedRow {
  datasetId: string
  owner: string | null
  tags: string[]
  state: FreshnessState
  since: Date
  message: string
  policy: FreshnessPolicy
  origin: "policy" | "dbt"
  dueAt: Date | null
  loadedAt: Date | null
  dataAt: Date | null
  checkedAt: Date
  measuredAt: Date | null
  arrivedAt: Date | null
  intervalMs: number | null
  intervalSpreadMs: number | null
  lagMs: number | null
  lagSpreadMs: number | null
  pipelineId: string | null
  nextRunAt: Date | null
  runStartedAt: Date | null
  run: FreshnessItem["run"]
}

/** All that are watched, or one. A pipeline's runs are looked up once for all that it loads. */
async function readWatched(queryable: Queryable, id: string | null): Promise<WatchedRow[]> {
  const { rows } = await queryable.query<WatchedRow>(
    `with watched as materialized (
       select * from freshness_status where policy is not null and ($1::text is null or dataset_id = $1)
     ), loaded_by as materialized (
       select p.id, case when p.current_version is not null and not p.is_paused then p.next_run_at end as next_run_at,
              case when live.state in ('running', 'cancelling') then live.started_at end as run_started_at,
              case when live.id is not null then jsonb_build_object('id', live.id::text, 'state', live.state,
                'failedTaskId', live.failed_task_id) end as run
       from pipeline p
       left join lateral (
         select * from run r
         where r.pipeline_id between p.id and p.id and r.backfill_id is null
         order by r.pipeline_id, r.id desc limit 1
       ) live on true
       where p.id in (select d.pipeline_id from watched s join dataset d on d.id = s.dataset_id)
     )
     select s.dataset_id as "datasetId", coalesce(declared.policy ->> 'owner', document.document ->> 'owner', d.owner) as owner,
            array(select distinct tag from (
              select unnest(d.tags)
              union all select jsonb_array_elements_text(document.document -> 'tags')
              union all select jsonb_array_elements_text(declared.policy -> 'tags')) of_all (tag) order by tag) as tags,
            s.state, s.since, s.message, s.policy, s.origin, s.due_at as "dueAt", s.loaded_at as "loadedAt",
            s.data_at as "dataAt", s.checked_at as "checkedAt", s.measured_at as "measuredAt",
            s.arrivals[cardinality(s.arrivals)] as "arrivedAt", s.interval_ms as "intervalMs",
            s.interval_spread_ms as "intervalSpreadMs", s.lag_ms as "lagMs", s.lag_spread_ms as "lagSpreadMs",
            d.pipeline_id as "pipelineId", b.next_run_at as "nextRunAt", b.run_started_at as "runStartedAt", b.run
     from watched s
     join dataset d on d.id = s.dataset_id
     left join loaded_by b on b.id = d.pipeline_id
     ${DESCRIBED_JOINS}`,
    [id],
  )
  return rows
}

/** A row of the board without its days, with what its rank depends on. */
type Presented = Omit<FreshnessItem, "days" | "kept"> & { rank: Parameters<ReturnType<typeof compareFreshness>>[0] }

function present(row: WatchedRow, now: Date): Presented {
  const usual = (medianMs: number | null, spreadMs: number | null) =>
    medianMs === null || spreadMs === null ? null : { medianMs, spreadMs }
  const forecast = forecastArrival(
    {
      arrivedAt: row.arrivedAt,
      interval: usual(row.intervalMs, row.intervalSpreadMs),
      lag: usual(row.lagMs, row.lagSpreadMs),
      runStartedAt: row.runStartedAt,
      nextRunAt: row.nextRunAt,
    },
    now,
  )
  const { datasetId, owner, state, dueAt } = row
  const standing = standingOf({ state, forecast, dueAt })
  return {
    datasetId,
    owner,
    tags: row.tags,
    state,
    standing,
    since: toInstant(row.since),
    message: row.message,
    policy: policyText(row.policy),
    origin: row.origin,
    measure: row.policy.measure,
    dueAt: toInstantOrNull(dueAt),
    loadedAt: toInstantOrNull(row.loadedAt),
    dataAt: toInstantOrNull(row.dataAt),
    checkedAt: toInstant(row.checkedAt),
    measuredAt: toInstantOrNull(row.measuredAt),
    forecast: forecast && {
      at: toInstant(forecast.at),
      from: toInstant(forecast.from),
      to: toInstant(forecast.to),
      basis: forecast.basis,
    },
    risk: riskOf(forecast, dueAt),
    pipelineId: row.pipelineId,
    run: row.run,
    rank: { datasetId, owner, state, dueAt, forecast, standing },
  }
}

function compareRows(sort: FreshnessQuery["sort"]) {
  const compare = compareFreshness(sort)
  return (one: Presented, other: Presented) => compare(one.rank, other.rank)
}

function fits({ datasetId, owner, tags, standing }: Presented, query: FreshnessQuery): boolean {
  const states = query.state?.split(",").map((name) => name.trim())
  if (states && !states.includes(standing)) return false
  if (query.owner !== undefined && query.owner !== owner) return false
  if (query.tag !== undefined && !tags.includes(query.tag)) return false
  const text = query.q?.trim().toLowerCase()
  return !text || [datasetId, owner ?? "", ...tags].some((part) => part.toLowerCase().includes(text))
}

function summaryOf(all: readonly Presented[]): Omit<FreshnessPage["summary"], "kept"> {
  const standings = Object.fromEntries(STANDINGS.map((standing) => [standing, 0])) as Record<Standing, number>
  for (const { standing } of all) standings[standing]++
  const atRisk = all.flatMap(({ standing, dueAt }) => (standing === "at_risk" && dueAt ? [dueAt] : []))
  return {
    standings,
    owners: [...new Set(all.flatMap(({ owner }) => owner ?? []))].sort(),
    tags: [...new Set(all.flatMap(({ tags }) => tags))].sort(),
    nextDueAt: atRisk.sort()[0] ?? null,
  }
}

const LETTER: Record<FreshnessState, string> = { fresh: "f", warn: "w", error: "e", unknown: "u" }

async function withDays(
  queryable: Queryable,
  items: readonly Presented[],
  zone: string,
  now: Date,
): Promise<FreshnessItem[]> {
  const intervals = await readIntervals(
    queryable,
    items.map(({ datasetId }) => datasetId),
    now,
  )
  return items.map(({ rank: _, ...item }) => {
    const { days, share } = complianceOf(intervals.get(item.datasetId) ?? [], { now, count: COMPLIANCE_DAYS, zone })
    return { ...item, days: days.map(({ state }) => (state ? LETTER[state] : "-")).join(""), kept: share }
  })
}

async function readIntervals(
  queryable: Queryable,
  ids: readonly string[],
  now: Date,
): Promise<Map<string, StateInterval[]>> {
  const { rows } = await queryable.query<StateInterval & { id: string }>(
    `select w.id, i.state, i.from_at as "from", i.to_at as "to"
     from unnest($1::text[]) as w (id)
     cross join lateral (
       select * from freshness_interval i
       where i.dataset_id = w.id and (i.to_at is null or i.to_at >= $2)
       order by i.dataset_id, i.from_at desc
       limit 1000
     ) i`,
    [ids, new Date(now.getTime() - (COMPLIANCE_DAYS + 1) * 86_400_000)],
  )
  const found = new Map<string, StateInterval[]>()
  for (const { id, ...interval } of rows) found.set(id, [...(found.get(id) ?? []), interval])
  return found
}

/** Share of the known time of all datasets with a policy that was fresh. */
async function readKept(queryable: Queryable, now: Date): Promise<number | null> {
  const { rows } = await queryable.query<{ kept: number | null }>(
    `select (sum(ms) filter (where state = 'fresh') / nullif(sum(ms), 0))::float8 as kept
     from (
       select i.state, extract(epoch from least(coalesce(i.to_at, $1), $1) - greatest(i.from_at, $2)) as ms
       from freshness_interval i
       join freshness_status s on s.dataset_id = i.dataset_id and s.policy is not null
       where i.state <> 'unknown' and (i.to_at is null or i.to_at > $2) and i.from_at < $1
     ) spent`,
    [now, new Date(now.getTime() - COMPLIANCE_DAYS * 86_400_000)],
  )
  return rows[0]?.kept ?? null
}
