import type { Manifest } from "../../contracts/manifest.ts"
import { AppError } from "../../domain/errors.ts"
import type { InputFacts, RunFacts, TaskFacts } from "../../domain/run-difference.ts"
import type { Queryable } from "../transaction.ts"
import { toInstant } from "./instant.ts"

/** A run with what is compared between runs, and the definition that it pinned. */
export interface RunWithCode extends RunFacts {
  pipelineId: string
  state: string
  startedAt: string | null
  finishedAt: string | null
  manifest: Manifest
  files: Record<string, string>
  failedTaskIds: string[]
  failedBefore: FailedBefore[]
}

/** A task that failed in a run, and went well on another try. */
export interface FailedBefore {
  taskId: string
  /** Tries that failed, those of its instances among them. */
  failures: number
  /** What the last of them said. */
  message: string | null
}

/** The newest successful run of a run's pipeline before it; null where there is none. Relies on (pipeline_id, state, id). */
export async function findLastSuccess(queryable: Queryable, runId: string): Promise<string | null> {
  const { rows } = await queryable.query<{ id: string }>(
    `select before.id
     from run r
     cross join lateral (
       select id from run where pipeline_id = r.pipeline_id and state = 'success' and id < r.id order by id desc limit 1
     ) before
     where r.id = $1`,
    [runId],
  )
  return rows[0]?.id ?? null
}

interface RunRow
  extends Pick<
    RunWithCode,
    "id" | "pipelineId" | "state" | "kind" | "version" | "partitionKey" | "manifest" | "files"
  > {
  params: Record<string, unknown>
  startedAt: Date | null
  finishedAt: Date | null
}

/** @throws AppError `run.not_found`. */
export async function readRunFacts(queryable: Queryable, runId: string): Promise<RunWithCode> {
  const { rows } = await queryable.query<RunRow>(
    `select r.id, r.pipeline_id as "pipelineId", r.state, r.kind, v.version, r.partition_key as "partitionKey", r.params,
            r.started_at as "startedAt", r.finished_at as "finishedAt", v.manifest, v.files
     from run r
     join pipeline_version v on v.id = r.version_id
     where r.id = $1`,
    [runId],
  )
  const run = rows[0]
  if (!run) throw new AppError("run.not_found", `There is no run ${runId}; it may have been removed by retention.`)
  const [tasks, inputs, failedBefore] = await Promise.all([
    readTaskFacts(queryable, runId),
    readInputFacts(queryable, run),
    readFailedBefore(queryable, runId),
  ])
  return {
    ...run,
    startedAt: run.startedAt && toInstant(run.startedAt),
    finishedAt: run.finishedAt && toInstant(run.finishedAt),
    durationMs: run.startedAt && run.finishedAt ? run.finishedAt.getTime() - run.startedAt.getTime() : null,
    tasks,
    inputs,
    failedTaskIds: tasks.flatMap(({ taskId, state }) => (state === "failed" ? [taskId] : [])),
    failedBefore,
  }
}

/** Most tasks that are told of; more have failed for one reason. */
const MAX_FAILED_BEFORE = 50

async function readFailedBefore(queryable: Queryable, runId: string): Promise<FailedBefore[]> {
  const { rows } = await queryable.query<FailedBefore>(
    `select t.task_id as "taskId", count(*)::int as failures,
            (array_agg(left(a.failure ->> 'message', 500) order by a.id desc))[1] as message
     from task_run t
     join attempt a on a.task_run_id = t.id
     where t.run_id = $1 and t.state = 'success' and a.state in ('failed', 'timed_out', 'lost', 'killed')
     group by t.task_id
     order by min(t.position)
     limit ${MAX_FAILED_BEFORE}`,
    [runId],
  )
  return rows
}

/** The last attempt of each task; of a mapped one its own row, which counts for all its instances. */
async function readTaskFacts(queryable: Queryable, runId: string): Promise<TaskFacts[]> {
  const { rows } = await queryable.query<TaskFacts>(
    `select t.task_id as "taskId", t.state, t.attempt_count as attempts, w.host, w.version as "workerVersion",
            extract(epoch from a.finished_at - a.started_at)::float8 * 1000 as "durationMs"
     from task_run t
     left join lateral (
       select worker_id, started_at, finished_at from attempt where task_run_id = t.id order by number desc limit 1
     ) a on true
     left join worker w on w.id = a.worker_id
     where t.run_id = $1 and t.map_index = -1
     order by t.position`,
    [runId],
  )
  return rows
}

/** Of each dataset that the run's tasks read, the newest load up to the run's end. */
async function readInputFacts(queryable: Queryable, run: RunRow): Promise<InputFacts[]> {
  const readers = new Map<string, string[]>()
  for (const task of run.manifest.tasks) {
    for (const dataset of task.reads) readers.set(dataset, [...(readers.get(dataset) ?? []), task.id])
  }
  const { rows } = await queryable.query<Omit<InputFacts, "readers" | "loadedBy"> & LoadRow>(
    `select d.id as dataset, m.rows_loaded::float8 as "rowsLoaded", m.rows_total::float8 as "rowsTotal",
            m.schema_hash as "schemaHash", extract(epoch from $2::timestamptz - m.at)::float8 * 1000 as "ageMs",
            r.id as "runId", r.pipeline_id as "pipelineId", r.state
     from unnest($1::text[]) d (id)
     cross join lateral (
       select m.rows_inserted + m.rows_updated as rows_loaded, m.rows_total, m.schema_hash, m.at, m.run_id
       from materialization m
       where m.dataset_id = d.id and m.at <= $2
       order by m.id desc
       limit 1
     ) m
     left join run r on r.id = m.run_id and r.id <> $3
     order by d.id`,
    [[...readers.keys()], run.finishedAt ?? new Date(), run.id],
  )
  return rows.map(({ runId, pipelineId, state, ...input }) => ({
    ...input,
    readers: readers.get(input.dataset) ?? [],
    loadedBy: runId === null || pipelineId === null || state === null ? null : { runId, pipelineId, state },
  }))
}

interface LoadRow {
  runId: string | null
  pipelineId: string | null
  state: string | null
}
