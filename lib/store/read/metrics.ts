import type { z } from "zod"
import { type WorkerFigures, workerFiguresSchema } from "../../contracts/process-figures.ts"
import type { Queryable } from "../transaction.ts"
import { GONE_AFTER_SECONDS } from "./system.ts"

/** How runs of a pipeline ended with one status. */
export interface RunCounts {
  pipelineId: string
  status: "success" | "failed" | "cancelled"
  /** All that ended so. */
  runs: number
  /** Unix time of the last. */
  lastAt: number
  /** Of those whose duration counts: runs for each bound of the histogram, and for what is longer. */
  durations: number[]
  seconds: number
}

export interface PipelineFacts {
  id: string
  owner: string | null
  version: number
  isPaused: boolean
  /** How long its run has been going that started first; null: none is. */
  runningSeconds: number | null
}

export interface LoadCounts {
  pipelineId: string
  datasetId: string
  inserted: string
  updated: string
  deleted: string
  rejected: string
  loads: string
  lastRows: string | null
}

export interface DatasetFacts {
  id: string
  /** Since the newest instant in the data where that is measured, else since the newest load. */
  ageSeconds: number | null
  /** Since it is late by its policy; below 0: until it will be. */
  overdueSeconds: number | null
  rows: string | null
  score: number | null
}

/** Counts of what is live, and ages in seconds; null where there is none. */
export interface LiveFacts {
  waitingForWorker: number
  waitingForWorkerAge: number | null
  waitingForSlot: number
  waitingForSlotAge: number | null
  retrying: number
  deferred: number
  runsQueued: number
  runsRunning: number
  runsCancelling: number
  schedulerLag: number
  workspaceProblems: number
  anomalies: number
  deadlinesMissed: number
  webhooksWaiting: number
  webhooksWaitingAge: number | null
  webhooksDead: number
}

/** Messages of incidents to a channel. */
export interface AlertFacts {
  channel: string
  pending: number
  pendingAge: number | null
  sent: string
  failed: string
  dropped: string
}

export interface PoolFacts {
  name: string
  capacity: number | null
  used: number
  waiting: number
}

export interface WorkerFacts {
  id: string
  host: string
  version: string
  state: string
  slots: number
  busy: number
  heartbeatAge: number
  figures: WorkerFigures | null
}

export interface MetricsSnapshot {
  pipelines: PipelineFacts[]
  pipelinesLeftOut: number
  runs: RunCounts[]
  datasets: DatasetFacts[]
  datasetsLeftOut: number
  loads: LoadCounts[]
  live: LiveFacts
  incidents: { kind: string; severity: string; state: string; count: number }[]
  alerts: AlertFacts[]
  pools: PoolFacts[]
  workers: WorkerFacts[]
}

/**
 * Reads all that /api/metrics says of the estate: nine statements at once that each read small tables, counters, or partial
 * indexes of what is live; none reads history. At most `limit` pipelines and as many datasets, those known longest, so that
 * a series does not come and go with what else there is.
 */
export async function readMetrics(queryable: Queryable, limit: number): Promise<MetricsSnapshot> {
  const [pipelines, runs, datasets, loads, live, incidents, alerts, pools, workers] = await Promise.all([
    readPipelines(queryable, limit),
    readRunCounts(queryable),
    readDatasets(queryable, limit),
    readLoadCounts(queryable),
    readLive(queryable),
    readIncidents(queryable),
    readAlerts(queryable, limit),
    readPools(queryable, limit),
    readWorkers(queryable),
  ])
  const shown = new Set(pipelines.rows.map(({ id }) => id))
  const tables = new Set(datasets.rows.map(({ id }) => id))
  return {
    pipelines: pipelines.rows,
    pipelinesLeftOut: pipelines.total - pipelines.rows.length,
    runs: runs.filter(({ pipelineId }) => shown.has(pipelineId)),
    datasets: datasets.rows,
    datasetsLeftOut: datasets.total - datasets.rows.length,
    loads: loads.filter(({ pipelineId, datasetId }) => shown.has(pipelineId) && tables.has(datasetId)),
    live,
    incidents,
    alerts,
    pools,
    workers,
  }
}

