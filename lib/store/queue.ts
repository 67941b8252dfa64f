import type pg from "pg"
import type { PgBoss } from "pg-boss"
import type { LimitShare } from "../domain/admission.ts"
import type { TaskRunId } from "../domain/ids.ts"
import { QUEUE_EPOCH } from "../domain/priority.ts"
import type { Transaction } from "./transaction.ts"

/** The one queue of ready task runs. A job is a ticket: "this task run may be claimed"; it is deleted by the claim. */
export const TASK_QUEUE = "task"

/** Channel on which pg-boss announces jobs of queues created with `notify` (its notifier.ts; schema name hashed). */
export const QUEUE_CHANNEL_SQL = `select 'pgboss_' || left(encode(sha224('pgboss'::bytea), 'hex'), 24) as channel`

/** {@link queuePriority} of task run `t` that becomes ready now. */
export const QUEUE_PRIORITY_SQL = `(t.priority - round(extract(epoch from now() - timestamptz '${QUEUE_EPOCH}')))::int`

export interface ReadyTaskRun {
  id: TaskRunId
  queuePriority: number
  /** Null: subject to none. */
  limits: LimitShare[] | null
}

/** Creates what is missing. Safe to call from many processes at a time. */
export async function ensureQueues(boss: PgBoss, pool: pg.Pool): Promise<void> {
  if (await boss.getQueue(TASK_QUEUE)) return
  // Liveness is the attempt's heartbeat, so pg-boss must never retry or expire a ticket by itself.
  await boss.createQueue(TASK_QUEUE, { notify: true, retryLimit: 0, retentionSeconds: 365 * 86_400 })
  // Without statistics the planner scans a new queue for each fetch (measured: 1.9k/s instead of 10k/s).
  await pool.query("analyze pgboss.job")
}

/** Puts admitted task runs on the queue. */
export async function insertTickets(
  boss: PgBoss,
  transaction: Transaction,
  taskRuns: readonly ReadyTaskRun[],
): Promise<void> {
  if (taskRuns.length === 0) return
  const jobs = taskRuns.map(({ id, queuePriority }) => ({ data: { taskRunId: id }, priority: queuePriority }))
  const db = { executeSql: (text: string, values?: unknown[]) => transaction.query(text, values) }
  await boss.insert(TASK_QUEUE, jobs, { db, returnId: false })
}
