import type { EndedTaskRun } from "../store/attempts.ts"
import { foldPolls, type NewDeferral, storeDeferrals } from "../store/deferrals.ts"
import { recordEvents } from "../store/events.ts"
import type { LockedRun } from "../store/runs.ts"
import type { Transaction } from "../store/transaction.ts"
import type { AttemptOutcome } from "./plan-attempt-end.ts"

/**
 * Stores what task runs wait for that were put off in this transaction. The history says so once for each wait, however
 * often a sensor looks; its looks are kept as one attempt.
 */
export async function recordDeferrals(
  transaction: Transaction,
  recorded: readonly (EndedTaskRun & { run: LockedRun; outcome: AttemptOutcome; end: { taskRunState: string } })[],
): Promise<void> {
  const deferred = recorded.flatMap(({ outcome, end, ...task }) =>
    // A run that is being cancelled turns it into a cancel.
    outcome.kind === "deferred" && end.taskRunState === "deferred" ? [{ ...task, wait: outcome.wait }] : [],
  )
  if (deferred.length === 0) return
  const stored = await storeDeferrals(transaction, deferred satisfies NewDeferral[])
  const polls = new Map(stored.map((row) => [row.taskRunId, row.polls]))
  const isFirst = (task: NewDeferral) => polls.get(task.taskRunId) === 1
  await foldPolls(
    transaction,
    deferred.filter((task) => task.wait.kind === "poll" && !isFirst(task)).map((task) => task.taskRunId),
  )
  await recordEvents(
    transaction,
    deferred.filter(isFirst).map(({ run, taskRunId, taskId, wait }) => ({
      type: "task_run.deferred",
      pipelineId: run.pipelineId,
      runId: run.id,
      taskRunId,
      data: { taskId, kind: wait.kind, message: wait.text },
    })),
  )
}
