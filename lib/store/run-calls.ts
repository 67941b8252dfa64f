import type { RunId, TaskRunId } from "../domain/ids.ts"
import type { RunState } from "../domain/run-state.ts"
import type { Queryable, Transaction } from "./transaction.ts"

/** The run that a task run has started in this generation, or null. */
export async function findCalledRun(
  queryable: Queryable,
  taskRunId: TaskRunId,
  generation: number,
): Promise<RunId | null> {
  const { rows } = await queryable.query<{ runId: RunId }>(
    `select run_id as "runId" from run_call where task_run_id = $1 and generation = $2`,
    [taskRunId, generation],
  )
  return rows[0]?.runId ?? null
}

/** The pipelines of a run and of the runs that called it, nearest first; the run itself is the first. */
export async function readCallers(queryable: Queryable, runId: RunId): Promise<string[]> {
  const { rows } = await queryable.query<{ pipelineId: string }>(
    `with recursive line as (
       select r.id, r.pipeline_id, 1 as nth from run r where r.id = $1
       union all
       select r.id, r.pipeline_id, line.nth + 1
       from line
       join run_call c on c.run_id = line.id
       join task_run t on t.id = c.task_run_id
       join run r on r.id = t.run_id
       where line.nth < 100
     )
     select pipeline_id as "pipelineId" from line order by nth`,
    [runId],
  )
  return rows.map((row) => row.pipelineId)
}

/** Ties a run to the task run that started it. The key refuses a second run for the same generation. */
export async function insertCall(
  transaction: Transaction,
  call: { taskRunId: TaskRunId; generation: number; runId: RunId; depth: number; isAwaited: boolean },
): Promise<void> {
  await transaction.query(
    `insert into run_call (task_run_id, generation, run_id, depth, is_awaited) values ($1, $2, $3, $4, $5)`,
    [call.taskRunId, call.generation, call.runId, call.depth, call.isAwaited],
  )
}

/** How a started run stands. */
export interface CalledRun {
  id: RunId
  pipelineId: string
  state: RunState
  failedTaskId: string | null
  errorMessage: string | null
}

export async function readCalledRun(queryable: Queryable, runId: RunId): Promise<CalledRun | null> {
  const { rows } = await queryable.query<CalledRun>(
    `select id, pipeline_id as "pipelineId", state, failed_task_id as "failedTaskId", error_message as "errorMessage"
     from run where id = $1`,
    [runId],
  )
  return rows[0] ?? null
}

/**
 * Active runs whose caller waited for them and was cancelled; of one caller's run, or of all. Relies on run_call_awaited,
 * which holds the calls under way.
 */
export async function findOrphanedRuns(queryable: Queryable, callerRunId: RunId | null): Promise<RunId[]> {
  const { rows } = await queryable.query<{ id: RunId }>(
    `select c.run_id as id
     from run_call c
     join task_run t on t.id = c.task_run_id and t.generation = c.generation
     join run r on r.id = c.run_id
     where c.is_awaited and t.state = 'cancelled' and r.state in ('queued', 'running')
       and ($1::bigint is null or t.run_id = $1)
     limit 100`,
    [callerRunId],
  )
  return rows.map((row) => row.id)
}
