import { deadlinesOf } from "../contracts/manifest-deadlines.ts"
import { schedulesOf } from "../contracts/manifest-schedule.ts"
import { dueRun, nextDueTick } from "../domain/due-runs.ts"
import type { Store } from "../store/client.ts"
import { insertDeadlines, lockDueClock, moveClock, type NewDeadline } from "../store/deadlines.ts"
import { inTransaction, type Transaction } from "../store/transaction.ts"
import { placed } from "./plan-deadlines.ts"
import { currentVersion } from "./trigger-run.ts"

/** Ticks of one schedule planned by one transaction. */
const MAX_TICKS = 200

/**
 * Plans the deadlines of all ticks that have come, whether or not a run was created for them: paused pipelines, queues and
 * stopped schedulers make nothing less late. Safe in any number of processes; a tick is planned once.
 */
export async function planTickDeadlines(store: Store, now: Date): Promise<number> {
  let planned = 0
  for (;;) {
    const count = await inTransaction(store.pool, (transaction) => planNextClock(transaction, now))
    if (count === null) return planned
    planned += count
  }
}

async function planNextClock(transaction: Transaction, now: Date): Promise<number | null> {
  const clock = await lockDueClock(transaction, now)
  if (!clock) return null
  const { pipelineId, scheduleKey } = clock
  const manifest = await currentVersion(transaction, pipelineId).then(
    (version) => version.manifest,
    () => null,
  )
  const schedule = manifest && schedulesOf(manifest).find((one) => one.key === scheduleKey)
  if (!manifest || !schedule) {
    await moveClock(transaction, pipelineId, { ...clock, nextTickAt: null })
    return 0
  }
  const deadlines: NewDeadline[] = []
  let plannedUntil = clock.plannedUntil
  let next = nextDueTick(schedule, plannedUntil)
  for (let count = 0; next !== null && next <= now && count < MAX_TICKS; count++) {
    const { intervalEnd } = dueRun(schedule, next)
    const tick = { scheduleKey, logicalAt: next, intervalEnd }
    for (const deadline of deadlinesOf(manifest).ticks) {
      deadlines.push({ ...placed(deadline, pipelineId, intervalEnd), runId: null, tick })
    }
    plannedUntil = next
    next = nextDueTick(schedule, plannedUntil)
  }
  await insertDeadlines(transaction, deadlines)
  await moveClock(transaction, pipelineId, { scheduleKey, plannedUntil, nextTickAt: next })
  return deadlines.length
}
