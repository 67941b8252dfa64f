import type { RunEffect } from "../contracts/api/runs.ts"
import type { Manifest } from "../contracts/manifest.ts"
import { type ClearableTask, type ClearPlan, planClear } from "../domain/clear-plan.ts"
import { reachable } from "../domain/dag.ts"
import { AppError } from "../domain/errors.ts"
import type { RunId, TaskRunId } from "../domain/ids.ts"
import { isFinalRunState } from "../domain/run-state.ts"
import { FINAL_TASK_RUN_STATES } from "../domain/task-run-state.ts"
import { countChosenInstances, type InstanceChoice, resetInstances } from "../store/clear-instances.ts"
import type { Store } from "../store/client.ts"
import { recordEvent } from "../store/events.ts"
import { announce } from "../store/notify.ts"
import { type LockedRun, lockRun } from "../store/runs.ts"
import { recountPending } from "../store/task-runs.ts"
import { inTransaction, type Transaction } from "../store/transaction.ts"
import { type PipelineVersion, readVersion } from "../store/versions.ts"
import { repinRun } from "./repin-run.ts"
import { settleReopened } from "./settle-runs.ts"
import { currentVersion } from "./trigger-run.ts"

export interface ClearRequest {
  runId: RunId
  /** Empty: all failed, upstream_failed and cancelled tasks ("retry failed"). */
  taskIds: readonly string[]
  includeDownstream: boolean
  /** True: also all that the named tasks are made from. */
  includeUpstream?: boolean
  /** True: of the named tasks only what failed; of a mapped task the failed instances. */
  onlyFailed?: boolean
  /** Only these instances of the one task named, which is mapped. */
  mapIndexes?: readonly number[]
  /** Which code runs: the version that the run pinned (default), or the pipeline's newest, to which it is then moved. */
  version?: "pinned" | "newest"
  /** True: change nothing, say what would change. */
  dryRun: boolean
  actor: string
}

/**
 * Runs finished tasks of a run again. Only final task runs are cleared: what runs goes on. A run keeps its version unless
 * the newest is asked for, which takes an ended run and a version that has all of its tasks.
 * @throws AppError `run.not_found`, `task_run.not_found`, `run.not_active` while it is being cancelled,
 * `task_run.wrong_state` when there is nothing to clear, `run.version_differs`.
 */
export async function clearRun(store: Store, request: ClearRequest): Promise<RunEffect> {
  return inTransaction(store.pool, async (transaction) => {
    const run = await lockRun(transaction, request.runId)
    if (!run) throw new AppError("run.not_found", `There is no run ${request.runId}.`)
    if (run.state === "cancelling") {
      throw new AppError("run.not_active", `Run ${run.id} is being cancelled; clear it once its tasks have stopped.`)
    }
    const pinned = await readVersion(transaction, run.versionId)
    const newest = await newestVersion(transaction, run.pipelineId)
    const target = request.version === "newest" ? await versionToMoveTo(transaction, run, pinned, newest) : pinned
    const chosen = await chooseTasks(transaction, run, target.manifest, withUpstream(target.manifest, request))
    const effect = describeClear(run, pinned, target, chosen, request)
    effect.newestVersion = newest && newest.id !== pinned.id ? newest.version : null
    if (request.dryRun) return effect
    for (const task of chosen.partial) await resetInstances(transaction, run.id, task, task.choice)
    await resetTaskRuns(
      transaction,
      run,
      chosen.whole.map((task) => task.id),
    )
    if (target.id !== pinned.id) {
      await repinRun(transaction, run, target)
      await recountPending(transaction, run.id)
    }
    await recordEvent(transaction, {
      type: "run.clear",
      pipelineId: run.pipelineId,
      runId: run.id,
      actor: request.actor,
      data: { taskIds: effect.taskIds, version: target.version },
    })
    await settleReopened(
      { transaction, boss: store.boss, runs: new Map([[run.id, run]]) },
      chosen.partial.map((task) => task.id),
    )
    return effect
  })
}

