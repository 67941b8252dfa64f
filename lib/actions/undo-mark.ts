import { z } from "zod"
import type { RunEffect } from "../contracts/api/runs.ts"
import { invert, reachable } from "../domain/dag.ts"
import { AppError } from "../domain/errors.ts"
import type { RunId, TaskRunId } from "../domain/ids.ts"
import { isFinalTaskRunState, TASK_RUN_STATES, type TaskRunState } from "../domain/task-run-state.ts"
import type { Store } from "../store/client.ts"
import { recordEvent } from "../store/events.ts"
import { announce } from "../store/notify.ts"
import type { LockedRun } from "../store/runs.ts"
import { inTransaction, type Transaction } from "../store/transaction.ts"
import { readVersion } from "../store/versions.ts"
import { releaseSlots } from "./admit-task-runs.ts"
import { lockForMark, reopen } from "./mark-run.ts"

const rowSchema = z.object({
  id: z.string(),
  taskId: z.string(),
  state: z.enum(TASK_RUN_STATES),
  reason: z.string().nullable(),
  finishedAt: z.string().nullable(),
})
const markSchema = z.object({
  state: z.enum(["success", "failed", "skipped"]),
  before: z.array(rowSchema),
  follow: z.array(rowSchema),
})
type Before = z.infer<typeof rowSchema>

/**
 * Takes a mark back: the tasks stand as they did before it, and what it had let run is blocked again. Only as long as none of
 * these has run since, and no later mark or clear has touched them.
 * @throws AppError `run.not_found`, `run.not_active` while it is being cancelled, `request.not_found` for an unknown mark,
 * `request.conflict` when it is too late.
 */
export async function undoMark(
  store: Store,
  request: { runId: RunId; undoId: string; actor: string },
): Promise<RunEffect> {
  return inTransaction(store.pool, async (transaction) => {
    const run = await lockForMark(transaction, request.runId)
    const { rows } = await transaction.query<{ data: unknown; at: Date }>(
      `select data, at from event
       where id = $1 and run_id = $2 and type = 'run.mark'
         and not exists (select from event u where u.run_id = $2 and u.type = 'run.unmark' and u.data ->> 'undoId' = $1::text)`,
      [request.undoId, run.id],
    )
    const found = markSchema.safeParse(rows[0]?.data)
    if (!found.success) throw new AppError("request.not_found", `Run ${run.id} has no mark ${request.undoId} to undo.`)
    const mark = found.data
    const moved = await consequences(transaction, run, mark, rows[0]!.at)
    const wasFinal = mark.before.filter((row) => isFinalTaskRunState(row.state))
    const wasOpen = mark.before.filter((row) => !isFinalTaskRunState(row.state))
    await putBack(transaction, store, run.id, [...wasFinal, ...mark.follow])
    await announce(
      transaction,
      [...wasFinal, ...mark.follow].map(({ id, taskId, state }) => ({
        type: "task_run",
        id,
        runId: run.id,
        pipelineId: run.pipelineId,
        taskId,
        state,
      })),
    )
    await recordEvent(transaction, {
      type: "run.unmark",
      pipelineId: run.pipelineId,
      runId: run.id,
      actor: request.actor,
      data: { undoId: request.undoId, taskIds: mark.before.map((row) => row.taskId) },
    })
    const ready = moved.filter((row) => row.state === "ready")
    await holdBack(transaction, store, ready)
    const again = [...wasOpen, ...moved.filter((row) => isFinalTaskRunState(row.state))]
    await reopen(
      transaction,
      store,
      run,
      again.map((row) => ({ id: row.id as TaskRunId })),
    )
    const count = mark.before.length
    const tasks = count === 1 ? `Task ${mark.before[0]!.taskId}` : `${count} tasks`
    return {
      runId: run.id,
      taskIds: mark.before.map((row) => row.taskId),
      datasets: [],
      text: `${tasks} of run ${run.id} ${count === 1 ? "stands" : "stand"} as before the mark.`,
      dryRun: false,
      newestVersion: null,
    }
  })
}

interface Behind {
  id: TaskRunId
  taskId: string
  state: TaskRunState
  limits: unknown
}

/** Tasks behind the marked ones that the mark let go or ruled out. None of them may have begun. */
async function consequences(
  transaction: Transaction,
  run: LockedRun,
  mark: z.infer<typeof markSchema>,
  at: Date,
): Promise<Behind[]> {
  const marked = new Set(mark.before.map((row) => row.taskId))
  const { manifest } = await readVersion(transaction, run.versionId)
  const downstream = invert(new Map(manifest.tasks.map((task) => [task.id, task.upstream])))
  const behind = [...reachable(downstream, marked)].filter((id) => !marked.has(id))
  const { rows } = await transaction.query<Behind & { isMarked: boolean; hasRun: boolean; hasMoved: boolean }>(
    `select t.id, t.task_id as "taskId", t.state, t.limits, t.task_id = any ($3::text[]) as "isMarked",
            exists (select from attempt a where a.task_run_id = t.id and a.started_at >= $4) as "hasRun",
            coalesce(t.finished_at >= $4, false) or coalesce(t.ready_at >= $4, false) as "hasMoved"
     from task_run t
     where t.run_id = $1 and t.map_index = -1 and t.task_id = any ($2::text[] || $3::text[])
     order by t.position
     for update of t`,
    [run.id, behind, [...marked], at],
  )
  const moved = rows.filter((row) => (row.isMarked ? row.state !== mark.state : row.hasRun))
  if (moved.length > 0) {
    const names = moved.map((row) => row.taskId).join(", ")
    throw new AppError("request.conflict", `${names} has moved on since the mark; mark or clear it instead.`)
  }
  const followed = new Set(mark.follow.map((row) => row.taskId))
  return rows.filter((row) => !row.isMarked && row.hasMoved && !followed.has(row.taskId))
}

/** Ready ones wait for their upstreams again. */
async function holdBack(transaction: Transaction, store: Store, rows: readonly Behind[]): Promise<void> {
  await releaseSlots(transaction, store.boss, rows)
  await transaction.query(
    `update task_run set state = 'pending', ready_at = null, waiting_for = null, reason = null
     where id = any ($1::bigint[]) and state = 'ready'`,
    [rows.map((row) => row.id)],
  )
}

async function putBack(transaction: Transaction, store: Store, runId: RunId, rows: readonly Before[]): Promise<void> {
  const { rows: changed } = await transaction.query<{ id: TaskRunId; limits: unknown; from: TaskRunState }>(
    `with was as (
       select t.id, t.state as "from" from task_run t where t.id = any ($1::bigint[])
     )
     update task_run t
     set state = b.state, reason = b.reason, next_attempt_at = null, waiting_for = null,
         finished_at = coalesce(b.finished_at, now())
     from unnest($1::bigint[], $2::text[], $3::text[], $4::timestamptz[]) as b (id, state, reason, finished_at)
     join was on was.id = b.id
     where t.id = b.id
     returning t.id, t.limits, was."from"`,
    [
      rows.map((row) => row.id),
      rows.map((row) => row.state),
      rows.map((row) => row.reason),
      rows.map((row) => row.finishedAt),
    ],
  )
  const live = changed.filter((row) => !isFinalTaskRunState(row.from))
  await releaseSlots(transaction, store.boss, live)
  await transaction.query("update run set unfinished = unfinished - $2 where id = $1", [runId, live.length])
}
