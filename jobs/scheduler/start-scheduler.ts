import type { Logger } from "pino"
import { applyRetention } from "#lib/actions/apply-retention.ts"
import { consumeSignals, sweepConditions } from "#lib/actions/consume-signals.ts"
import { completeLateDeadlines, judgeDeadlines } from "#lib/actions/judge-deadlines.ts"
import { planTickDeadlines } from "#lib/actions/plan-tick-deadlines.ts"
import { promoteRetries } from "#lib/actions/promote-retries.ts"
import { reapAttempts } from "#lib/actions/reap-attempts.ts"
import { releasePast } from "#lib/actions/release-past.ts"
import { scheduleDueRuns } from "#lib/actions/schedule-due-runs.ts"
import { sweepRuns } from "#lib/actions/sweep-runs.ts"
import { sweepWaits } from "#lib/actions/sweep-waits.ts"
import { timeOutRuns } from "#lib/actions/time-out-runs.ts"
import { triggerArrivedRuns } from "#lib/actions/trigger-arrived-runs.ts"
import { wakeDeferrals } from "#lib/actions/wake-deferrals.ts"
import type { Config } from "#lib/server/config.ts"
import type { Connections } from "#lib/server/connections.ts"
import type { Store } from "#lib/store/client.ts"
import { nextDeadlineAt } from "#lib/store/deadlines.ts"
import { readBlockers } from "#lib/store/read/blockers.ts"
import { deliverAlerts } from "../alerts/deliver-alerts.ts"
import { Loop } from "./loop.ts"

export interface Scheduler {
  /** A wait may be over. */
  wakeDeferrals(): void
  /** Looks at once for what has arrived and may start a run. */
  wakeArrivals(): void
  /** Looks at once for tasks that may go because an earlier run has moved on. */
  wakePast(): void
  /** Looks at once for what may be trouble. */
  wakeSignals(): void
  /** Looks at once for messages of incidents. */
  wakeAlerts(): void
  stop(): Promise<void>
}

/** Our own transactions take milliseconds. */
const BLOCKER_SECONDS = 3

/**
 * The loops that every worker runs and that any number of workers may run at once: due schedules, due retries, waits that
 * are over, deadlines and their alerts, dead attempts, leftovers, retention. Each is a backstop poll that also wakes at the
 * next known instant.
 */
export function startScheduler(parts: {
  store: Store
  config: Config
  connections: Connections
  log: Logger
}): Scheduler {
  const { store, config, connections, log } = parts
  const loop = (name: string, everyMs: number, step: () => Promise<Date | null | undefined>) =>
    new Loop({ everyMs, step, onError: (error) => log.warn({ loop: name, error: String(error) }, "loop step failed") })

  // A worker that was cut off from the database must not judge others by heartbeats they could not send either.
  let trustedFrom = Date.now() + config.heartbeatTimeoutMs / 2
  const reap = async () => {
    if (Date.now() < trustedFrom) return null
    const reaped = await reapAttempts(store, config.heartbeatTimeoutMs)
    if (reaped.length > 0) log.warn({ attempts: reaped }, "reaped attempts of silent workers")
    return null
  }

  const report = (pipelineId: string, error: unknown) =>
    log.error({ pipeline: pipelineId, error: String(error) }, "run not created")
  const arrivals = loop("arrivals", 1_000, async () => {
    const { created } = await triggerArrivedRuns(store, report)
    if (created > 0) log.info({ created }, "runs created for what arrived")
    return null
  })

  let wasWaiting = false
  /** Says what holds up the database, for those who look into the log because nothing moves. */
  const watchDatabase = async () => {
    const { waitingCount, totalCount } = store.pool
    // Once is nothing: a worker that has just started opens its connections.
    if (waitingCount > 0 && wasWaiting) {
      log.warn({ waiting: waitingCount, connections: totalCount }, "all database connections of this worker are busy")
    }
    wasWaiting = waitingCount > 0
    for (const blocker of await readBlockers(store.pool, BLOCKER_SECONDS)) {
      log.warn(
        blocker,
        `a database session holds locks that others wait for; end it with select pg_terminate_backend(${blocker.pid})`,
      )
    }
    return null
  }

  const signals = loop("signals", 5_000, async () => {
    await consumeSignals(store, (error) => log.error({ error: String(error) }, "signal set aside"))
    return sweepConditions(store, new Date())
  })
  const past = loop("past", 5_000, async () => {
    await releasePast(store)
    return null
  })
  const deadlines = loop("deadlines", 1_000, async () => {
    const now = new Date()
    await planTickDeadlines(store, now)
    const { missed } = await judgeDeadlines(store, now)
    const stopped = await timeOutRuns(store)
    if (missed > 0 || stopped > 0) log.warn({ missed, stopped }, "deadlines missed, runs stopped at their time limit")
    return nextDeadlineAt(store.pool)
  })
  const alerts = loop("alerts", 2_000, () => deliverAlerts({ store, connections, publicUrl: config.publicUrl, log }))

  const deferrals = loop("deferrals", 1_000, () => wakeDeferrals(store))
  const loops = [
    deferrals,
    past,
    signals,
    deadlines,
    alerts,
    arrivals,
    loop("database", 5_000, watchDatabase),
    loop("schedule", 1_000, async () => {
      const { created, nextRunAt } = await scheduleDueRuns(store, new Date(), report)
      if (created > 0) log.info({ created }, "scheduled runs created")
      return nextRunAt
    }),
    loop("retries", 1_000, () => promoteRetries(store)),
    new Loop({
      everyMs: config.heartbeatTimeoutMs / 4,
      step: reap,
      onError: (error) => {
        trustedFrom = Date.now() + config.heartbeatTimeoutMs
        log.warn({ loop: "reap", error: String(error) }, "loop step failed")
      },
    }),
    loop("sweep", 5_000, async () => {
      await sweepRuns(store)
      await completeLateDeadlines(store)
      await sweepWaits(store)
      return null
    }),
    loop("retention", 3_600_000, async () => {
      const { runs } = await applyRetention(store, config.retentionDays)
      if (runs > 0) log.info({ runs, days: config.retentionDays }, "old runs deleted")
      return null
    }),
  ]
  for (const each of loops) each.wake()
  return {
    wakeDeferrals: () => deferrals.wake(),
    wakeArrivals: () => arrivals.wake(),
    wakePast: () => past.wake(),
    wakeSignals: () => signals.wake(),
    wakeAlerts: () => alerts.wake(),
    async stop() {
      await Promise.all(loops.map((each) => each.stop()))
    },
  }
}
