import type { RunState } from "../domain/run-state.ts"
import { recordEvent } from "../store/events.ts"
import { announce } from "../store/notify.ts"
import type { LockedRun } from "../store/runs.ts"
import type { Transaction } from "../store/transaction.ts"
import { readVersion } from "../store/versions.ts"

/**
 * Ends a run whose task runs are all final: cancelled when that was asked for, failed when any task failed or was
 * blocked by a failure, cancelled where some tasks still are (one of a cancelled run was marked or cleared), else success. Unlike Airflow, which looks at leaves only, a failure that a later all_done task
 * covers still fails the run: a green run means that everything in it worked. Tear-downs are left out of this unless they
 * ask for it, and so are instances: their mapped task says what they amount to. False when the run had ended already.
 */
export async function finishRun(transaction: Transaction, run: LockedRun): Promise<boolean> {
  const { shape } = await readVersion(transaction, run.versionId)
  const { rows } = await transaction.query<{ state: RunState; failedTaskId: string | null; message: string | null }>(
    `with failed as (
       select t.task_id, coalesce(a.failure ->> 'message', case when t.state = 'failed' then t.reason end) as message
       from task_run t
       left join attempt a on a.task_run_id = t.id and a.number = t.attempt_count
       where t.run_id = $1 and t.map_index = -1 and t.state in ('failed', 'upstream_failed')
         and t.task_id <> all ($2::text[])
       order by (t.state = 'failed') desc, t.finished_at, t.position
       limit 1
     )
     update run
     set state = case
           when run.state = 'cancelling' then 'cancelled'
           when exists (select 1 from failed) then 'failed'
           when exists (select from task_run where run_id = $1 and map_index = -1 and state = 'cancelled') then 'cancelled'
           else 'success'
         end,
         finished_at = now(),
         failed_task_id = (select task_id from failed),
         error_message = (select message from failed)
     where id = $1 and run.state in ('running', 'cancelling')
     returning state, failed_task_id as "failedTaskId", error_message as message`,
    [run.id, shape.forgiven],
  )
  const ended = rows[0]
  if (!ended) return false
  run.state = ended.state
  await recordEvent(transaction, {
    type: `run.${ended.state}`,
    pipelineId: run.pipelineId,
    runId: run.id,
    data: { failedTaskId: ended.failedTaskId, message: ended.message },
  })
  await announce(transaction, [{ type: "run", id: run.id, pipelineId: run.pipelineId, state: ended.state }])
  return true
}
