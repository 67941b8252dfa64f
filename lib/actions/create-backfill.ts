import type { z } from "zod"
import type { Backfill, createBackfillSchema } from "../contracts/api/backfills.ts"
import type { Manifest } from "../contracts/manifest.ts"
import { zoneOf } from "../contracts/manifest-schedule.ts"
import { pastGatesOf } from "../contracts/past-gates.ts"
import { type BackfillSlotPlan, estimatePlan, type PartitionHistory, planBackfill } from "../domain/backfill-plan.ts"
import { AppError } from "../domain/errors.ts"
import type { Partition } from "../domain/partition.ts"
import { parsePartitionList } from "../domain/partition-list.ts"
import { partitionScheme } from "../domain/partition-scheme.ts"
import { selectTasks } from "../domain/select-tasks.ts"
import { insertSlots, readPartitionHistory } from "../store/backfills.ts"
import type { Store } from "../store/client.ts"
import { recordEvent } from "../store/events.ts"
import { inTransaction } from "../store/transaction.ts"
import { advanceBackfill } from "./advance-backfill.ts"
import { currentVersion, parseParams } from "./trigger-run.ts"

type BackfillRequest = z.output<typeof createBackfillSchema> & { actor: string }

/** More slots than this are refused: 30 years of days, or a year of hours. */
const MAX_SLOTS = 11_000

/**
 * Plans a backfill and, unless it is a dry run, stores the plan and starts it: preview and execution are the same plan.
 * @throws AppError `pipeline.not_found`, `backfill.invalid`, `run.params_invalid`.
 */
export async function createBackfill(store: Store, request: BackfillRequest): Promise<Backfill> {
  return inTransaction(store.pool, async (transaction) => {
    const { manifest, hash } = await currentVersion(transaction, request.pipelineId)
    if (request.order === "newest" && pastGatesOf(manifest).size > 0) throw waitsForPast(manifest)
    const params = parseParams(manifest, request.params)
    const tasks = tasksOf(manifest, request)
    const partitions = partitionsOf(manifest, request)
    if (request.perRun > 1 && partitionScheme(manifest.partition!).unit === null) throw hasNoTime(manifest)
    const history = await readPartitionHistory(
      transaction,
      { id: request.pipelineId, hash, reads: readsOf(manifest) },
      partitions.map((partition) => partition.key),
    )
    const { selection, order, perRun } = request
    const plan = planBackfill({ partitions, history, selection, order, perRun })
    const preview = present({ ...request, tasks, params }, plan, history)
    if (request.dryRun) return preview
    const { create } = preview.counts
    if (create === 0) {
      throw new AppError(
        "backfill.invalid",
        `Nothing to load: all ${plan.length} partitions are skipped. Choose selection "all" to load them again.`,
      )
    }
    const { rows } = await transaction.query<{ id: string; createdAt: Date }>(
      `insert into backfill (pipeline_id, range_start, range_end, selection, params, concurrency, "order", priority, tasks,
                             created_by, per_run)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
       returning id, created_at as "createdAt"`,
      [
        request.pipelineId,
        partitions[0]!.start,
        partitions.at(-1)!.end,
        request.selection,
        JSON.stringify(params),
        request.concurrency,
        request.order,
        request.priority,
        tasks,
        request.actor,
        perRun,
      ],
    )
    const { id, createdAt } = rows[0]!
    await insertSlots(transaction, id, plan)
    await recordEvent(transaction, {
      type: "backfill.created",
      pipelineId: request.pipelineId,
      actor: request.actor,
      data: { backfillId: id, partitions: create },
    })
    await advanceBackfill(transaction, store.boss, id)
    return { ...preview, id, state: "running", createdAt: createdAt.toISOString(), slots: [] }
  })
}

