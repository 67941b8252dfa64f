import type { PgBoss } from "pg-boss"
import type { JsonObject } from "../contracts/json.ts"
import type { RunState } from "../domain/run-state.ts"
import { recordEvent } from "../store/events.ts"
import { announce } from "../store/notify.ts"
import type { Transaction } from "../store/transaction.ts"
import { triggerRunIn } from "./trigger-run.ts"

interface BackfillRow {
  id: string
  pipelineId: string
  concurrency: number
  params: JsonObject
  createdBy: string
}

/**
 * Creates a backfill's next runs up to its concurrency and ends it when all slots are done. State lies in the slots, under
 * the backfill's row lock: after a crash at any point, the next call goes on where it was, no slot twice and none missing.
 */
export async function advanceBackfill(transaction: Transaction, boss: PgBoss, backfillId: string): Promise<void> {
  const { rows } = await transaction.query<BackfillRow>(
    `select id, pipeline_id as "pipelineId", concurrency, params, created_by as "createdBy"
     from backfill
     where id = $1 and state = 'running'
     for update`,
    [backfillId],
  )
  const backfill = rows[0]
  if (!backfill) return
  const active = await countRuns(transaction, backfillId)
  const free = Math.max(0, backfill.concurrency - active.live)
  const next = await transaction.query<{ position: number; partitionKey: string; logicalAt: Date; intervalEnd: Date }>(
    `select position, partition_key as "partitionKey", logical_at as "logicalAt", interval_end as "intervalEnd"
     from backfill_slot
     where backfill_id = $1 and action = 'create' and run_id is null
     order by position
     limit $2`,
    [backfillId, free],
  )
  for (const slot of next.rows) {
    const { runId } = await triggerRunIn(transaction, boss, {
      pipelineId: backfill.pipelineId,
      kind: "backfill",
      logicalAt: slot.logicalAt,
      intervalStart: slot.logicalAt,
      intervalEnd: slot.intervalEnd,
      partitionKey: slot.partitionKey,
      params: backfill.params,
      actor: backfill.createdBy,
      reason: `backfill ${backfillId}`,
      backfillId,
    })
    await transaction.query("update backfill_slot set run_id = $3 where backfill_id = $1 and position = $2", [
      backfillId,
      slot.position,
      runId,
    ])
  }
  await announce(transaction, [{ type: "backfill", id: backfillId }])
  // Nothing was left to create and nothing is live: the last run has just ended.
  if (next.rows.length === 0 && active.live === 0 && free > 0) await endBackfill(transaction, backfill, active.failed)
}

async function endBackfill(transaction: Transaction, backfill: BackfillRow, failed: number): Promise<void> {
  const state = failed > 0 ? "failed" : "success"
  await transaction.query("update backfill set state = $2, finished_at = now() where id = $1", [backfill.id, state])
  await recordEvent(transaction, {
    type: `backfill.${state}`,
    pipelineId: backfill.pipelineId,
    data: { backfillId: backfill.id, failed },
  })
}

async function countRuns(transaction: Transaction, backfillId: string): Promise<{ live: number; failed: number }> {
  const { rows } = await transaction.query<{ state: RunState; count: number }>(
    "select state, count(*)::int as count from run where backfill_id = $1 group by state",
    [backfillId],
  )
  const of = (states: RunState[]) =>
    rows.filter((row) => states.includes(row.state)).reduce((sum, row) => sum + row.count, 0)
  return { live: of(["queued", "running", "cancelling"]), failed: of(["failed", "cancelled"]) }
}