async function readPipelines(queryable: Queryable, limit: number): Promise<{ rows: PipelineFacts[]; total: number }> {
  const { rows } = await queryable.query<PipelineFacts & { total: number }>(
    `select p.id, p.owner, p.current_version as version, p.is_paused as "isPaused",
            extract(epoch from now() - r.started_at)::float8 as "runningSeconds", (count(*) over ())::int as total
     from pipeline p
     left join (
       select pipeline_id, min(started_at) as started_at
       from run
       where state in ('queued', 'running', 'cancelling')
       group by pipeline_id
     ) r on r.pipeline_id = p.id
     where p.current_version is not null
     order by p.created_at, p.id
     limit $1`,
    [limit],
  )
  return { rows, total: rows[0]?.total ?? 0 }
}

async function readRunCounts(queryable: Queryable): Promise<RunCounts[]> {
  const { rows } = await queryable.query<RunCounts & { places: string }>(
    `select c.pipeline_id as "pipelineId", c.status, c.runs::float8 as runs, array_to_string(c.durations, ' ') as places,
            c.seconds, extract(epoch from c.last_at)::float8 as "lastAt"
     from run_counter c
     where exists (select from pipeline p where p.id = c.pipeline_id and p.current_version is not null)`,
  )
  return rows.map((row) => ({ ...row, durations: row.places.split(" ").map(Number) }))
}

async function readDatasets(queryable: Queryable, limit: number): Promise<{ rows: DatasetFacts[]; total: number }> {
  const { rows } = await queryable.query<DatasetFacts & { total: number }>(
    // A lateral of one row is a step in the index of scores by dataset and dimension.
    `select d.id, d.row_count as rows, s.score,
            extract(epoch from now() - coalesce(f.data_at, greatest(f.loaded_at, d.updated_at)))::float8
              as "ageSeconds",
            extract(epoch from now() - f.due_at)::float8 as "overdueSeconds", (count(*) over ())::int as total
     from dataset d
     left join freshness_status f on f.dataset_id = d.id
     left join lateral (
       select q.score from quality_score q where q.dataset_id = d.id and q.dimension = 'overall' order by q.id desc limit 1
     ) s on true
     where d.updated_at is not null or f.dataset_id is not null or s.score is not null
     order by d.created_at, d.id
     limit $1`,
    [limit],
  )
  // Data may carry instants that are still to come.
  const aged = rows.map((row) => ({ ...row, ageSeconds: row.ageSeconds && Math.max(0, row.ageSeconds) }))
  return { rows: aged, total: rows[0]?.total ?? 0 }
}

async function readLoadCounts(queryable: Queryable): Promise<LoadCounts[]> {
  const { rows } = await queryable.query<LoadCounts>(
    `select pipeline_id as "pipelineId", dataset_id as "datasetId", rows_inserted as inserted, rows_updated as updated,
            rows_deleted as deleted, rows_rejected as rejected, loads, last_rows as "lastRows"
     from load_counter c
     where exists (select from pipeline p where p.id = c.pipeline_id and p.current_version is not null)`,
  )
  return rows
}

