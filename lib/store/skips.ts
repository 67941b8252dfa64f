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
 * Skips the pending tasks that decisions of the run rule out: those of `deciders`, or all that stand where it is null (a
 * task that was cleared stays skipped while the decision stands). Returns those it skipped.
 */
export async function applySkips(
  transaction: Transaction,
  runId: RunId,
  deciders: readonly TaskRunId[] | null,
): Promise<{ id: TaskRunId; taskId: string }[]> {
  const { rows } = await transaction.query<{ id: TaskRunId; taskId: string }>(
    `with ruled_out as (
       select distinct on (task.id) task.id as task_id, d.skips ->> 'reason' as reason
       from task_run d
       cross join lateral jsonb_array_elements_text(d.skips -> 'taskIds') as task (id)
       where d.run_id = $1 and ($2::bigint[] is null or d.id = any ($2::bigint[])) and d.state = 'success'
         and d.skips is not null
       order by task.id, d.position
     )
     update task_run t
     set state = 'skipped', reason = r.reason, finished_at = now()
     from ruled_out r
     where t.run_id = $1 and t.task_id = r.task_id and t.map_index = -1 and t.state = 'pending'
     returning t.id, t.task_id as "taskId"`,
    [runId, deciders],
  )
  return rows
}

/** How the setups of a run's tasks ended, by task id. */
export async function readStates(
  transaction: Transaction,
  runId: RunId,
  taskIds: readonly string[],
): Promise<Map<string, string>> {
  const { rows } = await transaction.query<{ taskId: string; state: string }>(
    `select task_id as "taskId", state from task_run where run_id = $1 and task_id = any ($2::text[]) and map_index = -1`,
    [runId, taskIds],
  )
  return new Map(rows.map((row) => [row.taskId, row.state]))
}
