import type { Overview } from "../../contracts/api/system.ts"
import { nextRuns } from "../../domain/next-runs.ts"
import { roundedScore } from "../../domain/rounded-score.ts"
import type { RunState } from "../../domain/run-state.ts"
import type { Queryable } from "../transaction.ts"
import { CURRENT_CHECKS } from "./current-checks.ts"
import { listFreshness } from "./freshness.ts"
import { toInstant, toInstantOrNull } from "./instant.ts"
import { listProblems } from "./system.ts"
import { knownSchedules, TIMING_COLUMN, type Timing } from "./timing.ts"

const DAYS = 14
const HOUR_MS = 3_600_000
const SHOWN_DATASETS = 20
/** Runs of one pipeline drawn in the timeline: more would lie over each other. */
const TIMELINE_RUNS = 200

/**
 * The estate at a glance. A few statements; each reads the last day or fortnight through an index on time, or a fixed number
 * of rows for each pipeline or check, never a whole history. Days are UTC days.
 */
export async function readOverview(queryable: Queryable, now: Date): Promise<Overview> {
  const [pipelines, counters, quality, freshness, days, problems] = await Promise.all([
    readPipelines(queryable, now),
    readCounters(queryable),
    readQuality(queryable, now),
    readFreshness(queryable, now),
    readDays(queryable, now),
    listProblems(queryable),
  ])
  const soon = new Date(now.getTime() + 6 * HOUR_MS)
  return {
    generatedAt: now.toISOString(),
    failedRuns: pipelines
      .flatMap(({ id, failed }) =>
        failed ? [{ ...failed, pipelineId: id, finishedAt: toInstant(failed.finishedAt) }] : [],
      )
      .sort((a, b) => b.finishedAt.localeCompare(a.finishedAt)),
    ...counters,
    quality,
    freshness,
    timeline: pipelines.map((pipeline) => ({
      pipelineId: pipeline.id,
      owner: pipeline.owner,
      tags: pipeline.tags,
      runs: pipeline.runs.map((run) => ({
        id: run.id,
        state: run.state,
        createdAt: toInstant(run.createdAt),
        startedAt: toInstantOrNull(run.startedAt),
        finishedAt: toInstantOrNull(run.finishedAt),
      })),
      nextRuns:
        pipeline.nextRunAt === null
          ? []
          : nextRuns(knownSchedules(pipeline.timing), now, 50, soon).map((run) => toInstant(run.runAt)),
    })),
    nextRuns: pipelines
      .flatMap(({ id, nextRunAt, medianMs }) =>
        nextRunAt
          ? [
              {
                pipelineId: id,
                at: toInstant(nextRunAt),
                medianDurationMs: medianMs === null ? null : Math.round(medianMs),
              },
            ]
          : [],
      )
      .sort((a, b) => a.at.localeCompare(b.at))
      .slice(0, 10),
    ...days,
    problems,
  }
}

interface PipelineRow {
  id: string
  owner: string | null
  tags: string[]
  nextRunAt: Date | null
  timing: Timing | null
  medianMs: number | null
  failed: { runId: string; failedTaskId: string | null; errorMessage: string | null; finishedAt: string } | null
  runs: Array<{ id: string; state: RunState; createdAt: string; startedAt: string | null; finishedAt: string | null }>
}

/**
 * Each pipeline with its runs of the last 24 hours and its newest ended run, where that failed; one that is gone from the
 * workspace only if it has such runs. `between … and` instead of `=` as in pipelines.ts: the order then needs the index that starts with the pipeline.
 */
async function readPipelines(queryable: Queryable, now: Date): Promise<PipelineRow[]> {
  const { rows } = await queryable.query<PipelineRow>(
    `select p.id, p.owner, p.tags, case when not p.is_paused and v.id is not null then p.next_run_at end as "nextRunAt",
            ${TIMING_COLUMN} as timing, median.ms as "medianMs", failed.run as failed, day.runs
     from pipeline p
     left join pipeline_version v on v.pipeline_id = p.id and v.version = p.current_version
     left join lateral (
       select case when last.state = 'failed' then jsonb_build_object('runId', last.id::text,
                'failedTaskId', last.failed_task_id, 'errorMessage', last.error_message,
                'finishedAt', last.finished_at) end as run
       from (
         select newest.*
         from unnest(array['success', 'failed']) as ended (state)
         cross join lateral (
           select * from run
           where run.pipeline_id between p.id and p.id and run.state between ended.state and ended.state
           order by run.pipeline_id, run.state, run.id desc
           limit 1
         ) newest
         order by newest.id desc
         limit 1
       ) last
     ) failed on true
     cross join lateral (
       select percentile_cont(0.5) within group
                (order by extract(epoch from r.finished_at - r.started_at)::float8 * 1000) as ms
       from (select started_at, finished_at from run
             where run.pipeline_id between p.id and p.id and run.state = 'success'
             order by run.pipeline_id, run.id desc limit 30) r
     ) median
     cross join lateral (
       select coalesce(jsonb_agg(jsonb_build_object('id', r.id::text, 'state', r.state, 'createdAt', r.created_at,
                'startedAt', r.started_at, 'finishedAt', r.finished_at) order by r.id), '[]') as runs
       from (
         -- By position from the end, then by time: the newest 200 include all of the day that are drawn.
         select * from (select * from run where run.pipeline_id between p.id and p.id
                        order by run.pipeline_id, run.id desc limit $2) newest
         where newest.created_at >= $1::timestamptz - interval '24 hours' or newest.finished_at is null
            or newest.finished_at >= $1::timestamptz - interval '24 hours'
       ) r
     ) day
     where v.id is not null or day.runs <> '[]' or failed.run is not null
     order by p.id`,
    [now, TIMELINE_RUNS],
  )
  return rows
}

