import type { Queryable } from "../transaction.ts"

export interface Medians {
  /** Of the last 30 successful runs; null without any. */
  medianDurationMs: number | null
  /** Of the successful attempts in the last 20 successful runs, by task id. */
  taskMediansMs: Record<string, number>
}

/** How long a pipeline and its tasks usually take. Reads a fixed number of runs through (pipeline_id, state, id). */
export async function readMedians(queryable: Queryable, pipelineId: string): Promise<Medians> {
  const { rows } = await queryable.query<{ taskId: string | null; medianMs: number }>(
    `with recent as (
       select id, started_at, finished_at
       from run
       where pipeline_id = $1 and state = 'success' and started_at is not null
       order by id desc
       limit 30
     )
     select null as "taskId", percentile_cont(0.5) within group (order by ${MS("recent")}) as "medianMs"
     from recent
     having count(*) > 0
     union all
     select t.task_id, percentile_cont(0.5) within group (order by ${MS("a")})
     from (select id from recent order by id desc limit 20) r
     join attempt a on a.run_id = r.id and a.state = 'success'
     join task_run t on t.id = a.task_run_id and t.map_index = -1
     group by t.task_id`,
    [pipelineId],
  )
  const run = rows.find((row) => row.taskId === null)
  return {
    medianDurationMs: run ? Math.round(run.medianMs) : null,
    taskMediansMs: Object.fromEntries(
      rows.flatMap((row) => (row.taskId === null ? [] : [[row.taskId, Math.round(row.medianMs)]])),
    ),
  }
}

const MS = (alias: string) => `extract(epoch from ${alias}.finished_at - ${alias}.started_at)::float8 * 1000`
