import { AppError, type Failure, toFailure } from "../domain/errors.ts"
import type { RunId, TaskRunId } from "../domain/ids.ts"
import { formatWait } from "../domain/wait.ts"
import type { Store } from "../store/client.ts"
import {
  dropStrayDeferrals,
  type ExpiredTaskRun,
  findDueDeferrals,
  nextDeferralAt,
  takeExpiredDeferrals,
  type WokenTaskRun,
  wakeDueTaskRuns,
} from "../store/deferrals.ts"
import { recordEvents } from "../store/events.ts"
import { announce } from "../store/notify.ts"
import { type LockedRun, lockRuns } from "../store/runs.ts"
import { inTransaction, type Transaction } from "../store/transaction.ts"
import { admitTaskRuns } from "./admit-task-runs.ts"
import { settleRuns } from "./settle-runs.ts"

/** Waits ended in one transaction at most, so that no run is locked for long. */
const MAX_WAITS = 500
/** One worker at a time does this: the others would only queue for the same locks. Any constant nothing else locks. */
const WAKE_LOCK = 4_804_202

/**
 * Ends the waits that are over: wakes the task runs whose time, look, dataset or run has come, and fails or skips those that
 * have waited too long. Safe in any number of processes; each wait ends once, because wait and task run are moved together,
 * guarded by their states, under the run's lock. Returns when the next wait is due, or null where none is known.
 */
export async function wakeDeferrals(store: Store): Promise<Date | null> {
  return inTransaction(store.pool, async (transaction) => {
    const lock = await transaction.query<{ isOurs: boolean }>(`select pg_try_advisory_xact_lock($1) as "isOurs"`, [
      WAKE_LOCK,
    ])
    if (!lock.rows[0]!.isOurs) return null
    const due = await findDueDeferrals(transaction, MAX_WAITS)
    if (due.length > 0) {
      const locked = await lockRuns(transaction, [...new Set(due.map((wait) => wait.runId))])
      const runs = new Map(locked.map((run) => [run.id, run]))
      const ids = due.map((wait) => wait.taskRunId)
      await releaseWoken(transaction, store, await wakeDueTaskRuns(transaction, ids))
      await endExpired(transaction, store, runs, await takeExpiredDeferrals(transaction, ids))
      await dropStrayDeferrals(transaction, ids)
    }
    return nextDeferralAt(transaction)
  })
}

/** Lets woken task runs go to the workers and says so. */
export async function releaseWoken(
  transaction: Transaction,
  store: Pick<Store, "boss">,
  woken: readonly WokenTaskRun[],
): Promise<void> {
  await admitTaskRuns(transaction, store.boss, woken)
  await announce(
    transaction,
    woken.map(({ id, runId, pipelineId, taskId }) => ({
      type: "task_run",
      id,
      runId,
      pipelineId,
      taskId,
      state: "ready",
    })),
  )
}

async function endExpired(
  transaction: Transaction,
  store: Store,
  runs: ReadonlyMap<RunId, LockedRun>,
  expired: readonly ExpiredTaskRun[],
): Promise<void> {
  if (expired.length === 0) return
  const ends = expired.map((taskRun) => ({ ...taskRun, run: runs.get(taskRun.runId)!, failure: failureOf(taskRun) }))
  const ended = new Set(await endWaits(transaction, ends))
  const written = ends.filter((end) => ended.has(end.id))
  await recordEvents(
    transaction,
    written.map(({ id, run, taskId, action, failure }) => ({
      type: action === "skip" ? "task_run.skipped" : "task_run.failed",
      pipelineId: run.pipelineId,
      runId: run.id,
      taskRunId: id,
      data: { taskId, code: failure.code, message: failure.message },
    })),
  )
  await announce(
    transaction,
    written.map(({ id, run, taskId, action }) => ({
      type: "task_run",
      id,
      runId: run.id,
      pipelineId: run.pipelineId,
      taskId,
      state: action === "skip" ? "skipped" : "failed",
    })),
  )
  await settleRuns(
    { transaction, boss: store.boss, runs },
    written.map(({ id, run }) => ({ id, runId: run.id })),
  )
}

function failureOf({ text, waitedMs }: ExpiredTaskRun): Failure {
  const message = `It waited ${formatWait(waitedMs)} in vain. ${text}`.trim()
  return toFailure(new AppError("wait.timed_out", message, { kind: "external", retry: "never" }))
}

/** Moves deferred task runs to their end; a failure is kept with the attempt that had put them off. */
async function endWaits(
  transaction: Transaction,
  ends: readonly (ExpiredTaskRun & { failure: Failure })[],
): Promise<TaskRunId[]> {
  const { rows } = await transaction.query<{ id: TaskRunId }>(
    `with given as (
       select * from unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::text[])
         as e (id, state, reason, attempt_id, failure)
     ), moved as (
       update task_run t
       set state = g.state, reason = g.reason, finished_at = now()
       from given g
       where t.id = g.id and t.state = 'deferred'
       returning t.id
     ), kept as (
       update attempt a set failure = g.failure::jsonb
       from given g
       join moved on moved.id = g.id
       where a.id = g.attempt_id and g.state = 'failed'
     )
     select id from moved`,
    [
      ends.map((end) => end.id),
      ends.map((end) => (end.action === "skip" ? "skipped" : "failed")),
      ends.map((end) => end.failure.message),
      ends.map((end) => end.attemptId),
      ends.map((end) => JSON.stringify(end.failure)),
    ],
  )
  return rows.map((row) => row.id)
}
