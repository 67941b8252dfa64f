import type { Logger } from "pino"
import type { Connections } from "#lib/server/connections.ts"
import type { Store } from "#lib/store/client.ts"
import { claimMonitors, type DueMonitor, finishMonitor, nextMonitorAt } from "#lib/store/monitors.ts"
import { Loop } from "../scheduler/loop.ts"
import { EXPECTATIONS_HOOK } from "./expectations-hook.ts"
import { FRESHNESS_HOOK } from "./freshness-hook.ts"
import type { MonitorHook } from "./monitor-hooks.ts"
import { runMonitor } from "./run-monitor.ts"
import { SERIES_HOOK } from "./series-hook.ts"

export interface Monitors {
  /** Somebody may have asked for a look. */
  wake(): void
  /** Begins nothing more; what is under way is cut off and made again by others. */
  stop(): Promise<void>
}

/** What monitors do, in this order. */
const HOOKS: readonly MonitorHook[] = [FRESHNESS_HOOK, EXPECTATIONS_HOOK, SERIES_HOOK]
/** Tables looked at at once by this worker. */
const LIMIT = 2
/** Longer than all parts together may take. */
const LEASE_MS = 300_000
const POLL_MS = 10_000

/**
 * Looks at the tables that have a monitor, each at its interval and by one worker, whether runs happen or not. A table that
 * fails, or takes long, holds up no other; its outcome is kept, and in the log.
 */
export function startMonitors(parts: {
  store: Store
  /** With sessions of its own, so that it waits for no task. */
  connections: Connections
  log: Pick<Logger, "info" | "warn">
  hooks?: readonly MonitorHook[]
  timeoutMs?: number
}): Monitors {
  const { store, connections, log, hooks = HOOKS, timeoutMs } = parts
  const stopping = new AbortController()
  const live = new Set<Promise<void>>()
  const loop = new Loop({
    everyMs: POLL_MS,
    step: async () => {
      const limit = LIMIT - live.size
      if (limit <= 0) return null
      const due = await claimMonitors(store.pool, { now: new Date(), leaseMs: LEASE_MS, limit })
      for (const monitor of due) begin(monitor)
      return due.length === limit ? null : nextMonitorAt(store.pool)
    },
    onError: (error) => log.warn({ loop: "monitors", error: String(error) }, "loop step failed"),
  })

  function begin(monitor: DueMonitor): void {
    const work: Promise<void> = look(monitor)
      .catch((error: unknown) => log.warn({ dataset: monitor.datasetId, error: String(error) }, "monitor not recorded"))
      .finally(() => {
        live.delete(work)
        loop.wake()
      })
    live.add(work)
  }

  async function look(monitor: DueMonitor): Promise<void> {
    const { datasetId } = monitor
    const call = { store, connections, datasetId, now: new Date() }
    const options = { stopping: stopping.signal, ...(timeoutMs !== undefined && { timeoutMs }) }
    const done = await runMonitor(hooks, call, options)
    // The lease brings it back.
    if (stopping.signal.aborted) return
    const failed = done.find(({ outcome }) => outcome === "failed")
    if (failed) log.warn({ dataset: datasetId, part: failed.name, error: failed.message }, "monitor failed")
    await finishMonitor(store, monitor, done, new Date())
  }

  loop.wake()
  return {
    wake: () => loop.wake(),
    async stop() {
      await loop.stop()
      stopping.abort(new Error("The worker is stopping."))
      await Promise.all(live)
    },
  }
}
