import type { DeadlineRule, DeadlineSubject } from "../domain/deadline.ts"
import type { RunId } from "../domain/ids.ts"
import type { Queryable, Transaction } from "./transaction.ts"

export interface NewDeadline {
  pipelineId: string
  key: string
  taskId: string | null
  rule: DeadlineRule
  channel: string | null
  dueAt: Date
  /** For deadlines of a run. */
  runId: RunId | null
  /** For those of a schedule's tick. */
  tick: { scheduleKey: string; logicalAt: Date; intervalEnd: Date } | null
}

const INSERT = `insert into deadline (pipeline_id, key, task_id, rule, channel, due_at, run_id, schedule_key, logical_at,
                                      interval_end)
  select d."pipelineId", d.key, d."taskId", d.rule, d.channel, d."dueAt", d."runId", d.tick ->> 'scheduleKey',
         (d.tick ->> 'logicalAt')::timestamptz, (d.tick ->> 'intervalEnd')::timestamptz
  from jsonb_to_recordset($1::jsonb)
    as d ("pipelineId" text, key text, "taskId" text, rule jsonb, channel text, "dueAt" timestamptz, "runId" bigint,
          tick jsonb)`

/** Plans deadlines of ticks, and of runs that were just created. Those that are planned already stay as they are. */
export async function insertDeadlines(transaction: Transaction, deadlines: readonly NewDeadline[]): Promise<void> {
  if (deadlines.length === 0) return
  await transaction.query(`${INSERT} on conflict do nothing`, [JSON.stringify(deadlines)])
}

/**
 * Plans deadlines of runs that start, or plans them anew for runs that are reopened: what was met may be missed in the new
 * life, but what was missed is not said twice.
 */
export async function restartDeadlines(transaction: Transaction, deadlines: readonly NewDeadline[]): Promise<void> {
  if (deadlines.length === 0) return
  await transaction.query(
    `${INSERT}
     on conflict (run_id, key) where logical_at is null do update
       set due_at = excluded.due_at, state = 'pending'
       where deadline.state in ('pending', 'met')`,
    [JSON.stringify(deadlines)],
  )
}

/** Sets when locked runs that have just started or were reopened are stopped for running too long. */
export async function setTimeLimits(
  transaction: Transaction,
  limits: readonly { id: RunId; timeoutMs: number }[],
): Promise<void> {
  if (limits.length === 0) return
  await transaction.query(
    `update run r
     set time_limit_at = now() + l.ms * interval '1 millisecond'
     from unnest($1::bigint[], $2::float8[]) as l (id, ms)
     where r.id = l.id`,
    [limits.map((limit) => limit.id), limits.map((limit) => limit.timeoutMs)],
  )
}

/** Running runs whose time limit is over, longest ago first. Relies on run_time_limit. */
export async function findOverdueRuns(
  queryable: Queryable,
  limit = 100,
): Promise<{ id: RunId; timeoutMs: number | null }[]> {
  const { rows } = await queryable.query<{ id: RunId; timeoutMs: number | null }>(
    `select r.id, (v.manifest -> 'timeoutMs')::float8 as "timeoutMs"
     from run r
     join pipeline_version v on v.id = r.version_id
     where r.time_limit_at <= now() and r.state = 'running'
     order by r.time_limit_at
     limit $1`,
    [limit],
  )
  return rows
}

/** Whether a locked run is past its time limit. */
export async function isOverdue(transaction: Transaction, id: RunId): Promise<boolean> {
  const { rows } = await transaction.query<{ isOverdue: boolean | null }>(
    `select state = 'running' and time_limit_at <= now() as "isOverdue" from run where id = $1`,
    [id],
  )
  return rows[0]?.isOverdue === true
}

/** How far the deadlines of one schedule are planned. */
export interface DeadlineClockRow {
  pipelineId: string
  scheduleKey: string
  plannedUntil: Date
}

