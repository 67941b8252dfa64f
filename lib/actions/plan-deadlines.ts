import type { Manifest } from "../contracts/manifest.ts"
import { deadlinesOf, type PlacedDeadline } from "../contracts/manifest-deadlines.ts"
import { schedulesOf } from "../contracts/manifest-schedule.ts"
import { deadlineDueAt } from "../domain/deadline.ts"
import { nextDueTick } from "../domain/due-runs.ts"
import type { RunId } from "../domain/ids.ts"
import {
  insertDeadlines,
  type NewClock,
  type NewDeadline,
  readClocks,
  restartDeadlines,
  setTimeLimits,
  writeClocks,
} from "../store/deadlines.ts"
import type { LockedRun } from "../store/runs.ts"
import type { Transaction } from "../store/transaction.ts"
import { type PipelineVersion, readVersion } from "../store/versions.ts"

/** Plans what counts from runs' creation. Costs nothing where their version has no such deadlines. */
export async function planRunDeadlines(
  transaction: Transaction,
  version: PipelineVersion,
  runs: readonly { id: RunId; pipelineId: string }[],
): Promise<void> {
  const now = new Date()
  const { queued } = deadlinesOf(version.manifest)
  await insertDeadlines(
    transaction,
    runs.flatMap((run) => queued.map((deadline) => ofRun(deadline, run, now))),
  )
}

/** Starts, or starts anew, the clocks of locked runs that are running: deadlines of their length, and their time limits. */
export async function startClocks(transaction: Transaction, runs: Iterable<LockedRun>): Promise<void> {
  const now = new Date()
  const limits: { id: RunId; timeoutMs: number }[] = []
  const deadlines: NewDeadline[] = []
  for (const run of runs) {
    if (run.state !== "running") continue
    const { manifest } = await readVersion(transaction, run.versionId)
    if (manifest.timeoutMs !== null) limits.push({ id: run.id, timeoutMs: manifest.timeoutMs })
    deadlines.push(...deadlinesOf(manifest).started.map((deadline) => ofRun(deadline, run, now)))
  }
  await setTimeLimits(transaction, limits)
  await restartDeadlines(transaction, deadlines)
}

/**
 * Makes a version's deadlines the ones in force for the ticks to come. Ticks before `now` of a schedule that had no
 * deadlines so far are let be.
 */
export async function saveDeadlineClocks(transaction: Transaction, manifest: Manifest, now: Date): Promise<void> {
  const schedules = deadlinesOf(manifest).ticks.length === 0 ? [] : schedulesOf(manifest)
  const known = await readClocks(transaction, manifest.id)
  await writeClocks(
    transaction,
    manifest.id,
    schedules.map((schedule): NewClock => {
      const plannedUntil = known.get(schedule.key) ?? now
      return { scheduleKey: schedule.key, plannedUntil, nextTickAt: nextDueTick(schedule, plannedUntil) }
    }),
  )
}

function ofRun(deadline: PlacedDeadline, run: { id: RunId; pipelineId: string }, from: Date): NewDeadline {
  return { ...placed(deadline, run.pipelineId, from), runId: run.id, tick: null }
}

/** A deadline as it is planned, counted from `from`. */
export function placed({ key, taskId, rule, notify }: PlacedDeadline, pipelineId: string, from: Date) {
  return { pipelineId, key, taskId, rule, channel: notify, dueAt: deadlineDueAt(rule, from) }
}
