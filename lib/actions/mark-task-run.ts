import type { RunEffect } from "../contracts/api/runs.ts"
import { invert, reachable } from "../domain/dag.ts"
import { AppError } from "../domain/errors.ts"
import type { RunId, TaskRunId } from "../domain/ids.ts"
import { isFinalTaskRunState, nextTaskRunState, type TaskRunState } from "../domain/task-run-state.ts"
import type { Store } from "../store/client.ts"
import { removeDeferrals } from "../store/deferrals.ts"
import { recordEvent } from "../store/events.ts"
import { announce } from "../store/notify.ts"
import { lockRun } from "../store/runs.ts"
import { recountPending } from "../store/task-runs.ts"
import { inTransaction } from "../store/transaction.ts"
import { readVersion } from "../store/versions.ts"
import { releaseSlots } from "./admit-task-runs.ts"
import { resetTaskRuns } from "./clear-run.ts"
import { settleReopened } from "./settle-runs.ts"

/**
 * Sets a task run's state by hand. Marking success or skipped also lets the tasks run that its failure had blocked:
 * that is what people mark it for.
 * @throws AppError `task_run.not_found`; `task_run.wrong_state` while it runs (cancel the run first).
 */
export async function markTaskRun(
  store: Store,
  request: { taskRunId: TaskRunId; state: "success" | "failed" | "skipped"; dryRun: boolean; actor: string },
): Promise<RunEffect> {
  return inTransaction(store.pool, async (transaction) => {
    const missing = new AppError("task_run.not_found", `There is no task run ${request.taskRunId}.`)
    const found = await transaction.query<{ runId: RunId }>(`select run_id as "runId" from task_run where id = $1`, [
      request.taskRunId,
    ])
    if (!found.rows[0]) throw missing
    const run = await lockRun(transaction, found.rows[0].runId)
    if (!run) throw missing
    const { rows } = await transaction.query<{ id: TaskRunId; taskId: string; state: TaskRunState; limits: unknown }>(
      `select id, task_id as "taskId", state, limits from task_run where run_id = $1 order by position for update`,
      [run.id],
    )
    const task = rows.find((row) => row.id === request.taskRunId)
    if (!task) throw missing
    if (nextTaskRunState(task.state, `mark_${request.state}`) === null || run.state === "cancelling") {
      throw new AppError(
        "task_run.wrong_state",
        `Task ${task.taskId} is ${task.state} in a run that is ${run.state}; wait until it has stopped, then mark it.`,
      )
    }
    const { manifest } = await readVersion(transaction, run.versionId)
    const downstream = invert(new Map(manifest.tasks.map((entry) => [entry.id, entry.upstream])))
    const behind = reachable(downstream, [task.taskId])
    const blocked =
      request.state === "failed"
        ? []
        : rows.filter((row) => row.state === "upstream_failed" && row.id !== task.id && behind.has(row.taskId))
    const follow = blocked.length > 0 ? ` and runs the ${blocked.length} tasks it had blocked` : ""
    const effect: RunEffect = {
      runId: run.id,
      taskIds: [task.taskId, ...blocked.map((row) => row.taskId)],
      datasets: [],
      text: `Marks ${task.taskId} of run ${run.id} as ${request.state}${follow}.`,
      dryRun: request.dryRun,
      newestVersion: null,
    }
    if (request.dryRun) return effect

    const wasFinal = isFinalTaskRunState(task.state)
    await transaction.query(
      `update task_run
       set state = $2, reason = $3, next_attempt_at = null, waiting_for = null,
           finished_at = coalesce(finished_at, now())
       where id = $1 and state = $4`,
      [task.id, request.state, `Marked ${request.state} by ${request.actor}.`, task.state],
    )
    await removeDeferrals(transaction, [task.id])
    await releaseSlots(transaction, store.boss, [task])
    if (!wasFinal) await transaction.query("update run set unfinished = unfinished - 1 where id = $1", [run.id])
    await recordEvent(transaction, {
      type: "task_run.mark",
      pipelineId: run.pipelineId,
      runId: run.id,
      taskRunId: task.id,
      actor: request.actor,
      data: { taskId: task.taskId, from: task.state, to: request.state },
    })
    await announce(transaction, [
      {
        type: "task_run",
        id: task.id,
        runId: run.id,
        pipelineId: run.pipelineId,
        taskId: task.taskId,
        state: request.state,
      },
    ])
    if (run.state === "queued") {
      // Its start decides; it must find the mark counted.
      await recountPending(transaction, run.id)
      return effect
    }
    // Reopening also judges an ended run anew: its outcome may have changed with the mark.
    await resetTaskRuns(
      transaction,
      run,
      blocked.map((row) => row.id),
    )
    await recountPending(transaction, run.id)
    await settleReopened({ transaction, boss: store.boss, runs: new Map([[run.id, run]]) })
    return effect
  })
}
