import { randomUUID } from "node:crypto"
import os from "node:os"
import { createAuthorPool } from "#jobs/author/author-pool.ts"
import { operators } from "#jobs/operators/registry.ts"
import type { WorkerId } from "#lib/domain/ids.ts"
import { readConfig } from "#lib/server/config.ts"
import { createConnections, WAREHOUSE } from "#lib/server/connections.ts"
import { openContainer } from "#lib/server/container.ts"
import { log } from "#lib/server/log.ts"
import { HEADRACE_VERSION } from "#lib/server/version.ts"
import { keepEnvironmentChannels } from "#lib/store/alert-channels.ts"
import { migrate } from "#lib/store/migrate.ts"
import { registerWorker, setWorkerState } from "#lib/store/workers.ts"
import { environmentChannels } from "./alerts/environment-channels.ts"
import { startExecutor } from "./executor/start-executor.ts"
import { startFreshness } from "./freshness/start-freshness.ts"
import { startMonitors } from "./monitors/start-monitors.ts"
import { startProfiles } from "./profiles/start-profiles.ts"
import { startScheduler } from "./scheduler/start-scheduler.ts"
import { startSeries } from "./series/start-series.ts"
import { startTracing } from "./tracing/start-tracing.ts"
import { startDeliveries } from "./webhooks/start-deliveries.ts"
import { followWorkspace } from "./workspace/follow-workspace.ts"

/**
 * The worker process: executes tasks, and schedules beside every other worker. It says `{ type: "ready" }` to its parent
 * once it takes work. SIGTERM or SIGINT drains it: no new work, running tasks get time to finish, the rest is handed back.
 */
async function main(): Promise<void> {
  const config = readConfig()
  await migrate(config.databaseUrl)
  const container = await openContainer("headrace-worker", config)
  const { store, connections } = container
  const workerId = `${os.hostname()}-${process.pid}-${randomUUID().slice(0, 8)}` as WorkerId
  await registerWorker(store.pool, {
    id: workerId,
    host: os.hostname(),
    pid: process.pid,
    version: HEADRACE_VERSION,
    slots: config.workerSlots,
  })
  const author = createAuthorPool({ size: config.authorProcesses, workspaceDir: config.workspaceDir, log })
  const workspace = await followWorkspace({ store, config, connectionNames: connections.names(), log })
  await keepEnvironmentChannels(store.pool, environmentChannels(config.notifyUrls))
  const deliveries = await startDeliveries({ store, config, log })
  const scheduler = startScheduler({ store, config, connections, log })
  // Connections of their own: who watches tables must not wait for tasks, nor tasks for them.
  const watching = createConnections({ ...config, workerSlots: 5 })
  const freshness = startFreshness({ store, warehouse: watching.pool(WAREHOUSE), log })
  const monitors = startMonitors({ store, connections: watching, log })
  const series = startSeries({ store, warehouse: watching.pool(WAREHOUSE), log })
  const profiles = startProfiles({ store, connections: watching, log })
  const onWake = () => scheduler.wakeDeferrals()
  const onArrival = () => scheduler.wakeArrivals()
  const onPast = () => scheduler.wakePast()
  const onSignal = () => scheduler.wakeSignals()
  const onAlert = () => scheduler.wakeAlerts()
  const onWebhooks = () => deliveries.wake()
  const tracing = await startTracing({ store, config, log })
  const executor = await startExecutor({
    ...container,
    author,
    operators,
    workerId,
    log,
    tracing,
    onWake,
    onArrival,
    onPast,
    onSignal,
    onAlert,
    onWebhooks,
    onSeries: () => series.wake(),
    onProfile: () => profiles.wake(),
    onFreshness: () => {
      freshness.wake()
      monitors.wake()
    },
  })
  log.info({ workerId, slots: config.workerSlots }, "worker ready")
  process.send?.({ type: "ready" })

  let isStopping = false
  const stop = async (signal: string) => {
    if (isStopping) return
    isStopping = true
    log.info({ workerId, signal, live: executor.liveCount() }, "worker draining")
    try {
      await setWorkerState(store.pool, workerId, "draining")
      workspace.close()
      await Promise.all([scheduler.stop(), freshness.stop(), monitors.stop(), series.stop(), profiles.stop()])
      await executor.stop(config.drainMs)
      await author.close()
      await tracing.stop()
      await deliveries.stop()
      await setWorkerState(store.pool, workerId, "gone")
    } catch (error) {
      log.error({ error: String(error) }, "worker did not stop cleanly")
    }
    await Promise.all([connections.end(), watching.end()]).catch(() => undefined)
    await store.close().catch(() => undefined)
    log.info({ workerId }, "worker stopped")
    process.exit(0)
  }
  process.on("SIGTERM", () => void stop("SIGTERM"))
  process.on("SIGINT", () => void stop("SIGINT"))
  // The parent is gone (npm start was killed): stop as if told to.
  process.on("disconnect", () => void stop("disconnect"))
}

process.on("unhandledRejection", (error) => log.error({ error: String(error) }, "unhandled rejection"))
main().catch((error: unknown) => {
  log.fatal({ error: error instanceof Error ? error.message : String(error) }, "worker cannot start")
  process.exit(1)
})