async function readLive(queryable: Queryable): Promise<LiveFacts> {
  const age = (instant: string) => `extract(epoch from now() - ${instant})::float8`
  const { rows } = await queryable.query<LiveFacts>(
    `select w.*, r.*, h.*,
            (select count(*)::int from task_run where state = 'up_for_retry') as retrying,
            (select count(*)::int from task_run where state = 'deferred') as deferred,
            (select greatest(0, coalesce(${age("min(next_run_at)")}, 0))
             from pipeline where next_run_at is not null and not is_paused) as "schedulerLag",
            (select count(*)::int from workspace_problem) as "workspaceProblems",
            (select count(*)::int from anomaly where state = 'open') as anomalies,
            (select count(*)::int from deadline where state = 'missed') as "deadlinesMissed",
            (select count(*)::int from webhook_delivery where state = 'dead') as "webhooksDead"
     from (
       select count(*) filter (where waiting_for is null)::int as "waitingForWorker",
              ${age("min(ready_at) filter (where waiting_for is null)")} as "waitingForWorkerAge",
              count(waiting_for)::int as "waitingForSlot",
              ${age("min(ready_at) filter (where waiting_for is not null)")} as "waitingForSlotAge"
       from task_run where state = 'ready'
     ) w
     cross join (
       select count(*) filter (where state = 'queued')::int as "runsQueued",
              count(*) filter (where state = 'running')::int as "runsRunning",
              count(*) filter (where state = 'cancelling')::int as "runsCancelling"
       from run where state in ('queued', 'running', 'cancelling')
     ) r
     cross join (
       select count(*)::int as "webhooksWaiting", ${age("min(at)")} as "webhooksWaitingAge"
       from webhook_delivery where state = 'pending'
     ) h`,
  )
  return rows[0]!
}

async function readIncidents(queryable: Queryable): Promise<MetricsSnapshot["incidents"]> {
  const { rows } = await queryable.query<MetricsSnapshot["incidents"][number]>(
    `select kind, severity, state, count(*)::int as count
     from incident
     where state <> 'resolved'
     group by kind, severity, state
     order by kind, severity, state`,
  )
  return rows
}

/** What was deleted is added: a count that retention makes smaller would look like a restart. */
async function readAlerts(queryable: Queryable, limit: number): Promise<AlertFacts[]> {
  const total = (state: string) =>
    `coalesce(sum(d.n) filter (where d.state = '${state}'), 0)
     + coalesce((select deliveries from delivery_counter where channel_id = c.id and state = '${state}'), 0) as ${state}`
  const { rows } = await queryable.query<AlertFacts>(
    `select c.id as channel, coalesce(sum(d.n) filter (where d.state = 'pending'), 0)::int as pending,
            extract(epoch from now() - min(d.since) filter (where d.state = 'pending'))::float8 as "pendingAge",
            ${total("sent")}, ${total("failed")}, ${total("dropped")}
     from alert_channel c
     left join (
       select channel_id, state, count(*) as n, min(created_at) as since from alert_delivery group by channel_id, state
     ) d on d.channel_id = c.id
     group by c.id
     order by c.created_at, c.id
     limit $1`,
    [limit],
  )
  return rows
}

async function readPools(queryable: Queryable, limit: number): Promise<PoolFacts[]> {
  const { rows } = await queryable.query<PoolFacts>(
    `select l.name, l.capacity, coalesce(u.used, 0) as used, coalesce(w.waiting, 0) as waiting
     from slot_limit l
     left join (select limit_id, sum(slots)::int as used from task_slot group by limit_id) u on u.limit_id = l.id
     left join (
       select waiting_for, count(*)::int as waiting from task_run where waiting_for is not null group by waiting_for
     ) w on w.waiting_for = l.id
     where l.kind = 'pool'
     order by l.created_at, l.id
     limit $1`,
    [limit],
  )
  return rows
}

async function readWorkers(queryable: Queryable): Promise<WorkerFacts[]> {
  const { rows } = await queryable.query<Omit<WorkerFacts, "figures"> & { figures: unknown }>(
    `select w.id, w.host, w.version, w.state, w.slots, coalesce(a.busy, 0) as busy, w.figures,
            greatest(0, extract(epoch from now() - w.heartbeat_at))::float8 as "heartbeatAge"
     from worker w
     left join (
       select worker_id, count(*)::int as busy from attempt where state = 'running' group by worker_id
     ) a on a.worker_id = w.id
     where w.state <> 'gone' and w.heartbeat_at >= now() - $1 * interval '1 second'
     order by w.started_at, w.id
     limit 500`,
    [GONE_AFTER_SECONDS],
  )
  // A worker of another version may say other things of itself: what does not fit is left out.
  const known = workerFiguresSchema.nullable().catch(null) satisfies z.ZodType
  return rows.map((row) => ({ ...row, figures: known.parse(row.figures) }))
}
