import type { Failure } from "../domain/errors.ts"
import type { Transaction } from "./transaction.ts"

/** A run as it is when its end is looked at. */
export interface EndedRun {
  id: string
  pipelineId: string
  state: string
  kind: string
  owner: string | null
  tags: string[]
  errorMessage: string | null
  startedAt: Date | null
  finishedAt: Date | null
}

/** What else is to be looked at when a run has ended well. */
export interface EndedRunFacts extends EndedRun {
  /** Something of its pipeline failed before, and has not succeeded since. */
  hasFailing: boolean
  /** It took unusually long before. */
  hasLongRun: boolean
  /** Datasets of which it has results of checks. */
  checked: string[]
}

/** The runs that are still there, by id. */
export async function readEndedRuns(
  transaction: Transaction,
  ids: readonly string[],
): Promise<Map<string, EndedRunFacts>> {
  if (ids.length === 0) return new Map()
  const { rows } = await transaction.query<EndedRunFacts>(
    `select r.id, r.pipeline_id as "pipelineId", r.state, r.kind, p.owner, p.tags, r.error_message as "errorMessage",
            r.started_at as "startedAt", r.finished_at as "finishedAt",
            exists (select from incident_member m where m.is_failing and m.pipeline_id = r.pipeline_id) as "hasFailing",
            exists (select from alert_condition c where c.key = 'duration:' || r.pipeline_id) as "hasLongRun",
            array(select distinct c.dataset_id from check_result c where c.run_id = r.id order by 1) as checked
     from run r
     join pipeline p on p.id = r.pipeline_id
     where r.id = any ($1::bigint[])`,
    [ids],
  )
  return new Map(rows.map((row) => [row.id, row]))
}

/** A task run that failed, or did not run because an upstream failed. */
export interface FailedTaskRun {
  id: string
  taskId: string
  mapIndex: number
  position: number
  downstream: number[]
  state: "failed" | "upstream_failed"
  reason: string | null
  attemptId: string | null
  failure: Failure | null
  at: Date | null
}

/** What is wrong in a run, the first failure first. Of each mapped task at most a hundred instances. */
export async function readFailedTaskRuns(transaction: Transaction, runId: string): Promise<FailedTaskRun[]> {
  const { rows } = await transaction.query<FailedTaskRun>(
    `select t.id, t.task_id as "taskId", t.map_index as "mapIndex", t.position, t.downstream, t.state, t.reason,
            a.id as "attemptId", a.failure, coalesce(a.finished_at, t.finished_at) as at
     from task_run t
     left join lateral (
       select a.id, a.failure, a.finished_at from attempt a
       where a.task_run_id = t.id and t.state = 'failed'
       order by a.number desc
       limit 1
     ) a on true
     where t.run_id = $1 and t.state in ('failed', 'upstream_failed') and t.map_index < 100
     order by (t.state = 'failed') desc, at, t.position, t.map_index`,
    [runId],
  )
  return rows
}

/** The unresolved incident that a run follows from: of the failed run that started it, or of a run that a task called. */
export async function findCauseOfRun(
  transaction: Transaction,
  run: { id: string; calledBy: readonly string[] },
): Promise<string | null> {
  const { rows } = await transaction.query<{ id: string }>(
    `with causes as (
       select cause_run_id as run_id from trigger_arrival
       where run_id = $1 and source = 'pipeline' and cause_state = 'failed'
       union all
       select run_id from run_call where task_run_id = any ($2::bigint[])
     )
     select i.id
     from causes c
     join incident_occurrence o on o.run_id = c.run_id
     join incident i on i.id = o.incident_id and i.state <> 'resolved' and i.kind = 'pipeline_failure'
     order by i.id
     limit 1`,
    [run.id, run.calledBy],
  )
  return rows[0]?.id ?? null
}

/** How far up a broken dataset is looked for. */
const MAX_DEPTH = 8

/**
 * The unresolved failure because of which datasets, or what they are made from, are not what they should be: the nearest
 * one upstream. `besides` is the task whose own incidents do not count.
 */
export async function findCauseOfDatasets(
  transaction: Transaction,
  datasets: readonly string[],
  besides: { pipelineId: string; taskId: string } | null,
): Promise<string | null> {
  if (datasets.length === 0) return null
  const { rows } = await transaction.query<{ id: string }>(
    `with recursive up (dataset, depth) as (
       select unnest($1::text[]), 0
       union
       select e.reads, up.depth + 1 from up join dataset_edge e on e.writes = up.dataset where up.depth < ${MAX_DEPTH}
     ), makers as (
       select e.pipeline_id, e.task_id, up.depth from up join dataset_edge e on e.writes = up.dataset
       union
       select d.pipeline_id, coalesce(d.task_id, ''), up.depth from up join dataset d on d.id = up.dataset
       where d.pipeline_id is not null
     )
     select i.id
     from makers k
     join incident_member m on m.is_failing and m.pipeline_id = k.pipeline_id and m.task_id in (k.task_id, '')
     join incident i on i.id = m.incident_id and i.state <> 'resolved' and i.kind = 'pipeline_failure'
     where (k.pipeline_id, k.task_id) is distinct from ($2::text, $3::text)
     order by k.depth, i.id
     limit 1`,
    [datasets, besides?.pipelineId ?? null, besides?.taskId ?? null],
  )
  return rows[0]?.id ?? null
}

/** Datasets that tasks of a run's version read, by task. */
export async function readTaskReads(transaction: Transaction, runId: string): Promise<Map<string, string[]>> {
  const { rows } = await transaction.query<{ taskId: string; reads: string[] }>(
    `select t ->> 'id' as "taskId", array(select jsonb_array_elements_text(t -> 'reads')) as reads
     from run r
     join pipeline_version v on v.id = r.version_id
     cross join jsonb_array_elements(v.manifest -> 'tasks') t
     where r.id = $1 and t -> 'reads' <> '[]'`,
    [runId],
  )
  return new Map(rows.map((row) => [row.taskId, row.reads]))
}
