import type { RunId, TaskRunId } from "../domain/ids.ts"
import type { Transaction } from "./transaction.ts"

/** What a branch or short-circuit decided: tasks that must not run, and why. */
export interface Skips {
  taskIds: string[]
  reason: string
}

/** Keeps a decision with the task run that made it, until that is cleared. */
export async function storeSkips(transaction: Transaction, taskRunId: TaskRunId, skips: Skips): Promise<void> {
  await transaction.query("update task_run set skips = $2 where id = $1", [taskRunId, JSON.stringify(skips)])
}

/**
 * Skips the pending tasks that decisions in the runs rule out: those of `deciders`, or all that stand where it is null (a
 * task that was cleared stays skipped while the decision stands). Returns those it skipped.
 */
export async function applySkips(
  transaction: Transaction,
  runIds: readonly RunId[],
  deciders: readonly TaskRunId[] | null,
): Promise<{ id: TaskRunId; runId: RunId; taskId: string }[]> {
  const { rows } = await transaction.query<{ id: TaskRunId; runId: RunId; taskId: string }>(
    `with ruled_out as (
       select distinct on (d.run_id, task.id) d.run_id, task.id as task_id, d.skips ->> 'reason' as reason
       from task_run d
       cross join lateral jsonb_array_elements_text(d.skips -> 'taskIds') as task (id)
       where d.run_id = any ($1::bigint[]) and ($2::bigint[] is null or d.id = any ($2::bigint[])) and d.state = 'success'
         and d.skips is not null
       order by d.run_id, task.id, d.position
     )
     update task_run t
     set state = 'skipped', reason = r.reason, finished_at = now()
     from ruled_out r
     where t.run_id = r.run_id and t.task_id = r.task_id and t.map_index = -1 and t.state = 'pending'
     returning t.id, t.run_id as "runId", t.task_id as "taskId"`,
    [runIds, deciders],
  )
  return rows
}

/** The states of tasks of runs, by run id, a space and task id. */
export async function readStates(
  transaction: Transaction,
  runIds: readonly RunId[],
  taskIds: readonly string[],
): Promise<Map<string, string>> {
  const { rows } = await transaction.query<{ runId: RunId; taskId: string; state: string }>(
    `select run_id as "runId", task_id as "taskId", state
     from task_run
     where run_id = any ($1::bigint[]) and task_id = any ($2::text[]) and map_index = -1`,
    [runIds, taskIds],
  )
  return new Map(rows.map((row) => [`${row.runId} ${row.taskId}`, row.state]))
}
