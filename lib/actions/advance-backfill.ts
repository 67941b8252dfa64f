import type { PgBoss } from "pg-boss"
import { AppError } from "../domain/errors.ts"
import { rangeKey } from "../domain/partition-scheme.ts"
import {
  countFailedSlots,
  countLiveRuns,
  type LockedBackfill,
  lockBackfill,
  type NextSlot,
  pauseBackfill,
  readNextSlots,
  writeSlotRuns,
} from "../store/backfills.ts"
import { recordEvent } from "../store/events.ts"
import { announce } from "../store/notify.ts"
import type { Transaction } from "../store/transaction.ts"
import { currentVersion, parseParams, type TriggerRequest, triggerRunsIn } from "./trigger-run.ts"

/**
 * Creates a backfill's next runs up to its concurrency, with as many statements as for one, and ends it when all slots are
 * done. State lies in the slots, under the backfill's row lock: after a crash at any point, the next call goes on where it
 * was, no slot twice and none missing. A paused one gets no further run, but ends where nothing is left; one that failed is
 * judged anew when somebody retried its runs. Where the pipeline's current code takes no such run, it pauses and says why.
 */
export async function advanceBackfill(transaction: Transaction, boss: PgBoss, backfillId: string): Promise<void> {
  const backfill = await lockBackfill(transaction, backfillId)
  if (!backfill || backfill.state === "success" || backfill.state === "cancelled") return
  const live = await countLiveRuns(transaction, backfillId)
  const free = Math.max(0, backfill.concurrency - live)
  const next = await readNextSlots(transaction, backfillId, Math.max(1, free) * backfill.perRun)
  if (backfill.state === "running" && free > 0 && next.length > 0) {
    await launch(transaction, boss, backfill, groupsOf(next).slice(0, free))
  }
  await announce(transaction, [{ type: "backfill", id: backfillId }])
  if (next.length === 0 && live === 0) await endBackfill(transaction, backfill)
}

async function launch(
  transaction: Transaction,
  boss: PgBoss,
  backfill: LockedBackfill,
  groups: readonly NextSlot[][],
): Promise<void> {
  const version = await launchableVersion(transaction, backfill)
  if (!version) return
  const runs = await triggerRunsIn(
    transaction,
    boss,
    version,
    groups.map((slots) => requestOf(backfill, slots)),
  )
  const made = groups.flatMap((slots, place) => slots.map(({ position }) => ({ position, runId: runs[place]!.runId })))
  await writeSlotRuns(transaction, backfill.id, made)
}

/** Null, and the backfill paused, where its pipeline is gone or has other params now: nothing was written before. */
async function launchableVersion(transaction: Transaction, backfill: LockedBackfill) {
  try {
    const version = await currentVersion(transaction, backfill.pipelineId)
    parseParams(version.manifest, backfill.params)
    return version
  } catch (error) {
    const isConfig =
      error instanceof AppError && ["pipeline.not_found", "pipeline.invalid", "run.params_invalid"].includes(error.code)
    if (!isConfig) throw error
    await pauseBackfill(transaction, backfill.id, error.message)
    await recordEvent(transaction, {
      type: "backfill.paused",
      pipelineId: backfill.pipelineId,
      data: { backfillId: backfill.id, reason: error.message },
    })
    return null
  }
}

/** Slots of one run stand side by side. */
function groupsOf(slots: readonly NextSlot[]): NextSlot[][] {
  const groups: NextSlot[][] = []
  for (const slot of slots) {
    const open = groups.at(-1)
    if (open && open[0]!.group === slot.group) open.push(slot)
    else groups.push([slot])
  }
  return groups
}

function requestOf(backfill: LockedBackfill, slots: readonly NextSlot[]): TriggerRequest {
  const ordered = slots.toSorted((a, b) => a.logicalAt.getTime() - b.logicalAt.getTime())
  const [first, last] = [ordered[0]!, ordered.at(-1)!]
  const keys = ordered.map((slot) => slot.partitionKey)
  return {
    pipelineId: backfill.pipelineId,
    kind: "backfill",
    scheduleKey: first.tries === 0 ? "" : `try ${first.tries + 1}`,
    logicalAt: first.logicalAt,
    intervalStart: first.logicalAt,
    intervalEnd: last.intervalEnd,
    partitionKey: rangeKey(keys),
    partitionKeys: keys,
    params: backfill.params,
    actor: backfill.createdBy,
    reason: `backfill ${backfill.id}`,
    backfillId: backfill.id,
    priority: backfill.priority,
    tasks: backfill.tasks,
  }
}

async function endBackfill(transaction: Transaction, backfill: LockedBackfill): Promise<void> {
  const failed = await countFailedSlots(transaction, backfill.id)
  const state = failed > 0 ? "failed" : "success"
  if (state === backfill.state) return
  await transaction.query("update backfill set state = $2, finished_at = now(), pause_reason = null where id = $1", [
    backfill.id,
    state,
  ])
  await recordEvent(transaction, {
    type: `backfill.${state}`,
    pipelineId: backfill.pipelineId,
    data: { backfillId: backfill.id, failed },
  })
}
