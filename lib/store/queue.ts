import type pg from "pg"
import type { PgBoss } from "pg-boss"
import type { TaskRunId } from "../domain/ids.ts"
import type { Queryable, Transaction } from "./transaction.ts"

/** The one queue of ready task runs. A job is a ticket: "this task run may be claimed"; it is deleted by the claim. */
export const TASK_QUEUE = "task"

/** Channel on which pg-boss announces jobs of queues created with `notify` (its notifier.ts; schema name hashed). */
export const QUEUE_CHANNEL_SQL = `select 'pgboss_' || left(encode(sha224('pgboss'::bytea), 'hex'), 24) as channel`

export interface ReadyTaskRun {
  id: TaskRunId
  priority: number
}

/** Creates what is missing. Safe to call from many processes at a time. */
export async function ensureQueues(boss: PgBoss, pool: pg.Pool): Promise<void> {
  if (await boss.getQueue(TASK_QUEUE)) return
  // Liveness is the attempt's heartbeat, so pg-boss must never retry or expire a ticket by itself.
  await boss.createQueue(TASK_QUEUE, { notify: true, retryLimit: 0, retentionSeconds: 365 * 86_400 })
  // Without statistics the planner scans a new queue for each fetch (measured: 1.9k/s instead of 10k/s).
  await pool.query("analyze pgboss.job")
}

/** Puts ready task runs on the queue within the transaction that made them ready. */
export async function insertTickets(
  boss: PgBoss,
  transaction: Transaction,
  taskRuns: readonly ReadyTaskRun[],
): Promise<void> {
  if (taskRuns.length === 0) return
  const jobs = taskRuns.map(({ id, priority }) => ({ data: { taskRunId: id }, priority }))
  await boss.insert(TASK_QUEUE, jobs, { db: queueDb(transaction), returnId: false })
}

function queueDb(queryable: Queryable) {
  return { executeSql: (text: string, values?: unknown[]) => queryable.query(text, values) }
}