/** Puts final task runs back to pending and reopens their run. The caller releases what is ready. */
export async function resetTaskRuns(
  transaction: Transaction,
  run: LockedRun,
  ids: readonly TaskRunId[],
): Promise<void> {
  const { rowCount } = await transaction.query(
    `update task_run
     set state = 'pending', reason = null, finished_at = null, started_at = null, ready_at = null,
         attempts_before = attempt_count, generation = generation + 1, skips = null, upstream_success = 0, upstream_failed = 0, upstream_skipped = 0
     where id = any ($1::bigint[]) and state = any ($2::text[])`,
    [ids, FINAL_TASK_RUN_STATES],
  )
  // A clear starts a new life: what the tasks had left for others is no longer true.
  await transaction.query("delete from task_output where task_run_id = any ($1::bigint[])", [ids])
  // A mapped task reads its list anew; until then its instances count for nothing.
  await transaction.query("delete from mapped_task where task_run_id = any ($1::bigint[])", [ids])
  await transaction.query(
    `update run
     set state = 'running', finished_at = null, failed_task_id = null, error_message = null, stop_reason = null,
         unfinished = unfinished + $2, started_at = coalesce(started_at, now())
     where id = $1`,
    [run.id, rowCount],
  )
  run.state = "running"
  await recountPending(transaction, run.id)
  await announce(transaction, [{ type: "run", id: run.id, pipelineId: run.pipelineId, state: "running" }])
}

/** The version that new runs pin; null where the pipeline is no longer defined. */
export async function newestVersion(transaction: Transaction, pipelineId: string): Promise<PipelineVersion | null> {
  return currentVersion(transaction, pipelineId).catch((error: unknown) => {
    // The definition is gone; the run can still be repeated as it was.
    if (error instanceof AppError && error.code === "pipeline.invalid") return null
    throw error
  })
}

/** @throws AppError `run.version_differs` where the run cannot follow the newest version. */
export async function versionToMoveTo(
  transaction: Transaction,
  run: LockedRun,
  pinned: PipelineVersion,
  newest: PipelineVersion | null,
): Promise<PipelineVersion> {
  if (!newest || newest.id === pinned.id) return pinned
  if (!isFinalRunState(run.state)) {
    throw new AppError(
      "run.version_differs",
      `Run ${run.id} is still ${run.state}; move it to version ${newest.version} once it has ended.`,
    )
  }
  const known = new Set(newest.manifest.tasks.map((task) => task.id))
  const { rows } = await transaction.query<{ taskId: string }>(
    `select task_id as "taskId" from task_run where run_id = $1 and map_index = -1 order by position`,
    [run.id],
  )
  const gone = rows.filter((row) => !known.has(row.taskId)).map((row) => row.taskId)
  if (gone.length === 0) return newest
  throw new AppError(
    "run.version_differs",
    `Version ${newest.version} no longer has ${gone.join(", ")}, which run ${run.id} has; start a new run instead.`,
  )
}

function withUpstream(manifest: Manifest, request: ClearRequest): ClearRequest {
  if (!request.includeUpstream || request.taskIds.length === 0) return request
  const upstream = new Map(manifest.tasks.map((task) => [task.id, task.upstream]))
  return { ...request, taskIds: [...reachable(upstream, request.taskIds)] }
}

interface TaskRow extends ClearableTask {
  id: TaskRunId
}

interface Chosen {
  whole: TaskRow[]
  partial: (TaskRow & { choice: InstanceChoice; count: number })[]
}