async function readCounters(queryable: Queryable): Promise<Pick<Overview, "running" | "slots" | "incidents">> {
  const { rows } = await queryable.query<Overview["slots"] & Overview["incidents"] & { running: number }>(
    `select (select count(*)::int from run where state in ('running', 'cancelling')) as running,
            (select count(*)::int from attempt where state = 'running') as used,
            (select coalesce(sum(slots), 0)::int from worker
             where state = 'active' and heartbeat_at >= now() - interval '40 seconds') as total,
            (select count(*)::int from task_run where state = 'ready') as waiting, unresolved.*
     from (
       select count(*) filter (where state = 'open')::int as open,
              count(*) filter (where state = 'acknowledged')::int as acknowledged
       from incident
       where state <> 'resolved' and (snoozed_until is null or snoozed_until <= now())
     ) unresolved`,
  )
  const { running, used, total, waiting, open, acknowledged } = rows[0]!
  return { running, slots: { used, total, waiting }, incidents: { open, acknowledged } }
}

/** Datasets that are late, or will be as far as can be told, the worst first. */
async function readFreshness(queryable: Queryable, now: Date): Promise<Overview["freshness"]> {
  const page = await listFreshness(
    queryable,
    { state: "error,warn,at_risk", sort: "worst", zone: "UTC", limit: SHOWN_DATASETS },
    now,
  )
  const { standings } = page.summary
  return {
    breaches: standings.error + standings.warn,
    policies: Object.values(standings).reduce((sum, count) => sum + count, 0),
    items: page.items.map(({ datasetId, message, standing, dueAt }) => ({
      dataset: datasetId,
      message,
      standing,
      dueAt,
    })),
  }
}

async function readQuality(queryable: Queryable, now: Date): Promise<Overview["quality"]> {
  const { rows } = await queryable.query<{
    score: number | null
    datasets: number
    failing: number
    warning: number
    history: Array<{ day: string; score: number }>
  }>(
    `with recursive chosen_dataset as (select id from dataset), ${CURRENT_CHECKS}, overall as (
       select q.score
       from chosen_dataset d
       cross join lateral (
         select score from quality_score
         where dataset_id between d.id and d.id and dimension = 'overall'
         order by dataset_id, id desc
         limit 1
       ) q
     ), daily as (
       select date_bin('1 day', q.at, $1::timestamptz) as start, avg(q.score) as score
       from quality_score q
       where q.dimension = 'overall' and q.at >= $1::timestamptz
       group by 1
     )
     select (select avg(score) from overall) as score, (select count(*)::int from overall) as datasets,
            (select count(*)::int from current_check where not passed and severity = 'error') as failing,
            (select count(*)::int from current_check where not passed and severity = 'warn') as warning,
            (select coalesce(jsonb_agg(jsonb_build_object('day', to_char(start at time zone 'UTC', 'YYYY-MM-DD'), 'score', score)
                             order by start), '[]') from daily) as history`,
    [firstDay(now)],
  )
  const { score, datasets, failing, warning, history } = rows[0]!
  return {
    score: score === null ? null : roundedScore(score),
    datasets,
    failingChecks: failing,
    warningChecks: warning,
    history: history.map((point) => ({ day: point.day, score: roundedScore(point.score) })),
  }
}

/** Days without any run or load are there with zeros, so that a chart has no holes. */
async function readDays(queryable: Queryable, now: Date): Promise<Pick<Overview, "runsByDay" | "rowsByDay">> {
  const { rows } = await queryable.query<{ day: string; success: number; failed: number; other: number; rows: number }>(
    `with days as (
       select generate_series($1::timestamptz, $2::timestamptz, interval '1 day') as start
     ), runs as (
       select date_bin('1 day', created_at, $1::timestamptz) as start, count(*) filter (where state = 'success')::int as success,
              count(*) filter (where state = 'failed')::int as failed,
              count(*) filter (where state not in ('success', 'failed'))::int as other
       from run
       where created_at >= $1::timestamptz
       group by 1
     ), loads as (
       select date_bin('1 day', at, $1::timestamptz) as start, sum(rows_inserted + rows_updated)::float8 as rows
       from materialization
       where at >= $1::timestamptz
       group by 1
     )
     select to_char(days.start at time zone 'UTC', 'YYYY-MM-DD') as day, coalesce(runs.success, 0) as success,
            coalesce(runs.failed, 0) as failed, coalesce(runs.other, 0) as other, coalesce(loads.rows, 0) as rows
     from days
     left join runs using (start)
     left join loads using (start)
     order by days.start`,
    [firstDay(now), now],
  )
  return {
    runsByDay: rows.map(({ day, success, failed, other }) => ({ day, success, failed, other })),
    rowsByDay: rows.map(({ day, rows }) => ({ day, rows })),
  }
}

function firstDay(now: Date): Date {
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() - (DAYS - 1)))
}
