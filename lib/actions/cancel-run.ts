import { AppError } from "../domain/errors.ts"
import type { RunId, TaskRunId } from "../domain/ids.ts"
import { isFinalRunState, nextRunState, type RunState } from "../domain/run-state.ts"
import { noteEndedRuns } from "../store/awaited.ts"
import type { Store } from "../store/client.ts"
import { removeDeferrals } from "../store/deferrals.ts"
import { recordEvent } from "../store/events.ts"
import { announce, announceCancel } from "../store/notify.ts"
import { findOrphanedRuns } from "../store/run-calls.ts"
import { lockRun } from "../store/runs.ts"
import { inTransaction } from "../store/transaction.ts"
import { releaseSlots } from "./admit-task-runs.ts"
import { startRuns } from "./advance-runs.ts"
import { settleRuns } from "./settle-runs.ts"

/**
 * Cancels a run: what waits is cancelled at once, what runs is told to stop and ends as cancelled; so are the runs that its
 * tasks wait for. Tear-downs whose setup succeeded still run, and the run ends after them. Cancelling twice is fine.
 * @throws AppError `run.not_found`; `run.not_active` when it has ended.
 */
export async function cancelRun(
  store: Store,
  request: { runId: RunId; actor: string },
): Promise<{ state: RunState; cancelledTasks: number }> {
  const cancelled = await cancelOne(store, request)
  // In transactions of their own: a run's lock is not waited for under another's. The sweep finds what is missed here.
  for (const runId of await findOrphanedRuns(store.pool, request.runId)) {
    await cancelRun(store, { ...request, runId }).catch((error: unknown) => {
      if (!(error instanceof AppError)) throw error
    })
  }
  return cancelled
}

async function cancelOne(
  store: Store,
  request: { runId: RunId; actor: string },
): Promise<{ state: RunState; cancelledTasks: number }> {
  return inTransaction(store.pool, async (transaction) => {
    const run = await lockRun(transaction, request.runId)
    if (!run) throw new AppError("run.not_found", `There is no run ${request.runId}.`)
    if (isFinalRunState(run.state)) {
      throw new AppError(
        "run.not_active",
        `Run ${run.id} has already ended as ${run.state}; nothing is left to cancel.`,
      )
    }
    if (run.state === "cancelling") return { state: run.state, cancelledTasks: 0 }
    const state = nextRunState(run.state, "cancel")!
    const { rows } = await transaction.query<{ id: TaskRunId; limits: unknown }>(
      `with waiting as (
         select id from task_run
         where run_id = $1 and state in ('pending', 'ready', 'up_for_retry', 'deferred', 'mapped')
           -- Nothing was set up in a run that never started.
           and (trigger_rule <> 'all_done_setup_success' or $2)
         order by id
         for update
       )
       update task_run t
       set state = 'cancelled', reason = 'The run was cancelled.', next_attempt_at = null, waiting_for = null,
           finished_at = now()
       from waiting
       where t.id = waiting.id
       returning t.id, t.limits`,
      [run.id, run.state === "queued"],
    )
    await removeDeferrals(
      transaction,
      rows.map((row) => row.id),
    )
    await releaseSlots(transaction, store.boss, rows)
    await transaction.query(
      "update run set state = $2, finished_at = case when $2 = 'cancelled' then now() end where id = $1",
      [run.id, state],
    )
    const wasQueued = run.state === "queued"
    run.state = state
    await recordEvent(transaction, {
      type: "run.cancel",
      pipelineId: run.pipelineId,
      runId: run.id,
      actor: request.actor,
      data: { tasks: rows.length },
    })
    await announce(transaction, [{ type: "run", id: run.id, pipelineId: run.pipelineId, state }])
    if (wasQueued) {
      await transaction.query("update run set unfinished = 0 where id = $1", [run.id])
      noteEndedRuns(transaction, [run.id])
      await startRuns(transaction, store.boss, [run.pipelineId])
    } else {
      await announceCancel(transaction, run.id)
      // All waiting ones are cancelled already: of what is downstream only tear-downs are pending.
      await settleRuns(
        { transaction, boss: store.boss, runs: new Map([[run.id, run]]) },
        rows.map((row) => ({ id: row.id, runId: run.id })),
      )
    }
    return { state: run.state, cancelledTasks: rows.length }
  })
}