async function chooseTasks(
  transaction: Transaction,
  run: LockedRun,
  manifest: Manifest,
  request: ClearRequest,
): Promise<Chosen> {
  const { rows } = await transaction.query<TaskRow>(
    `select t.id, t.task_id as "taskId", t.state, m.failed as "failedInstances"
     from task_run t
     left join mapped_task m on m.task_run_id = t.id
     where t.run_id = $1 and t.map_index = -1
     order by t.position`,
    [run.id],
  )
  const byId = new Map(rows.map((row) => [row.taskId, row]))
  const unknown = request.taskIds.filter((id) => !byId.has(id))
  if (unknown.length > 0) {
    throw new AppError("task_run.not_found", `Run ${run.id} has no task ${unknown.join(", ")}.`)
  }
  const someInstances = request.mapIndexes !== undefined
  if (someInstances) await checkInstances(transaction, run, request)
  const { taskIds, includeDownstream, onlyFailed = false } = request
  const plan = planClear(manifest.tasks, rows, { taskIds, includeDownstream, onlyFailed, someInstances })
  const chosen: Chosen = { whole: plan.whole.map((id) => byId.get(id)!), partial: [] }
  const choice = request.mapIndexes ?? "failed"
  for (const id of plan.partial) {
    const { final } = await countChosenInstances(transaction, run.id, id, choice)
    if (final > 0) chosen.partial.push({ ...byId.get(id)!, choice, count: final })
  }
  if (isNothing(plan, chosen)) {
    const what =
      taskIds.length === 0 || onlyFailed ? "Nothing has failed" : "None of these tasks or instances has finished"
    throw new AppError("task_run.wrong_state", `${what} in run ${run.id}, so there is nothing to run again.`)
  }
  return chosen
}

/** Instances still under way are no reason to run what follows them again. */
function isNothing(plan: ClearPlan, chosen: Chosen): boolean {
  return chosen.partial.length === 0 && (plan.partial.length > 0 || chosen.whole.length === 0)
}

async function checkInstances(transaction: Transaction, run: LockedRun, request: ClearRequest): Promise<void> {
  const [taskId, ...more] = request.taskIds
  if (taskId === undefined || more.length > 0) {
    throw new AppError("request.invalid", "Instances can be named for one task at a time; name that task in taskIds.")
  }
  const wanted = [...new Set(request.mapIndexes)]
  const { found } = await countChosenInstances(transaction, run.id, taskId, wanted)
  if (found < wanted.length) {
    const message = `Task ${taskId} of run ${run.id} has ${found} of the ${wanted.length} instances named; look them up first.`
    throw new AppError("task_run.not_found", message)
  }
}

function describeClear(
  run: LockedRun,
  pinned: PipelineVersion,
  target: PipelineVersion,
  chosen: Chosen,
  request: ClearRequest,
): RunEffect {
  const taskIds = [...chosen.partial, ...chosen.whole].map((task) => task.taskId)
  const { tasks: all } = target.manifest
  const written = new Set(all.filter((task) => taskIds.includes(task.id)).flatMap((task) => task.writes))
  const parts = chosen.partial.map(
    ({ count, taskId }) => `${count} ${count === 1 ? "instance" : "instances"} of ${taskId}`,
  )
  if (chosen.whole.length === 1) parts.push(`task ${chosen.whole[0]!.taskId}`)
  else if (chosen.whole.length > 1) parts.push(`${chosen.whole.length} tasks`)
  const tables = written.size === 1 ? "1 dataset" : `${written.size} datasets`
  const moved =
    target.id === pinned.id ? "" : `, with version ${target.version} of the code instead of ${pinned.version}`
  const text = `Runs ${parts.join(" and ")} of run ${run.id} again${written.size > 0 ? ` and reloads ${tables}` : ""}${moved}.${wholeWords(chosen, request)}`
  return { runId: run.id, taskIds, datasets: [...written], text, dryRun: request.dryRun, newestVersion: null }
}

/** Says of mapped tasks of which only some instances were meant why all of them run. */
function wholeWords(chosen: Chosen, { taskIds, onlyFailed, mapIndexes }: ClearRequest): string {
  if (taskIds.length > 0 && !onlyFailed && mapIndexes === undefined) return ""
  const names = chosen.whole
    .filter((task) => (mapIndexes ? taskIds.includes(task.taskId) : (task.failedInstances ?? 0) > 0))
    .map((task) => task.taskId)
  if (names.length === 0) return ""
  return ` All instances of ${names.join(", ")} are among them, because a task before them runs again.`
}
