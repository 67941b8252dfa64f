import type { Queryable, Transaction } from "./transaction.ts"

/** How far one schedule of a pipeline has come. */
export interface ScheduleState {
  key: string
  isCurrent: boolean
  /** The newest tick that was handled. */
  lastLogicalAt: Date | null
  nextRunAt: Date | null
}

/**
 * Locks one pipeline with a schedule that is due, in the order in which they are due; null when there is none that no other
 * transaction holds. Relies on pipeline_schedule_due.
 */
export async function lockDuePipeline(
  transaction: Transaction,
  now: Date,
  except: readonly string[],
): Promise<string | null> {
  const { rows } = await transaction.query<{ id: string }>(
    `select p.id
     from pipeline_schedule s
     join pipeline p on p.id = s.pipeline_id
     where s.next_run_at <= $1 and s.is_current
       and not p.is_paused and p.current_version is not null and p.id <> all ($2::text[])
     order by s.next_run_at
     limit 1
     for no key update of p skip locked`,
    [now, except],
  )
  return rows[0]?.id ?? null
}

/** All that is kept of a pipeline's schedules, of those that are gone too. */
export async function readSchedules(queryable: Queryable, pipelineId: string): Promise<ScheduleState[]> {
  const { rows } = await queryable.query<ScheduleState>(
    `select schedule_key as key, is_current as "isCurrent", last_logical_at as "lastLogicalAt", next_run_at as "nextRunAt"
     from pipeline_schedule
     where pipeline_id = $1`,
    [pipelineId],
  )
  return rows
}

/** Writes what `states` say, and the least of a pipeline's next runs beside the pipeline, where lists read it. */
export async function writeSchedules(
  transaction: Transaction,
  pipelineId: string,
  states: readonly ScheduleState[],
): Promise<void> {
  await transaction.query(
    `insert into pipeline_schedule (pipeline_id, schedule_key, is_current, last_logical_at, next_run_at)
     select $1, s.key, s.current, s.last, s.next
     from unnest($2::text[], $3::bool[], $4::timestamptz[], $5::timestamptz[]) as s (key, current, last, next)
     on conflict (pipeline_id, schedule_key) do update
       set is_current = excluded.is_current, last_logical_at = excluded.last_logical_at, next_run_at = excluded.next_run_at`,
    [
      pipelineId,
      states.map((state) => state.key),
      states.map((state) => state.isCurrent),
      states.map((state) => state.lastLogicalAt),
      states.map((state) => state.nextRunAt),
    ],
  )
  await transaction.query(
    `update pipeline
     set next_run_at = (select min(next_run_at) from pipeline_schedule where pipeline_id = $1 and is_current)
     where id = $1`,
    [pipelineId],
  )
}

/** Looks again at `at` at what is due now but could not be run. */
export async function postponeDue(
  queryable: Queryable,
  pipelineIds: readonly string[],
  now: Date,
  at: Date,
): Promise<void> {
  await queryable.query(
    "update pipeline_schedule set next_run_at = $3 where pipeline_id = any ($1::text[]) and next_run_at <= $2",
    [pipelineIds, now, at],
  )
}

/** When the next schedule after `now` is due, of pipelines that are not paused. */
export async function nextDueAt(queryable: Queryable, now: Date): Promise<Date | null> {
  const { rows } = await queryable.query<{ at: Date }>(
    `select s.next_run_at as at
     from pipeline_schedule s
     join pipeline p on p.id = s.pipeline_id
     where s.next_run_at > $1 and not p.is_paused
     order by s.next_run_at
     limit 1`,
    [now],
  )
  return rows[0]?.at ?? null
}
