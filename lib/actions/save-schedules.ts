import type { Manifest } from "../contracts/manifest.ts"
import { NO_TRIGGERS, schedulesOf } from "../contracts/manifest-schedule.ts"
import { dueRuns } from "../domain/due-runs.ts"
import type { Schedule } from "../domain/schedule.ts"
import { writeSubscriptions } from "../store/arrivals.ts"
import { readSchedules, type ScheduleState, writeSchedules } from "../store/schedules.ts"
import type { Transaction } from "../store/transaction.ts"

/**
 * Makes a version's schedules and triggers the ones in force. A schedule goes on where it was; one that is new goes on where
 * those that it replaces were, so that an edited rule neither repeats nor loses an interval; else it begins at its start date,
 * or now.
 */
export async function saveSchedules(transaction: Transaction, manifest: Manifest, now: Date): Promise<void> {
  const known = new Map((await readSchedules(transaction, manifest.id)).map((state) => [state.key, state]))
  const schedules = automaticSchedules(manifest)
  const wanted = new Set(schedules.map((schedule) => schedule.key))
  const retired = [...known.values()].filter((state) => state.isCurrent && !wanted.has(state.key))
  const handled = retired.reduce<Date | null>((newest, { lastLogicalAt }) => latest(newest, lastLogicalAt), null)
  const current = schedules.map((schedule): ScheduleState => {
    const state = known.get(schedule.key)
    const inherited = state?.isCurrent ? null : handled
    const begin = state ? null : schedule.startAt === null ? (inherited ?? now) : null
    const lastLogicalAt = latest(latest(state?.lastLogicalAt ?? null, inherited), begin)
    return { key: schedule.key, isCurrent: true, lastLogicalAt, nextRunAt: firstRunAt(schedule, lastLogicalAt, now) }
  })
  const gone = retired.map((state) => ({ ...state, isCurrent: false, nextRunAt: null }))
  await writeSchedules(transaction, manifest.id, [...current, ...gone])
  await writeSubscriptions(transaction, manifest.id, manifest.triggers)
}

/** A pipeline that is gone waits for nothing; where its schedules were is kept. */
export async function retireSchedules(transaction: Transaction, pipelineId: string): Promise<void> {
  const known = await readSchedules(transaction, pipelineId)
  const gone = known.map((state) => ({ ...state, isCurrent: false, nextRunAt: null }))
  await writeSchedules(transaction, pipelineId, gone)
  await writeSubscriptions(transaction, pipelineId, NO_TRIGGERS)
}

/** All that ticks for a pipeline: its schedules, and the latest time of its datasets. */
export function automaticSchedules(manifest: Manifest): Schedule[] {
  const { datasets } = manifest.triggers
  return [...schedulesOf(manifest), ...(datasets?.latest ? [datasets.latest] : [])]
}

function firstRunAt(schedule: Schedule, lastLogicalAt: Date | null, now: Date): Date | null {
  const due = dueRuns({ schedule, lastLogicalAt, now })
  const first = due.runs[0]
  return first ? new Date(first.logicalAt.getTime() + schedule.delayMs) : due.nextRunAt
}

function latest(one: Date | null, other: Date | null): Date | null {
  return one === null || other === null ? (one ?? other) : one > other ? one : other
}
