import type { RunEffect } from "../contracts/api/runs.ts"
import { AppError } from "../domain/errors.ts"
import type { RunId, TaskRunId } from "../domain/ids.ts"
import { isFinalRunState, nextRunState, type RunState } from "../domain/run-state.ts"
import { noteEndedRuns } from "../store/awaited.ts"
import type { Store } from "../store/client.ts"
import { countRunEnds } from "../store/counters.ts"
import { isOverdue } from "../store/deadlines.ts"
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
 * What cancelling a run would do now.
 * @throws AppError `run.not_found`; `run.not_active` when it has ended.
 */
export async function previewCancel(store: Store, runId: RunId): Promise<RunEffect> {
  const { rows } = await store.pool.query<{ state: RunState; running: string[] | null; waiting: string[] | null }>(
    `select r.state,
            array_agg(t.task_id order by t.position) filter (where t.state = 'running') as running,
            array_agg(t.task_id order by t.position) filter (where t.finished_at is null and t.state <> 'running') as waiting
     from run r
     left join task_run t on t.run_id = r.id
     where r.id = $1
     group by r.id`,
    [runId],
  )
  const run = rows[0]
  if (!run) throw new AppError("run.not_found", `There is no run ${runId}.`)
  if (isFinalRunState(run.state)) throw hasEnded(runId, run.state)
  const [running, waiting] = [run.running ?? [], run.waiting ?? []]
  const tasks = (count: number, what: string) => `${count} ${what}task${count === 1 ? "" : "s"}`
  const stops = running.length > 0 ? `Stops ${tasks(running.length, "running ")}` : "Stops no running task"
  const rest = waiting.length > 0 ? `; ${tasks(waiting.length, "")} will not start` : ""
  return {
    runId,
    taskIds: [...running, ...waiting],
    datasets: [],
    text: `${stops} of run ${runId}${rest}. What is loaded stays.`,
    dryRun: true,
    newestVersion: null,
  }
}

function hasEnded(runId: RunId, state: RunState): AppError {
  return new AppError("run.not_active", `Run ${runId} has already ended as ${state}; nothing is left to cancel.`)
}

/**
 * Cancels a run: what waits is cancelled at once, what runs is told to stop and ends as cancelled; so are the runs that its
 * tasks wait for. Tear-downs whose setup succeeded still run, and the run ends after them. Cancelling twice is fine. With
 * `overdue`, only a run that is past its time limit is stopped, and it ends as failed with that message.
 * @throws AppError `run.not_found`; `run.not_active` when it has ended.
 */
export async function cancelRun(
  store: Store,
  request: { runId: RunId; actor: string; overdue?: { message: string } },
): Promise<{ state: RunState; cancelledTasks: number }> {
  const cancelled = await cancelOne(store, request)
  // In transactions of their own: a run's lock is not waited for under another's. The sweep finds what is missed here.
  for (const runId of await findOrphanedRuns(store.pool, request.runId)) {
    await cancelRun(store, { actor: request.actor, runId }).catch((error: unknown) => {
      if (!(error instanceof AppError)) throw error
    })
  }
  return cancelled
}

async function cancelOne(
  store: Store,
  request: { runId: RunId; actor: string; overdue?: { message: string } },
): Promise<{ state: RunState; cancelledTasks: number }> {
  return inTransaction(store.pool, async (transaction) => {
    const run = await lockRun(transaction, request.runId)
    if (!run) throw new AppError("run.not_found", `There is no run ${request.runId}.`)
    if (request.overdue && !(await isOverdue(transaction, run.id))) return { state: run.state, cancelledTasks: 0 }
    if (isFinalRunState(run.state)) {
      throw hasEnded(run.id, run.state)
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
      `update run
       set state = $2, finished_at = case when $2 = 'cancelled' then now() end, stop_reason = $3,
           ends = ends + ($2 = 'cancelled')::int
       where id = $1`,
      [run.id, state, request.overdue?.message ?? null],
    )
    const wasQueued = run.state === "queued"
    run.state = state
    await recordEvent(transaction, {
      type: request.overdue ? "run.time_out" : "run.cancel",
      pipelineId: run.pipelineId,
      runId: run.id,
      actor: request.actor,
      data: { tasks: rows.length },
    })
    await announce(transaction, [{ type: "run", id: run.id, pipelineId: run.pipelineId, state }])
    if (wasQueued) {
      await transaction.query("update run set unfinished = 0 where id = $1", [run.id])
      noteEndedRuns(transaction, [run.id])
      countRunEnds(transaction, [run.id])
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
