import type { Decision } from "../contracts/wait.ts"
import { AppError } from "../domain/errors.ts"
import type { RunId, TaskRunId } from "../domain/ids.ts"
import type { Store } from "../store/client.ts"
import { answerDeferral } from "../store/deferrals.ts"
import { recordEvent } from "../store/events.ts"
import { lockRun } from "../store/runs.ts"
import { inTransaction } from "../store/transaction.ts"
import { releaseWoken } from "./wake-deferrals.ts"

/**
 * Answers a task that waits for an approval: it goes on with the decision, which is recorded with who took it. Of any two
 * who answer, exactly one succeeds.
 * @throws AppError `task_run.not_found`; `task_run.wrong_state` where it does not wait for an approval (any more).
 */
export async function decideApproval(
  store: Store,
  request: { taskRunId: TaskRunId; decision: Decision["decision"]; comment: string; actor: string; now: Date },
): Promise<{ runId: RunId; taskId: string; pipelineId: string }> {
  const { taskRunId, decision, comment, actor } = request
  return inTransaction(store.pool, async (transaction) => {
    const found = await transaction.query<{ runId: RunId; taskId: string; state: string }>(
      `select run_id as "runId", task_id as "taskId", state from task_run where id = $1`,
      [taskRunId],
    )
    const task = found.rows[0]
    const run = task && (await lockRun(transaction, task.runId))
    if (!task || !run) throw new AppError("task_run.not_found", `There is no task run ${taskRunId}.`)
    const response: Decision = { decision, by: actor, comment, at: request.now.toISOString() }
    const woken = await answerDeferral(transaction, taskRunId, "approval", response)
    if (!woken) {
      throw new AppError(
        "task_run.wrong_state",
        `Task ${task.taskId} of run ${run.id} does not wait for an approval; somebody else may have answered it.`,
      )
    }
    await releaseWoken(transaction, store, [woken])
    await recordEvent(transaction, {
      type: `approval.${decision}`,
      pipelineId: run.pipelineId,
      runId: run.id,
      taskRunId,
      actor,
      data: { taskId: task.taskId, comment },
    })
    return { runId: run.id, taskId: task.taskId, pipelineId: run.pipelineId }
  })
}