/** Locks one clock whose next tick has come; null when there is none that no other scheduler holds. */
export async function lockDueClock(transaction: Transaction, now: Date): Promise<DeadlineClockRow | null> {
  const { rows } = await transaction.query<DeadlineClockRow>(
    `select pipeline_id as "pipelineId", schedule_key as "scheduleKey", planned_until as "plannedUntil"
     from deadline_clock
     where next_tick_at <= $1
     order by next_tick_at
     limit 1
     for update skip locked`,
    [now],
  )
  return rows[0] ?? null
}

export interface NewClock {
  scheduleKey: string
  plannedUntil: Date
  nextTickAt: Date | null
}

export async function moveClock(transaction: Transaction, pipelineId: string, clock: NewClock): Promise<void> {
  await transaction.query(
    `update deadline_clock set planned_until = $3, next_tick_at = $4 where pipeline_id = $1 and schedule_key = $2`,
    [pipelineId, clock.scheduleKey, clock.plannedUntil, clock.nextTickAt],
  )
}

/** How far a pipeline's deadlines are planned, by schedule. */
export async function readClocks(transaction: Transaction, pipelineId: string): Promise<Map<string, Date>> {
  const { rows } = await transaction.query<{ key: string; until: Date }>(
    "select schedule_key as key, planned_until as until from deadline_clock where pipeline_id = $1 for update",
    [pipelineId],
  )
  return new Map(rows.map((row) => [row.key, row.until]))
}

/** Makes these the pipeline's clocks; the others are gone. */
export async function writeClocks(
  transaction: Transaction,
  pipelineId: string,
  clocks: readonly NewClock[],
): Promise<void> {
  const keys = clocks.map((clock) => clock.scheduleKey)
  await transaction.query("delete from deadline_clock where pipeline_id = $1 and schedule_key <> all ($2::text[])", [
    pipelineId,
    keys,
  ])
  if (clocks.length === 0) return
  await transaction.query(
    `insert into deadline_clock (pipeline_id, schedule_key, planned_until, next_tick_at)
     select $1, c.key, c.until, c.next
     from unnest($2::text[], $3::timestamptz[], $4::timestamptz[]) as c (key, until, next)
     on conflict (pipeline_id, schedule_key) do update
       set planned_until = excluded.planned_until, next_tick_at = excluded.next_tick_at`,
    [pipelineId, keys, clocks.map((clock) => clock.plannedUntil), clocks.map((clock) => clock.nextTickAt)],
  )
}

/** A planned or missed deadline with what it is about. */
export interface OpenDeadline {
  id: string
  pipelineId: string
  key: string
  taskId: string | null
  rule: DeadlineRule
  channel: string | null
  runId: RunId | null
  /** It was planned before its run was there, and does not name it yet. */
  isUnlinked: boolean
  intervalEnd: Date | null
  dueAt: Date
  /** Null: there is no run, or it has no such task. */
  subject: DeadlineSubject | null
  isPaused: boolean
  /** Of the version in force, for deadlines of ticks; null where the pipeline is no longer defined. */
  versionId: string | null
}

/** A tick's run is the one that its schedule made for it, of several (one a key) the one that ends last; a mapped task has ended when all of its instances have. */
const WITH_SUBJECT = `
  select d.id, d.pipeline_id as "pipelineId", d.key, d.task_id as "taskId", d.rule, d.channel, r.id as "runId",
         d.run_id is null as "isUnlinked", d.interval_end as "intervalEnd", d.due_at as "dueAt", p.is_paused as "isPaused", v.id as "versionId",
         coalesce(t.state, case when d.task_id is null then r.state end) as state,
         case when d.task_id is null then r.started_at else t.started_at end as "startedAt",
         case when d.task_id is null then r.finished_at else t.finished_at end as "finishedAt"
  from picked d
  join pipeline p on p.id = d.pipeline_id
  left join pipeline_version v on v.pipeline_id = p.id and v.version = p.current_version
  left join lateral (
    select r.* from run r where r.id = d.run_id
    union all
    select r.* from run r
    where d.run_id is null and r.pipeline_id = d.pipeline_id and r.kind = 'schedule'
      and r.schedule_key = d.schedule_key and r.logical_at = d.logical_at and r.backfill_id is null
    order by finished_at desc nulls first
    limit 1
  ) r on true
  left join task_run t on t.run_id = r.id and t.task_id = d.task_id and t.map_index = -1
  order by d.id`

