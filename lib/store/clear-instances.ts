import type { RunId, TaskRunId } from "../domain/ids.ts"
import { FINAL_TASK_RUN_STATES } from "../domain/task-run-state.ts"
import type { Queryable, Transaction } from "./transaction.ts"

/** Which instances of a mapped task: those with these indexes, or those that failed or were cancelled. */
export type InstanceChoice = readonly number[] | "failed"

/** How many final instances a choice takes in, and how many there are of it at all. */
export async function countChosenInstances(
  queryable: Queryable,
  runId: RunId,
  taskId: string,
  choice: InstanceChoice,
): Promise<{ final: number; found: number }> {
  const { rows } = await queryable.query<{ final: number; found: number }>(
    `select (count(*) filter (where state = any ($4::text[])))::int as final, count(*)::int as found
     from task_run
     where run_id = $1 and task_id = $2 and map_index >= 0
       and case when $3::int[] is null then state in ('failed', 'cancelled') else map_index = any ($3::int[]) end`,
    [runId, taskId, choice === "failed" ? null : choice, FINAL_TASK_RUN_STATES],
  )
  return rows[0]!
}

/**
 * Puts final instances of a mapped task back to waiting and the task back to waiting for them, and counts them as
 * unfinished. The caller counts the task's instances anew and gives out free places.
 */
export async function resetInstances(
  transaction: Transaction,
  runId: RunId,
  mapped: { id: TaskRunId; taskId: string },
  choice: InstanceChoice,
): Promise<void> {
  const { rows } = await transaction.query<{ id: TaskRunId }>(
    `update task_run
     set state = 'pending', reason = null, finished_at = null, started_at = null, ready_at = null,
         attempts_before = attempt_count, generation = generation + 1
     where run_id = $1 and task_id = $2 and map_index >= 0 and state = any ($4::text[])
       and case when $3::int[] is null then state in ('failed', 'cancelled') else map_index = any ($3::int[]) end
     returning id`,
    [runId, mapped.taskId, choice === "failed" ? null : choice, FINAL_TASK_RUN_STATES],
  )
  const ids = rows.map((row) => row.id)
  await transaction.query("delete from task_output where task_run_id = any ($1::bigint[])", [ids])
  await transaction.query("update run set unfinished = unfinished + $2 where id = $1", [runId, ids.length])
  await reopenMapped(transaction, runId, mapped.id)
}

/** Puts a final mapped task run back to waiting for its instances, and counts it as unfinished. */
export async function reopenMapped(transaction: Transaction, runId: RunId, taskRunId: TaskRunId): Promise<void> {
  const { rowCount } = await transaction.query(
    `update task_run set state = 'mapped', reason = null, finished_at = null
     where id = $1 and state in ('success', 'failed', 'skipped', 'cancelled')`,
    [taskRunId],
  )
  await transaction.query("update run set unfinished = unfinished + $2 where id = $1", [runId, rowCount ?? 0])
}
