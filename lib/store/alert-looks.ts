import { CURRENT_CHECKS } from "./read/current-checks.ts"
import type { Queryable, Transaction } from "./transaction.ts"

/** Whom a dataset belongs to and what is to be done about it, by its policy and its project. */
export interface DatasetFacts {
  owner: string | null
  tags: string[]
  runbook: string | null
}

/** Null: there is no such dataset any more. */
export async function readDatasetFacts(queryable: Queryable, id: string): Promise<DatasetFacts | null> {
  const { rows } = await queryable.query<DatasetFacts>(
    `select coalesce(p.policy ->> 'owner', d.owner, l.owner) as owner,
            d.tags || array(select jsonb_array_elements_text(coalesce(p.policy -> 'tags', '[]'))) as tags,
            p.policy ->> 'runbook' as runbook
     from dataset d
     left join dataset_policy p on p.dataset_id = d.id
     left join pipeline l on l.id = d.pipeline_id
     where d.id = $1`,
    [id],
  )
  return rows[0] ?? null
}

export async function readPipelineFacts(
  queryable: Queryable,
  id: string,
): Promise<{ owner: string | null; tags: string[] } | null> {
  const { rows } = await queryable.query<{ owner: string | null; tags: string[] }>(
    "select owner, tags from pipeline where id = $1",
    [id],
  )
  return rows[0] ?? null
}

export async function readFreshness(
  queryable: Queryable,
  datasetId: string,
): Promise<{ state: string; since: Date; message: string } | null> {
  const { rows } = await queryable.query<{ state: string; since: Date; message: string }>(
    "select state, since, message from freshness_status where dataset_id = $1",
    [datasetId],
  )
  return rows[0] ?? null
}

export interface ScoreNow {
  id: string
  dimension: string
  score: number
  runId: string | null
}

/** The newest score of each dimension. */
export async function readScores(queryable: Queryable, datasetId: string): Promise<ScoreNow[]> {
  const { rows } = await queryable.query<ScoreNow>(
    `with recursive newest as (
       (select id, dimension, score, run_id from quality_score where dataset_id = $1 order by dimension, id desc limit 1)
       union all
       select n.*
       from newest last
       cross join lateral (
         select id, dimension, score, run_id from quality_score
         where dataset_id = $1 and dimension > last.dimension
         order by dimension, id desc
         limit 1
       ) n
     )
     select id, dimension, score, run_id as "runId" from newest`,
    [datasetId],
  )
  return rows
}

export interface FailingCheck {
  id: string
  name: string
  severity: string
  message: string
  runId: string | null
}

/** Checks whose newest result is a failure that stopped no run: of monitors, and of runs that went well. */
export async function readFailingChecks(queryable: Queryable, datasetId: string): Promise<FailingCheck[]> {
  const { rows } = await queryable.query<FailingCheck>(
    `with recursive chosen_dataset as (select $1::text as id), ${CURRENT_CHECKS}
     select c.id, c.name, c.severity, c.message, c.run_id as "runId"
     from newest n
     join check_result c on c.id = n.id
     left join run r on r.id = c.run_id
     where not c.passed and (c.run_id is null or r.state = 'success')
       and (c.attempt_id is null or exists (select from current_check k where k.id = c.id))
     order by c.severity, c.id desc`,
    [datasetId],
  )
  return rows
}

export interface OpenAnomaly {
  id: string
  metric: string
  columnName: string
  severity: string
  value: number
  lower: number
  upper: number
  runId: string | null
  at: Date
}

/** The open anomalies of a dataset, newest first. Relies on anomaly_open. */
export async function readOpenAnomalies(queryable: Queryable, datasetId: string): Promise<OpenAnomaly[]> {
  const { rows } = await queryable.query<OpenAnomaly>(
    `select id, metric, column_name as "columnName", severity, value, lower, upper, run_id as "runId", at
     from anomaly
     where dataset_id = $1 and state = 'open'
     order by id desc
     limit 100`,
    [datasetId],
  )
  return rows
}

export interface DeadlineNow {
  id: string
  taskId: string | null
  state: string
  message: string | null
  channel: string | null
  runId: string | null
  missedAt: Date | null
}

/** The newest of a pipeline's deadlines of one name that was judged. */
export async function readNewestDeadline(
  queryable: Queryable,
  pipelineId: string,
  key: string,
): Promise<DeadlineNow | null> {
  const { rows } = await queryable.query<DeadlineNow>(
    `select id, task_id as "taskId", state, message, channel, run_id as "runId", missed_at as "missedAt"
     from deadline
     where pipeline_id = $1 and key = $2 and state in ('met', 'missed', 'late')
     order by due_at desc, id desc
     limit 1`,
    [pipelineId, key],
  )
  return rows[0] ?? null
}

export interface WorkerNow {
  id: string
  host: string
  state: string
  heartbeatAt: Date
  /** A worker that started after this one was last heard of. */
  replacement: string | null
}

export async function readWorker(queryable: Queryable, id: string): Promise<WorkerNow | null> {
  const { rows } = await queryable.query<WorkerNow>(
    `select w.id, w.host, w.state, w.heartbeat_at as "heartbeatAt",
            (select min(o.id) from worker o where o.state = 'active' and o.started_at > w.heartbeat_at) as replacement
     from worker w
     where w.id = $1`,
    [id],
  )
  return rows[0] ?? null
}

/** How many tasks wait for a worker, and since when the first of them does. Reads ready task runs only. */
export async function readBacklog(queryable: Queryable): Promise<{ tasks: number; oldest: Date | null }> {
  const { rows } = await queryable.query<{ tasks: number; oldest: Date | null }>(
    `select count(*)::int as tasks, min(ready_at) as oldest
     from task_run
     where state = 'ready' and waiting_for is null`,
  )
  return rows[0]!
}

/** The newest measurement of each column that has the metric. */
export async function readMeasurements(
  queryable: Queryable,
  datasetId: string,
  metric: string,
  column: string,
): Promise<{ id: string; value: number; at: Date; runId: string | null } | null> {
  const { rows } = await queryable.query<{ id: string; value: number; at: Date; runId: string | null }>(
    `select id, value, at, run_id as "runId"
     from metric_point
     where dataset_id = $1 and metric = $2 and column_name = $3
     order by at desc, id desc
     limit 1`,
    [datasetId, metric, column],
  )
  return rows[0] ?? null
}

/** How long runs before one took that went well, in seconds, newest first: at most 200 of the last days. */
export async function readEarlierDurations(
  queryable: Queryable,
  run: { id: string; pipelineId: string },
  days: number,
): Promise<number[]> {
  const { rows } = await queryable.query<{ seconds: number }>(
    `select extract(epoch from finished_at - started_at)::float8 as seconds
     from (
       select id, started_at, finished_at from run
       where pipeline_id = $1 and state = 'success' and id < $2
       order by id desc
       limit 200
     ) r
     where started_at is not null and finished_at > now() - make_interval(days => $3)
     order by id desc`,
    [run.pipelineId, run.id, days],
  )
  return rows.map((row) => row.seconds)
}

/** The unresolved failure that a pipeline has now. */
export async function findFailureOf(transaction: Transaction, pipelineId: string): Promise<string | null> {
  const { rows } = await transaction.query<{ id: string }>(
    `select i.id
     from incident_member m
     join incident i on i.id = m.incident_id and i.state <> 'resolved' and i.kind = 'pipeline_failure'
     where m.pipeline_id = $1 and m.is_failing
     order by i.id
     limit 1`,
    [pipelineId],
  )
  return rows[0]?.id ?? null
}
