import type { TaskHistoryItem } from "../../contracts/api/pipeline-views.ts"
import type { Queryable } from "../transaction.ts"
import { durationBetween, toInstant, toInstantOrNull } from "./instant.ts"

/** What became of a task in its newest runs, newest first; of a mapped one, as a whole. Walks (pipeline_id, task_id, id) backwards. */
export async function readTaskHistory(
  queryable: Queryable,
  { pipelineId, taskId, limit }: { pipelineId: string; taskId: string; limit: number },
): Promise<TaskHistoryItem[]> {
  const { rows } = await queryable.query<
    Omit<TaskHistoryItem, "logicalAt" | "startedAt" | "durationMs"> & {
      logicalAt: Date
      startedAt: Date | null
      finishedAt: Date | null
    }
  >(
    `select t.id as "taskRunId", t.run_id as "runId", r.state as "runState", r.logical_at as "logicalAt", t.state,
            t.attempt_count as "attemptCount", t.started_at as "startedAt", t.finished_at as "finishedAt"
     from (
       select * from task_run
       where pipeline_id = $1 and task_id = $2 and map_index = -1
       order by pipeline_id, task_id, id desc
       limit $3
     ) t
     join run r on r.id = t.run_id
     order by t.id desc`,
    [pipelineId, taskId, limit],
  )
  return rows.map(({ finishedAt, ...row }) => ({
    ...row,
    logicalAt: toInstant(row.logicalAt),
    startedAt: toInstantOrNull(row.startedAt),
    durationMs: durationBetween(row.startedAt, finishedAt),
  }))
}
