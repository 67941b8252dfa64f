import type { RunEffect } from "../contracts/api/runs.ts"
import type { TaskMap } from "../contracts/manifest.ts"
import { invert, reachable } from "../domain/dag.ts"
import { AppError } from "../domain/errors.ts"
import type { RunId, TaskRunId } from "../domain/ids.ts"
import { type InstanceCounts, judgeInstances, type MappedOutcome } from "../domain/mapping.ts"
import { isFinalTaskRunState, nextTaskRunState, type TaskRunState } from "../domain/task-run-state.ts"
import { reopenMapped } from "../store/clear-instances.ts"
import type { Store } from "../store/client.ts"
import { removeDeferrals } from "../store/deferrals.ts"
import { recordEvent } from "../store/events.ts"
import { announce } from "../store/notify.ts"
import { lockRun } from "../store/runs.ts"
import { recountPending } from "../store/task-runs.ts"
import { inTransaction, type Transaction } from "../store/transaction.ts"
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
    const { rows } = await transaction.query<TaskRow>(
      `select t.id, t.task_id as "taskId", t.state, t.limits, t.map_index as "mapIndex", i.label
       from task_run t
       left join mapped_item i on i.task_run_id = t.id
       where t.run_id = $1 and (t.map_index = -1 or t.id = $2)
       order by t.position
       for update of t`,
      [run.id, request.taskRunId],
    )
    const task = rows.find((row) => row.id === request.taskRunId)
    if (!task) throw missing
    const busy = task.state === "mapped" && (await hasRunningInstance(transaction, run.id, task.taskId))
    if (nextTaskRunState(task.state, `mark_${request.state}`) === null || run.state === "cancelling" || busy) {
      throw new AppError(
        "task_run.wrong_state",
        `${nameOf(task)} is ${busy ? "running instances" : task.state} in a run that is ${run.state}; wait until it has stopped, then mark it.`,
      )
    }
    const { manifest, shape } = await readVersion(transaction, run.versionId)
    // What the graph sees of it: the task itself, or the mapped task that its instances make up.
    const mapped = task.mapIndex < 0 ? null : rows.find((row) => row.taskId === task.taskId && row.mapIndex < 0)!
    const map = shape.mapped.get(task.taskId)
    const outcome = mapped && map ? await outcomeWith(transaction, mapped, map, task, request.state) : request.state
    const node = mapped ?? task
    const isSame = mapped !== null && outcome === mapped.state
    const downstream = invert(new Map(manifest.tasks.map((entry) => [entry.id, entry.upstream])))
    const behind = reachable(downstream, [task.taskId])
    const blocked =
      outcome === "failed" || outcome === "wait" || isSame
        ? []
        : rows.filter((row) => row.state === "upstream_failed" && row.id !== node.id && behind.has(row.taskId))
    const changed = mapped && !isSame && outcome !== "wait" ? `, which makes the task ${outcome},` : ""
    const follow =
      blocked.length > 0 ? `${changed} and runs the ${blocked.length} tasks it had blocked` : changed.slice(0, -1)
    const effect: RunEffect = {
      runId: run.id,
      taskIds: [task.taskId, ...blocked.map((row) => row.taskId)],
      datasets: [],
      text: `Marks ${nameOf(task)} of run ${run.id} as ${request.state}${follow}.`,
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
    const instances = task.state === "mapped" ? await markInstances(transaction, run.id, task.taskId, request) : []
    await releaseSlots(transaction, store.boss, instances)
    await transaction.query("update run set unfinished = unfinished - $2 where id = $1", [
      run.id,
      instances.length + (wasFinal ? 0 : 1),
    ])
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
    if (mapped && !isSame) await reopenMapped(transaction, run.id, mapped.id)
    // Reopening also judges an ended run anew: its outcome may have changed with the mark.
    await resetTaskRuns(
      transaction,
      run,
      blocked.map((row) => row.id),
    )
    await settleReopened({ transaction, boss: store.boss, runs: new Map([[run.id, run]]) }, mapped ? [mapped.id] : [])
    return effect
  })
}

interface TaskRow {
  id: TaskRunId
  taskId: string
  state: TaskRunState
  limits: unknown
  mapIndex: number
  label: string | null
}

function nameOf(task: TaskRow): string {
  return task.mapIndex < 0 ? `task ${task.taskId}` : `instance ${task.label} of ${task.taskId}`
}

export async function hasRunningInstance(transaction: Transaction, runId: RunId, taskId: string): Promise<boolean> {
  const { rows } = await transaction.query(
    "select 1 from task_run where run_id = $1 and task_id = $2 and map_index >= 0 and state = 'running' limit 1",
    [runId, taskId],
  )
  return rows.length > 0
}

/** Marks the waiting instances of a mapped task like the task, and returns them. */
export async function markInstances(
  transaction: Transaction,
  runId: RunId,
  taskId: string,
  { state, actor }: { state: string; actor: string },
): Promise<{ id: TaskRunId; limits: unknown }[]> {
  const { rows } = await transaction.query<{ id: TaskRunId; limits: unknown }>(
    `update task_run
     set state = $3, reason = $4, next_attempt_at = null, waiting_for = null, finished_at = now()
     where run_id = $1 and task_id = $2 and map_index >= 0 and finished_at is null
     returning id, limits`,
    [runId, taskId, state, `Marked ${state} by ${actor}.`],
  )
  await transaction.query(
    `update mapped_task m
     set success = success + case when $2 = 'success' then total - success - failed - skipped else 0 end,
         failed = failed + case when $2 = 'failed' then total - success - failed - skipped else 0 end,
         skipped = skipped + case when $2 = 'skipped' then total - success - failed - skipped else 0 end
     from task_run t
     where m.task_run_id = t.id and t.run_id = $1 and t.task_id = $3 and t.map_index = -1`,
    [runId, state, taskId],
  )
  return rows
}

/** What the mapped task becomes once this instance is marked. */
async function outcomeWith(
  transaction: Transaction,
  mapped: TaskRow,
  map: TaskMap,
  instance: TaskRow,
  state: "success" | "failed" | "skipped",
): Promise<MappedOutcome> {
  const { rows } = await transaction.query<InstanceCounts>(
    "select total, success, failed, skipped from mapped_task where task_run_id = $1",
    [mapped.id],
  )
  const counts = rows[0]
  if (!counts) {
    const message = `Task ${mapped.taskId} was cleared and will read its list again; mark its instances after that.`
    throw new AppError("task_run.wrong_state", message)
  }
  const before = instance.state === "success" || instance.state === "skipped" ? instance.state : "failed"
  if (isFinalTaskRunState(instance.state)) counts[before]--
  counts[state]++
  return judgeInstances(counts, map.tolerance)
}
