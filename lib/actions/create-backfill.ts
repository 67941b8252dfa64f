import type { z } from "zod"
import type { Backfill, createBackfillSchema } from "../contracts/api/backfills.ts"
import type { Manifest } from "../contracts/manifest.ts"
import { zoneOf } from "../contracts/manifest-schedule.ts"
import { pastGatesOf } from "../contracts/past-gates.ts"
import { type BackfillSlotPlan, type PartitionHistory, planBackfill } from "../domain/backfill-plan.ts"
import { AppError } from "../domain/errors.ts"
import { type Partition, partitionInterval, partitionsBetween } from "../domain/partition.ts"
import type { RunState } from "../domain/run-state.ts"
import type { Store } from "../store/client.ts"
import { recordEvent } from "../store/events.ts"
import { inTransaction, type Transaction } from "../store/transaction.ts"
import { advanceBackfill } from "./advance-backfill.ts"
import { currentVersion, parseParams } from "./trigger-run.ts"

/** More slots than this are refused: 30 years of days, or a year of hours. */
const MAX_SLOTS = 11_000

/**
 * Plans a backfill and, unless it is a dry run, stores the plan and starts it: preview and execution are the same plan.
 * @throws AppError `pipeline.not_found`, `backfill.invalid`, `run.params_invalid`.
 */
export async function createBackfill(
  store: Store,
  request: z.output<typeof createBackfillSchema> & { actor: string },
): Promise<Backfill> {
  return inTransaction(store.pool, async (transaction) => {
    const { manifest } = await currentVersion(transaction, request.pipelineId)
    if (request.order === "newest" && pastGatesOf(manifest).size > 0) throw waitsForPast(manifest)
    const params = parseParams(manifest, request.params)
    const partitions = partitionsOf(manifest, request)
    const history = await readHistory(transaction, request.pipelineId, partitions)
    const plan = planBackfill({ partitions, history, selection: request.selection, order: request.order })
    const create = plan.filter((slot) => slot.action === "create").length
    const estimateMs = await estimate(transaction, request.pipelineId, create, request.concurrency)
    const preview = present(request, plan, history, estimateMs)
    if (request.dryRun) return preview
    if (create === 0) {
      throw new AppError(
        "backfill.invalid",
        `Nothing to load: all ${plan.length} partitions are skipped. Choose selection "all" to load them again.`,
      )
    }
    const { rows } = await transaction.query<{ id: string; createdAt: Date }>(
      `insert into backfill (pipeline_id, range_start, range_end, selection, params, concurrency, "order", created_by)
       values ($1, $2, $3, $4, $5, $6, $7, $8)
       returning id, created_at as "createdAt"`,
      [
        request.pipelineId,
        partitions[0]!.start,
        partitions.at(-1)!.end,
        request.selection,
        JSON.stringify(params),
        request.concurrency,
        request.order,
        request.actor,
      ],
    )
    const { id, createdAt } = rows[0]!
    await transaction.query(
      `insert into backfill_slot (backfill_id, position, partition_key, logical_at, interval_end, action, reason)
       select $1, s.position - 1, s.key, s.start, s.stop, s.action, s.reason
       from unnest($2::text[], $3::timestamptz[], $4::timestamptz[], $5::text[], $6::text[])
         with ordinality as s (key, start, stop, action, reason, position)`,
      [
        id,
        plan.map((slot) => slot.partition.key),
        plan.map((slot) => slot.partition.start),
        plan.map((slot) => slot.partition.end),
        plan.map((slot) => slot.action),
        plan.map((slot) => slot.reason),
      ],
    )
    await recordEvent(transaction, {
      type: "backfill.created",
      pipelineId: request.pipelineId,
      actor: request.actor,
      data: { backfillId: id, partitions: create },
    })
    await advanceBackfill(transaction, store.boss, id)
    return { ...preview, id, state: "running", createdAt: createdAt.toISOString() }
  })
}

/** Newest first, each run would wait for one that comes after it, or not wait for it at all. */
function waitsForPast(manifest: Manifest): AppError {
  const tasks = [...pastGatesOf(manifest).keys()].slice(0, 3).join(", ")
  const message = `Tasks of ${manifest.id} wait for the run before theirs (${tasks}), so it can only be loaded oldest first; choose order "oldest".`
  return new AppError("backfill.invalid", message, { kind: "config" })
}

function partitionsOf(manifest: Manifest, request: { from: string; to: string }): Partition[] {
  if (manifest.partition === null) {
    throw new AppError(
      "backfill.invalid",
      `Pipeline ${manifest.id} is not partitioned; set partition: "day" (or hour, week, month) to backfill it by range.`,
      { kind: "config" },
    )
  }
  const timezone = zoneOf(manifest)
  // Dates name days of the pipeline's zone. Noon UTC lies within the named day in all zones but the two farthest east.
  const first = partitionInterval("day", timezone, new Date(`${request.from}T12:00:00Z`)).start
  const last = partitionInterval("day", timezone, new Date(`${request.to}T12:00:00Z`)).end
  if (last <= first) {
    throw new AppError("backfill.invalid", `The range ends (${request.to}) before it starts (${request.from}).`)
  }
  return partitionsBetween(manifest.partition, timezone, first, last, MAX_SLOTS)
}

async function readHistory(
  transaction: Transaction,
  pipelineId: string,
  partitions: readonly Partition[],
): Promise<PartitionHistory> {
  const { rows } = await transaction.query<{ key: string; state: RunState }>(
    `select distinct on (partition_key) partition_key as key, state
     from run
     where pipeline_id = $1 and partition_key = any ($2::text[])
     order by partition_key, id desc`,
    [pipelineId, partitions.map((partition) => partition.key)],
  )
  const live = (state: RunState) => (state === "queued" || state === "cancelling" ? "running" : state)
  return new Map(rows.map((row) => [row.key, { state: live(row.state) }]))
}

/** Slots times the median duration of the pipeline's last 30 successful runs, shared by those that run at a time. */
async function estimate(
  transaction: Transaction,
  pipelineId: string,
  slots: number,
  concurrency: number,
): Promise<number | null> {
  const { rows } = await transaction.query<{ medianMs: number | null }>(
    `select percentile_cont(0.5) within group (order by extract(epoch from finished_at - started_at) * 1000)::float8
              as "medianMs"
     from (select started_at, finished_at from run
           where pipeline_id = $1 and state = 'success'
           order by id desc limit 30) recent`,
    [pipelineId],
  )
  const medianMs = rows[0]?.medianMs ?? null
  return medianMs === null ? null : Math.ceil(slots / concurrency) * medianMs
}

function present(
  request: z.output<typeof createBackfillSchema> & { actor: string },
  plan: readonly BackfillSlotPlan[],
  history: PartitionHistory,
  estimateMs: number | null,
): Backfill {
  const create = plan.filter((slot) => slot.action === "create").length
  return {
    id: null,
    pipelineId: request.pipelineId,
    state: null,
    selection: request.selection,
    order: request.order,
    concurrency: request.concurrency,
    createdBy: request.actor,
    createdAt: null,
    finishedAt: null,
    slots: plan.map((slot) => ({
      partitionKey: slot.partition.key,
      logicalAt: slot.partition.start.toISOString(),
      intervalEnd: slot.partition.end.toISOString(),
      action: slot.action,
      reason: slot.reason,
      runId: null,
      runState: null,
      lastState: history.get(slot.partition.key)?.state ?? null,
    })),
    counts: { total: plan.length, create, skip: plan.length - create, done: 0, failed: 0, running: 0 },
    estimateMs,
  }
}
