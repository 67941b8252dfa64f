import type { CalendarDay, PipelineCalendar } from "../../contracts/api/pipeline-views.ts"
import { zoneOf } from "../../contracts/manifest-schedule.ts"
import { AppError } from "../../domain/errors.ts"
import type { RunState } from "../../domain/run-state.ts"
import { dayFormat, scheduledDays } from "../../domain/scheduled-days.ts"
import { RUN_SEVERITY } from "../../domain/severity.ts"
import type { Queryable } from "../transaction.ts"
import { knownSchedules, TIMING_COLUMN, type Timing } from "./timing.ts"

/**
 * A year of a pipeline by days of its zone; this year unless given. One grouped read of run_calendar, from the index alone.
 *
 * @throws AppError `pipeline.not_found`.
 */
export async function readCalendar(
  queryable: Queryable,
  pipelineId: string,
  { year: wanted, now }: { year?: number | undefined; now: Date },
): Promise<PipelineCalendar> {
  const { timing, isAwake, first, last } = await readFacts(queryable, pipelineId)
  const zone = timing ? zoneOf(timing) : "UTC"
  const yearOf = (instant: Date) => Number(dayFormat(zone).format(instant).slice(0, 4))
  const year = wanted ?? yearOf(now)
  const schedules = isAwake ? knownSchedules(timing).map((known) => known.schedule) : []
  return {
    pipelineId,
    zone,
    year,
    years: first && last ? { first: yearOf(first), last: yearOf(last) } : null,
    days: await readDays(queryable, pipelineId, zone, year),
    scheduled: scheduledDays(schedules, zone, now, year),
  }
}

interface Facts {
  timing: Timing | null
  isAwake: boolean
  first: Date | null
  last: Date | null
}

/** Of a pipeline that is gone, its newest version says in which zone it lived. */
async function readFacts(queryable: Queryable, pipelineId: string): Promise<Facts> {
  const { rows } = await queryable.query<Facts>(
    `select ${TIMING_COLUMN} as timing, not p.is_paused and p.current_version is not null as "isAwake",
            span.first, span.last
     from pipeline p
     left join lateral (
       select id, manifest from pipeline_version where pipeline_id = p.id order by version desc limit 1
     ) v on true
     cross join lateral (
       select min(r.logical_at) as first, max(r.logical_at) as last from run r where r.pipeline_id = p.id
     ) span
     where p.id = $1`,
    [pipelineId],
  )
  const facts = rows[0]
  if (!facts) throw new AppError("pipeline.not_found", `There is no pipeline ${pipelineId}; see the list of pipelines.`)
  return facts
}

async function readDays(queryable: Queryable, pipelineId: string, zone: string, year: number): Promise<CalendarDay[]> {
  const { rows } = await queryable.query<{ day: string; state: RunState; runs: number; durationMs: number }>(
    `select to_char(r.day, 'YYYY-MM-DD') as day, r.state, count(*)::int as runs,
            coalesce(sum(date_part('epoch', r.finished_at - r.started_at)) * 1000, 0) as "durationMs"
     from (
       select date_trunc('day', logical_at at time zone $2) as day, state, started_at, finished_at
       from run
       where pipeline_id = $1
         and logical_at >= make_timestamp($3, 1, 1, 0, 0, 0) at time zone $2
         and logical_at < make_timestamp($3 + 1, 1, 1, 0, 0, 0) at time zone $2
     ) r
     group by r.day, r.state
     order by r.day`,
    [pipelineId, zone, year],
  )
  return [...Map.groupBy(rows, (row) => row.day)].map(([day, states]) => ({
    day,
    worst: RUN_SEVERITY.find((state) => states.some((row) => row.state === state))!,
    counts: Object.fromEntries(states.map((row) => [row.state, row.runs])),
    durationMs: Math.round(states.reduce((sum, row) => sum + row.durationMs, 0)),
  }))
}
