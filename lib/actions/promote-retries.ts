import type { LiveEvent } from "../contracts/api/system.ts"
import type { Store } from "../store/client.ts"
import { announce } from "../store/notify.ts"
import { QUEUE_PRIORITY_SQL, type ReadyTaskRun } from "../store/queue.ts"
import { inTransaction } from "../store/transaction.ts"
import { admitTaskRuns } from "./admit-task-runs.ts"

/**
 * Enqueues task runs whose retry delay is over. Safe in any number of processes. Returns when the next one is due, or
 * null where none waits.
 */
export async function promoteRetries(store: Store): Promise<Date | null> {
  return inTransaction(store.pool, async (transaction) => {
    const { rows } = await transaction.query<
      ReadyTaskRun & { runId: string; pipelineId: string; taskId: string; mapIndex: number }
    >(
      `with due as (
         select id from task_run
         where state = 'up_for_retry' and next_attempt_at <= now()
         order by next_attempt_at
         limit 500
         for update skip locked
       )
       update task_run t
       set state = 'ready', next_attempt_at = null, ready_at = now(), reason = null,
           queue_priority = ${QUEUE_PRIORITY_SQL}
       from due
       where t.id = due.id
       returning t.id, t.run_id as "runId", t.pipeline_id as "pipelineId", t.task_id as "taskId", t.map_index as "mapIndex",
                 t.queue_priority as "queuePriority", t.limits`,
    )
    await admitTaskRuns(transaction, store.boss, rows)
    await announce(
      transaction,
      rows.map(
        ({ id, runId, pipelineId, taskId, mapIndex }): LiveEvent => ({
          type: "task_run",
          id,
          runId,
          pipelineId,
          taskId,
          mapIndex,
          state: "ready",
        }),
      ),
    )
    const next = await transaction.query<{ at: Date | null }>(
      "select min(next_attempt_at) as at from task_run where state = 'up_for_retry'",
    )
    return next.rows[0]?.at ?? null
  })
}
