import type { RunEffect } from "../contracts/api/runs.ts"
import { AppError } from "../domain/errors.ts"
import type { RunId, TaskRunId } from "../domain/ids.ts"
import { type MarkState, planMark } from "../domain/mark-plan.ts"
import { isFinalTaskRunState, type TaskRunState } from "../domain/task-run-state.ts"
import type { Store } from "../store/client.ts"
import { removeDeferrals } from "../store/deferrals.ts"
import { recordEvent } from "../store/events.ts"
import { announce } from "../store/notify.ts"
import { type LockedRun, lockRun } from "../store/runs.ts"
import { recountPending } from "../store/task-runs.ts"
import { inTransaction, type Transaction } from "../store/transaction.ts"
import { readVersion } from "../store/versions.ts"
import { releaseSlots } from "./admit-task-runs.ts"
import { resetTaskRuns } from "./clear-run.ts"
import { hasRunningInstance, markInstances } from "./mark-task-run.ts"
import { settleReopened } from "./settle-runs.ts"

export interface MarkRunRequest {
  runId: RunId
  state: MarkState
  /** Empty: the whole run. */
  taskIds: readonly string[]
  includeDownstream: boolean
  dryRun: boolean
  actor: string
}

interface MarkRow {
  id: TaskRunId
  taskId: string
  state: TaskRunState
  reason: string | null
  finishedAt: Date | null
}

/**
 * Sets the outcome of several tasks of a run, or of the whole run, by hand, and lets run what they had blocked. What was
 * there before is kept with the event, so that it can be undone.
 * @throws AppError `run.not_found`, `task_run.not_found`; `run.not_active` while it is being cancelled;
 * `task_run.wrong_state` while one of them runs, or when all stand as wanted.
 */
export async function markRun(store: Store, request: MarkRunRequest): Promise<RunEffect> {
  return inTransaction(store.pool, async (transaction) => {
    const run = await lockForMark(transaction, request.runId)
    const rows = await readMarkRows(transaction, run, request.taskIds)
    const { manifest } = await readVersion(transaction, run.versionId)
    const plan = planMark(rows, new Map(manifest.tasks.map((task) => [task.id, task.upstream])), request)
    if (plan.kind === "busy") {
      const names = plan.tasks.map((task) => task.taskId).join(", ")
      throw new AppError("task_run.wrong_state", `${names} of run ${run.id} still runs; cancel the run first.`)
    }
    if (plan.kind === "nothing") {
      throw new AppError("task_run.wrong_state", `Nothing in run ${run.id} is left to mark as ${request.state}.`)
    }
    const { marked, follow } = plan
    const mapped = marked.filter((row) => row.state === "mapped")
    for (const { taskId } of mapped) {
      if (!(await hasRunningInstance(transaction, run.id, taskId))) continue
      throw new AppError(
        "task_run.wrong_state",
        `Instances of ${taskId} of run ${run.id} still run; cancel the run first.`,
      )
    }
    const tasks = marked.length === 1 ? `task ${marked[0]!.taskId}` : `${marked.length} tasks`
    const then = follow.length > 0 ? ` and runs ${follow.length} that they had blocked` : ""
    const effect: RunEffect = {
      runId: run.id,
      taskIds: [...marked, ...follow].map((task) => task.taskId),
      datasets: [],
      text: `Marks ${tasks} of run ${run.id} as ${request.state}${then}.`,
      dryRun: request.dryRun,
      newestVersion: null,
    }
    if (request.dryRun) return effect
    await setOutcomes(transaction, store.boss, run, marked, request)
    for (const { taskId } of mapped) {
      const instances = await markInstances(transaction, run.id, taskId, request)
      await releaseSlots(transaction, store.boss, instances)
      await transaction.query("update run set unfinished = unfinished - $2 where id = $1", [run.id, instances.length])
    }
    const undoId = await recordEvent(transaction, {
      type: "run.mark",
      pipelineId: run.pipelineId,
      runId: run.id,
      actor: request.actor,
      data: { state: request.state, taskIds: effect.taskIds, before: before(marked), follow: before(follow) },
    })
    await reopen(transaction, store, run, follow)
    // What became of instances that waited is not kept, so this cannot be undone.
    return mapped.length > 0 ? effect : { ...effect, undoId }
  })
}

/** What an undo needs to put back. */
function before(rows: readonly MarkRow[]) {
  return rows.map(({ id, taskId, state, reason, finishedAt }) => ({
    id,
    taskId,
    state,
    reason,
    finishedAt: finishedAt?.toISOString() ?? null,
  }))
}

/** Locks a run that may be marked. */
export async function lockForMark(transaction: Transaction, runId: RunId): Promise<LockedRun> {
  const run = await lockRun(transaction, runId)
  if (!run) throw new AppError("run.not_found", `There is no run ${runId}.`)
  if (run.state === "cancelling") {
    throw new AppError("run.not_active", `Run ${run.id} is being cancelled; mark it once its tasks have stopped.`)
  }
  return run
}

async function readMarkRows(transaction: Transaction, run: LockedRun, taskIds: readonly string[]): Promise<MarkRow[]> {
  const { rows } = await transaction.query<MarkRow>(
    `select id, task_id as "taskId", state, reason, finished_at as "finishedAt"
     from task_run where run_id = $1 and map_index = -1 order by position for update`,
    [run.id],
  )
  const unknown = taskIds.filter((id) => !rows.some((row) => row.taskId === id))
  if (unknown.length === 0) return rows
  throw new AppError("task_run.not_found", `Run ${run.id} has no task ${unknown.join(", ")}.`)
}

async function setOutcomes(
  transaction: Transaction,
  boss: Store["boss"],
  run: LockedRun,
  marked: readonly MarkRow[],
  { state, actor }: MarkRunRequest,
): Promise<void> {
  const { rows } = await transaction.query<{ id: TaskRunId; limits: unknown }>(
    `update task_run
     set state = $2, reason = $3, next_attempt_at = null, waiting_for = null,
         finished_at = coalesce(finished_at, now())
     where id = any ($1::bigint[])
     returning id, limits`,
    [marked.map((row) => row.id), state, `Marked ${state} by ${actor}.`],
  )
  await removeDeferrals(
    transaction,
    marked.map((row) => row.id),
  )
  const live = new Set(marked.filter((row) => !isFinalTaskRunState(row.state)).map((row) => row.id))
  await releaseSlots(
    transaction,
    boss,
    rows.filter((row) => live.has(row.id)),
  )
  await transaction.query("update run set unfinished = unfinished - $2 where id = $1", [run.id, live.size])
  await announce(
    transaction,
    marked.map(({ id, taskId }) => ({
      type: "task_run",
      id,
      runId: run.id,
      pipelineId: run.pipelineId,
      taskId,
      state,
    })),
  )
}

/** Decides anew what the outcomes mean for the run, also where it has ended. */
export async function reopen(
  transaction: Transaction,
  store: Store,
  run: LockedRun,
  again: readonly { id: TaskRunId }[],
): Promise<void> {
  // A queued run's start decides; it must find the marks counted.
  if (run.state === "queued") return recountPending(transaction, run.id)
  await resetTaskRuns(
    transaction,
    run,
    again.map((row) => row.id),
  )
  await settleReopened({ transaction, boss: store.boss, runs: new Map([[run.id, run]]) })
}
