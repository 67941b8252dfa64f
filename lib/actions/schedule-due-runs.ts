import { dueRuns } from "../domain/due-runs.ts"
import { previousTick, type Schedule } from "../domain/schedule.ts"
import { scheduleText } from "../domain/schedule-text.ts"
import { latestRun } from "../domain/trigger-arrivals.ts"
import { consumeArrivals, hasDatasetRun, readArrivals } from "../store/arrivals.ts"
import type { Store } from "../store/client.ts"
import {
  lockDuePipeline,
  nextDueAt,
  postponeDue,
  readSchedules,
  type ScheduleState,
  writeSchedules,
} from "../store/schedules.ts"
import { inTransaction, type Transaction } from "../store/transaction.ts"
import type { PipelineVersion } from "../store/versions.ts"
import { automaticSchedules } from "./save-schedules.ts"
import { triggerRunFor } from "./trigger-arrived-runs.ts"
import { currentVersion, type TriggerRequest, triggerEachKeyIn } from "./trigger-run.ts"

const MINUTE_MS = 60_000

/**
 * Creates the runs that are due at `now`, one pipeline a transaction. Safe to run in any number of processes: the
 * pipeline's row is locked and skipped by the others, and a run is unique by its schedule and logical time. Returns when to
 * look again at the latest, or null when nothing is scheduled.
 */
export async function scheduleDueRuns(
  store: Store,
  now: Date,
  onError: (pipelineId: string, error: unknown) => void,
): Promise<{ created: number; nextRunAt: Date | null }> {
  let created = 0
  const failed: string[] = []
  for (;;) {
    let pipelineId: string | null = null
    try {
      const count = await inTransaction(store.pool, async (transaction) => {
        pipelineId = await lockDuePipeline(transaction, now, failed)
        return pipelineId === null ? 0 : runDueSchedules(transaction, store.boss, pipelineId, now)
      })
      if (pipelineId === null) break
      created += count
    } catch (error) {
      onError(pipelineId ?? "", error)
      if (pipelineId === null) break
      failed.push(pipelineId)
    }
  }
  // What cannot be created now (params without a default, say) is tried again in a minute, not in a busy loop.
  if (failed.length > 0) await postponeDue(store.pool, failed, now, new Date(now.getTime() + MINUTE_MS))
  return { created, nextRunAt: await nextDueAt(store.pool, now) }
}

/** All due schedules of a locked pipeline. */
async function runDueSchedules(
  transaction: Transaction,
  boss: Store["boss"],
  pipelineId: string,
  now: Date,
): Promise<number> {
  const version = await currentVersion(transaction, pipelineId)
  const states = new Map((await readSchedules(transaction, pipelineId)).map((state) => [state.key, state]))
  const written: ScheduleState[] = []
  let created = 0
  for (const schedule of automaticSchedules(version.manifest)) {
    const state = states.get(schedule.key)
    if (!state?.nextRunAt || state.nextRunAt > now) continue
    const due = dueRuns({ schedule, lastLogicalAt: state.lastLogicalAt, now })
    for (const run of due.runs) {
      const request = {
        pipelineId,
        scheduleKey: schedule.key,
        actor: "schedule",
        reason: scheduleText(schedule),
        ...run,
      }
      const isNew =
        schedule === version.manifest.triggers.datasets?.latest
          ? await runAtLatest(transaction, boss, version, schedule, request)
          : (await triggerEachKeyIn(transaction, boss, { ...request, kind: "schedule" })).created
      if (isNew) created++
    }
    const lastLogicalAt = due.runs.at(-1)?.logicalAt ?? state.lastLogicalAt
    written.push({ ...state, lastLogicalAt, nextRunAt: due.nextRunAt })
  }
  await writeSchedules(transaction, pipelineId, written)
  return created
}

/** The latest time of a pipeline that waits for datasets: runs it with what has arrived, unless all had come in time. */
async function runAtLatest(
  transaction: Transaction,
  boss: Store["boss"],
  version: PipelineVersion,
  schedule: Schedule,
  request: Omit<TriggerRequest, "kind"> & { logicalAt: Date },
): Promise<boolean> {
  const { pipelineId, logicalAt } = request
  const since = previousTick(schedule, logicalAt) ?? new Date(0)
  if (await hasDatasetRun(transaction, pipelineId, since, logicalAt)) return false
  const arrivals = (await readArrivals(transaction, pipelineId)).filter((arrival) => arrival.source === "dataset")
  const run = latestRun(version.manifest.triggers, arrivals)
  const { runId, created } = await triggerRunFor(transaction, boss, version, run, request)
  await consumeArrivals(transaction, run.arrivals, { runId })
  return created
}