/** Newest first, each run would wait for one that comes after it, or not wait for it at all. */
function waitsForPast(manifest: Manifest): AppError {
  const tasks = [...pastGatesOf(manifest).keys()].slice(0, 3).join(", ")
  const message = `Tasks of ${manifest.id} wait for the run before theirs (${tasks}), so it can only be loaded oldest first; choose order "oldest".`
  return new AppError("backfill.invalid", message, { kind: "config" })
}

function hasNoTime(manifest: Manifest): AppError {
  const message = `Partitions of ${manifest.id} have no time that they follow each other in, so each needs a run of its own; leave perRun at 1.`
  return new AppError("backfill.invalid", message, { kind: "config" })
}

function partitionsOf(manifest: Manifest, request: BackfillRequest): Partition[] {
  if (manifest.partition === null) {
    throw new AppError(
      "backfill.invalid",
      `Pipeline ${manifest.id} is not partitioned; set partition: "day" (or hour, week, month, or { keys }) to backfill it.`,
      { kind: "config" },
    )
  }
  const { from, to, partitions, keys } = request
  const scheme = partitionScheme(manifest.partition)
  const list = partitions ?? (from && to ? `${from}..${to}` : scheme.unit === null && !from && !to ? "" : null)
  if (list === null || (partitions !== undefined && (from ?? to) !== undefined)) {
    throw new AppError("backfill.invalid", "Say what to load: either from and to, or a list of partitions.")
  }
  const listed = { scheme, timezone: zoneOf(manifest), limit: MAX_SLOTS, keys, now: new Date() }
  return parsePartitionList(list, listed)
}

/** The tasks that its runs consist of; empty for all. @throws AppError `backfill.invalid` for one that does not exist. */
function tasksOf(manifest: Manifest, request: BackfillRequest): string[] {
  if (request.tasks.length === 0) return []
  const upstream = new Map(manifest.tasks.map((task) => [task.id, task.upstream]))
  const unknown = request.tasks.filter((id) => !upstream.has(id))
  if (unknown.length > 0) {
    throw new AppError("backfill.invalid", `Pipeline ${manifest.id} has no task ${unknown.join(", ")}; see its graph.`)
  }
  return selectTasks(upstream, request.tasks, request.with)
}

/** Datasets that the pipeline reads and does not write itself. */
function readsOf(manifest: Manifest): string[] {
  const written = new Set(manifest.tasks.flatMap((task) => task.writes))
  return [...new Set(manifest.tasks.flatMap((task) => task.reads))].filter((dataset) => !written.has(dataset))
}

function present(request: BackfillRequest, plan: readonly BackfillSlotPlan[], history: PartitionHistory): Backfill {
  const create = plan.filter((slot) => slot.action === "create").length
  const estimate = estimatePlan(plan, history, request.concurrency)
  return {
    id: null,
    pipelineId: request.pipelineId,
    state: null,
    selection: request.selection,
    order: request.order,
    concurrency: request.concurrency,
    perRun: request.perRun,
    priority: request.priority,
    params: request.params,
    tasks: request.tasks,
    createdBy: request.actor,
    createdAt: null,
    finishedAt: null,
    pauseReason: null,
    slots: plan.map((slot, position) => {
      const facts = history.get(slot.partition.key)
      return {
        position,
        group: slot.group,
        partitionKey: slot.partition.key,
        logicalAt: slot.partition.start.toISOString(),
        intervalEnd: slot.partition.end.toISOString(),
        action: slot.action,
        reason: slot.reason,
        runId: null,
        runState: null,
        lastState: facts?.state ?? null,
        isStale: facts?.stale != null,
        lastRows: facts?.rows ?? null,
        lastDurationMs: facts?.durationMs ?? null,
      }
    }),
    counts: { total: plan.length, create, skip: plan.length - create, done: 0, failed: 0, cancelled: 0, running: 0 },
    rowsLoaded: null,
    rowsPerSecond: null,
    estimateMs: estimate.durationMs,
    estimateRows: estimate.rows,
  }
}
