import type { Json, JsonObject } from "../contracts/json.ts"
import type { TaskRunState } from "../domain/task-run-state.ts"
import type { Queryable } from "./transaction.ts"

/** What became of a task of a run so far: of its last attempt, where there was one. */
export interface TaskEnd {
  taskId: string
  state: TaskRunState
  /** Why it failed, waits or was skipped. */
  reason: string | null
  startedAt: Date | null
  finishedAt: Date | null
  metrics: JsonObject
  checks: { name: string; severity: string; passed: boolean; rowsFailed: number; message: string; observed: Json }[]
}

/** What became of these tasks of a run, as far as they are one instance each. */
export async function readTaskEnds(
  queryable: Queryable,
  runId: string,
  taskIds: readonly string[],
): Promise<TaskEnd[]> {
  const { rows } = await queryable.query<TaskEnd>(
    `select t.task_id as "taskId", t.state, coalesce(a.failure ->> 'message', t.reason) as reason,
            t.started_at as "startedAt", t.finished_at as "finishedAt",
            coalesce(a.metrics, '{}') as metrics, coalesce(c.checks, '[]') as checks
     from task_run t
     left join lateral (
       select id, failure, metrics from attempt where task_run_id = t.id order by number desc limit 1
     ) a on true
     left join lateral (
       select json_agg(json_build_object('name', c.name, 'severity', c.severity, 'passed', c.passed,
                                         'rowsFailed', c.rows_failed, 'message', c.message, 'observed', c.observed)) as checks
       from check_result c where c.run_id = t.run_id and c.attempt_id = a.id
     ) c on true
     where t.run_id = $1 and t.task_id = any ($2::text[]) and t.map_index = -1
     order by t.position`,
    [runId, taskIds],
  )
  return rows
}
