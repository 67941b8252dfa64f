import type { WorkerView } from "../../contracts/api/system.ts"
import type { WorkspaceProblem } from "../../contracts/manifest.ts"
import type { Queryable } from "../transaction.ts"
import { toInstant } from "./instant.ts"

/** Twice the interval at which a lease ends: a worker silent for longer is not coming back. */
export const GONE_AFTER_SECONDS = 40

/** Workers, those alive first. One that stopped without saying so counts as gone once it was silent for 40 s. */
export async function listWorkers(queryable: Queryable): Promise<WorkerView[]> {
  const { rows } = await queryable.query<
    Omit<WorkerView, "startedAt" | "heartbeatAt"> & { startedAt: Date; heartbeatAt: Date }
  >(
    `select w.id, w.host, w.pid, w.version, w.slots, w.started_at as "startedAt", w.heartbeat_at as "heartbeatAt",
            case when w.heartbeat_at < now() - $1 * interval '1 second' then 'gone' else w.state end as state,
            jsonb_array_length(t.tasks) as running, t.tasks
     from worker w
     cross join lateral (
       select coalesce(jsonb_agg(jsonb_build_object('attemptId', a.id::text, 'taskRunId', a.task_run_id::text,
                'runId', a.run_id::text, 'pipelineId', tr.pipeline_id, 'taskId', tr.task_id,
                'startedAt', to_char(a.started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
                order by a.started_at, a.id), '[]') as tasks
       from attempt a
       join task_run tr on tr.id = a.task_run_id
       where a.worker_id = w.id and a.state = 'running'
     ) t
     order by (w.heartbeat_at >= now() - $1 * interval '1 second') desc, w.heartbeat_at desc
     limit 500`,
    [GONE_AFTER_SECONDS],
  )
  return rows.map((row) => ({
    ...row,
    startedAt: toInstant(row.startedAt),
    heartbeatAt: toInstant(row.heartbeatAt),
  }))
}

/** What is wrong in the workspace now, in the order of files. */
export async function listProblems(queryable: Queryable): Promise<WorkspaceProblem[]> {
  const { rows } = await queryable.query<WorkspaceProblem>(
    `select file, line, "column", pipeline_id as "pipelineId", rule, message
     from workspace_problem
     order by file, line nulls first, id
     limit 1000`,
  )
  return rows
}

/** Facts for the health check, in one round trip. */
export async function readPulse(queryable: Queryable): Promise<{ workers: number; problems: number; waiting: number }> {
  const { rows } = await queryable.query<{ workers: number; problems: number; waiting: number }>(
    `select (select count(*)::int from worker
             where state = 'active' and heartbeat_at >= now() - $1 * interval '1 second') as workers,
            (select count(*)::int from workspace_problem) as problems,
            (select count(*)::int from task_run where state = 'ready') as waiting`,
    [GONE_AFTER_SECONDS],
  )
  return rows[0]!
}