type SubjectRow = Omit<OpenDeadline, "subject"> & {
  state: string | null
  startedAt: Date | null
  finishedAt: Date | null
}

function toOpen({ state, startedAt, finishedAt, ...row }: SubjectRow): OpenDeadline {
  return { ...row, subject: state === null ? null : { state, startedAt, finishedAt } }
}

/** Locks deadlines that are due and not judged yet, skipping those that another scheduler judges. Relies on deadline_due. */
export async function lockDueDeadlines(transaction: Transaction, now: Date, limit: number): Promise<OpenDeadline[]> {
  const { rows } = await transaction.query<SubjectRow>(
    `with picked as (
       select * from deadline where state = 'pending' and due_at <= $1 order by due_at limit $2 for update skip locked
     ) ${WITH_SUBJECT}`,
    [now, limit],
  )
  return rows.map(toOpen)
}

/** Locks missed deadlines, to look whether what was late is done. Relies on deadline_open. */
export async function lockMissedDeadlines(
  transaction: Transaction,
  after: string,
  limit: number,
): Promise<OpenDeadline[]> {
  const { rows } = await transaction.query<SubjectRow>(
    `with picked as (
       select * from deadline
       where state = 'missed' and id > $1 and missed_at > now() - interval '7 days'
       order by id limit $2 for update skip locked
     ) ${WITH_SUBJECT}`,
    [after, limit],
  )
  return rows.map(toOpen)
}

export interface Judgement {
  id: string
  state: "met" | "missed" | "late" | "dropped"
  runId: RunId | null
  message: string | null
  completedAt: Date | null
}

/** Writes what was judged of locked deadlines. The table's trigger makes signals of those that are met, missed or late. */
export async function writeJudgements(transaction: Transaction, judgements: readonly Judgement[]): Promise<void> {
  if (judgements.length === 0) return
  await transaction.query(
    `update deadline d
     set state = j.state,
         run_id = coalesce(d.run_id, j."runId"),
         message = coalesce(d.message, j.message),
         missed_at = case when j.state in ('missed', 'late') then coalesce(d.missed_at, now()) end,
         completed_at = j."completedAt"
     from jsonb_to_recordset($1::jsonb)
       as j (id bigint, state text, "runId" bigint, message text, "completedAt" timestamptz)
     where d.id = j.id and d.state in ('pending', 'missed')`,
    [JSON.stringify(judgements)],
  )
}

/** Names the runs that came after their ticks' deadlines were missed. */
export async function linkDeadlines(
  transaction: Transaction,
  links: readonly { id: string; runId: RunId }[],
): Promise<void> {
  if (links.length === 0) return
  await transaction.query(
    `update deadline d set run_id = l.run_id from unnest($1::bigint[], $2::bigint[]) as l (id, run_id) where d.id = l.id`,
    [links.map((link) => link.id), links.map((link) => link.runId)],
  )
}

/** When the next deadline or tick of deadlines or time limit comes; null where none is planned. */
export async function nextDeadlineAt(queryable: Queryable): Promise<Date | null> {
  const { rows } = await queryable.query<{ at: Date | null }>(
    `select least(
       (select min(due_at) from deadline where state = 'pending'),
       (select min(next_tick_at) from deadline_clock where next_tick_at is not null),
       (select min(time_limit_at) from run where time_limit_at is not null and state = 'running')
     ) as at`,
  )
  return rows[0]?.at ?? null
}
